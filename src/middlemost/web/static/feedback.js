// What one is told of one's own answers: to say that one has read it.

import { post } from "./api.js";
import { attempt } from "./attempt.js";
import { ready } from "./ready.js";
import "./times.js";

for (const button of document.querySelectorAll("[data-read]"))
  button.addEventListener("click", () => {
    const place = document.getElementById(`read-${button.dataset.read}`);
    attempt(button, place, async () => {
      await post("/api/own-feedback", { feedback: Number(button.dataset.read) });
      place.textContent = "Thank you: it is noted that you have read this.";
      place.tabIndex = -1;
      place.focus();
      button.parentElement.remove();
    });
  });

ready("feedback");

// Calibration rounds and feedback on the desk: begun, spoken of, closed and sent in place.

import { post } from "./api.js";
import { attempt } from "./attempt.js";
import { ready } from "./ready.js";

const $ = (id) => document.getElementById(id);
let number = null; // of the round on the page

/* ---- to begin ---- */

const begin = document.querySelector("[data-begin]");

function showWay() {
  const { value } = begin.elements.way;
  for (const part of begin.querySelectorAll("[data-way]")) {
    part.hidden = !part.dataset.way.split(" ").includes(value);
    part.querySelector("input").disabled = part.hidden;
  }
}

async function chosen({ way, n, file, seed }) {
  if (way !== "file") return { [way]: Number(n), ...(way === "sample" && { seed: Number(seed) }) };
  if (!file?.name) throw { message: "Choose a file.", mend: "" };
  if (file.size > Number(begin.elements.file.dataset.most)) throw { message: "This file is too large for the desk.", mend: "Begin the round on the command line: middlemost calibrate." };
  return { file: { name: file.name, text: await file.text() } };
}

begin?.addEventListener("change", showWay);
begin?.addEventListener("submit", (event) => {
  event.preventDefault();
  attempt(event.submitter, $("begin-words"), async () => {
    const given = Object.fromEntries(new FormData(begin));
    const named = given.raters.split(/[\s,;]+/).filter(Boolean);
    const about = { name: given.name, purpose: given.purpose, first: given.first === "on", raters: named.length ? named : null };
    const made = await post("/api/calibrations", { ...about, ...(await chosen(given)) });
    location.assign(`/desk/rounds/${made.number}`);
  });
});
if (begin) showWay();

/* ---- what is right, and closing ---- */

const CLOSING = {
  yes: "Its raters are told at once how it went, with what is written here. Nothing can be added after that.",
  no: "Its raters are told nothing of how it went.",
};

addEventListener("click", (event) => {
  const say = event.target.closest?.("[data-say]");
  const close = event.target.closest?.("[data-close]");
  if (say) openSaying(say.dataset);
  if (close) openClosing(close.dataset);
});

function openSaying({ say: item, label, why }) {
  $("say-title").textContent = item;
  $("say-form").dataset.item = item;
  if ($("say-label")) $("say-label").value = label;
  $("say-why").value = why;
  $("say-words").textContent = "";
  $("say").showModal();
  ($("say-label") ?? $("say-why")).focus();
}

function openClosing({ close, number: which }) {
  number = which;
  $("closing-words").textContent = CLOSING[close];
  $("close-form").dataset.feedback = close;
  $("closing-trouble").textContent = "";
  $("closing").showModal();
}

$("say-form")?.addEventListener("submit", (event) => {
  event.preventDefault();
  const { number: round, item } = event.target.dataset;
  attempt(event.submitter, $("say-words"), async () => {
    const { label, why } = Object.fromEntries(new FormData(event.target));
    await post(`/api/calibrations/${round}/notes`, { item, label: label || null, why: why || null });
    location.reload();
  });
});
$("close-form")?.addEventListener("submit", (event) => {
  event.preventDefault();
  attempt(event.submitter, $("closing-trouble"), async () => {
    await post(`/api/calibrations/${number}/close`, { feedback: event.target.dataset.feedback === "yes" });
    location.reload();
  });
});

/* ---- feedback to one rater ---- */

document.querySelector("[data-feedback]")?.addEventListener("submit", (event) => {
  event.preventDefault();
  const form = event.target;
  attempt(event.submitter, $("feedback-words"), async () => {
    const given = new FormData(form);
    await post("/api/feedback", { rater: form.dataset.feedback, note: given.get("note").trim() || null, items: given.getAll("item") });
    location.reload();
  });
});

ready("rounds");

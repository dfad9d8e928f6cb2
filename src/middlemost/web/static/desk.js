// The desk's pages follow the answers without a reload; links and decisions are made in place.

import { freshKey, post } from "./api.js";
import { attempt } from "./attempt.js";
import { enable, ready } from "./ready.js";
import { localTimes } from "./times.js";

const LOOK_EVERY = 3_000;
const $ = (id) => document.getElementById(id);

/* ---- figures that follow ---- */

const shown = new Map([...document.querySelectorAll("[data-live]")].map((part) => [part.id, part.innerHTML]));
let mark = "";
let missed = 0;

async function follow() {
  if (document.hidden || !shown.size) return;
  try {
    const headers = { Accept: "text/html", ...(mark && { "If-None-Match": mark }) };
    const response = await fetch(location.href, { headers, cache: "no-store", credentials: "same-origin" });
    if (response.ok) renew(await response.text(), response.headers.get("etag") ?? "");
    else if (response.status !== 304) throw new Error(response.statusText);
    missed = 0;
  } catch {
    missed += 1;
  }
  tell($("lost"), missed > 1 ? "The server does not answer: these figures are the last that came. Trying again." : "");
}

function renew(html, newMark) {
  mark = newMark;
  const fresh = new DOMParser().parseFromString(html, "text/html");
  for (const [id, before] of shown) {
    const now = fresh.getElementById(id)?.innerHTML;
    // What somebody is in the middle of reading by keyboard is not pulled from under them.
    if (now === undefined || now === before || $(id).contains(document.activeElement)) continue;
    $(id).innerHTML = now;
    shown.set(id, now);
    localTimes($(id));
    enable($(id));
  }
}

function tell(place, words) {
  if (place.textContent !== words) place.textContent = words;
}

/* ---- invites ---- */

async function makeLink(body) {
  try {
    const { link } = await post("/api/invites", body);
    $("made").hidden = false;
    $("link").value = link;
    $("link").focus();
    $("link").select();
    tell($("invite-words"), "");
  } catch (problem) {
    tell($("invite-words"), `${problem.message} ${problem.mend}`);
  }
}

document.querySelector("[data-invite]")?.addEventListener("submit", (event) => {
  event.preventDefault();
  const { uses, name, rounds, role } = Object.fromEntries(new FormData(event.target));
  makeLink({ uses: Number(uses), rounds: Number(rounds), role, name: name.trim() || null });
});
addEventListener("click", (event) => {
  const again = event.target.closest?.("[data-again]");
  if (again) makeLink({ person: again.dataset.again });
});
$("copy")?.addEventListener("click", async () => {
  $("link").select();
  const copied = await navigator.clipboard?.writeText($("link").value).then(() => true, () => false);
  $("copy").textContent = (copied ?? document.execCommand("copy")) ? "Copied" : "Press Ctrl+C";
  setTimeout(() => ($("copy").textContent = "Copy"), 2_000);
});

/* ---- taking it along ---- */

addEventListener("click", async (event) => {
  const button = event.target.closest?.("[data-export]");
  if (!button || button.disabled) return;
  button.disabled = true;
  try {
    await post("/api/exports", { format: button.dataset.export }, freshKey());
    tell($("export-words"), "");
    await follow();
  } catch (problem) {
    tell($("export-words"), `${problem.message} ${problem.mend}`);
  } finally {
    button.disabled = false;
    button.focus();
  }
});

/* ---- who is let in ---- */

addEventListener("click", (event) => {
  const button = event.target.closest?.("[data-applicant]");
  if (!button) return;
  attempt(button, $("applicant-words"), async () => {
    await post("/api/applicants", { applicant: Number(button.dataset.applicant), action: button.dataset.action });
    location.reload();
  });
});

/* ---- who may begin ---- */

const ACTIONS = {
  admit: (rater) => [`Let ${rater} in`, "They begin without having passed. The reason is recorded."],
  again: (rater) => [`Send ${rater} to training again`, "Before their next item they go through training and test once more. The reason is recorded."],
};

addEventListener("click", (event) => {
  const button = event.target.closest?.("[data-course]");
  if (!button) return;
  const { course: rater, action } = button.dataset;
  [$("course-title").textContent, $("course-words").textContent] = ACTIONS[action](rater);
  Object.assign($("course-form").dataset, { rater, action });
  $("course-form").reset();
  tell($("course-trouble"), "");
  $("course").showModal();
  $("course-reason").focus();
});
$("course-form")?.addEventListener("submit", (event) => {
  event.preventDefault();
  const { rater, action } = event.target.dataset;
  attempt(event.submitter, $("course-trouble"), async () => {
    await post("/api/admissions", { rater, action, reason: new FormData(event.target).get("reason") });
    location.reload();
  });
});

/* ---- whose access is taken away ---- */

const ACCESS = {
  close: (rater) => [`Take ${rater}’s access away?`, "They can no longer sign in: sessions, password, accounts and links end, and the items they hold go back. What they answered stays. You can give it back.", "Take it away"],
  reopen: (rater) => [`Give ${rater} access again?`, "They may sign in again. Make them a new link afterwards: their old ones no longer work.", "Give it back"],
};

addEventListener("click", (event) => {
  const button = event.target.closest?.("[data-access]");
  if (!button) return;
  const { access: person, action } = button.dataset;
  [$("access-title").textContent, $("access-words").textContent, $("access-do").textContent] = ACCESS[action](person);
  Object.assign($("access-form").dataset, { person, action });
  tell($("access-trouble"), "");
  $("access").showModal();
});
$("access-form")?.addEventListener("submit", (event) => {
  event.preventDefault();
  const { person, action } = event.target.dataset;
  attempt(event.submitter, $("access-trouble"), async () => {
    await post("/api/people", { person, action });
    location.reload();
  });
});

/* ---- decisions ---- */

let decisionKey = freshKey(); // the same for a second try, so that a reply that was lost makes no second decision

document.querySelector("[data-decide]")?.addEventListener("input", () => (decisionKey = freshKey()));
document.querySelector("[data-decide]")?.addEventListener("submit", (event) => {
  event.preventDefault();
  const { label, reason } = Object.fromEntries(new FormData(event.target));
  const { decide: item, blind } = event.target.dataset;
  attempt(event.submitter, $("decide-words"), async () => {
    await post("/api/reviews", { item, label, reason, ...(blind && { blind }) }, decisionKey);
    location.assign(location.pathname);
  });
});

/* ---- items drawn at random ---- */

document.querySelector("[data-draw]")?.addEventListener("submit", (event) => {
  event.preventDefault();
  attempt(event.submitter, $("draw-words"), async () => {
    await post("/api/sample", { n: Number(new FormData(event.target).get("n")) });
    location.reload();
  });
});

// A reason that stands there for who keeps to what they said does not fit another label.
document.querySelector("[data-decide]")?.addEventListener("change", ({ target, currentTarget }) => {
  const { reason } = currentTarget.elements;
  if (target.name !== "label" || !reason.defaultValue) return;
  if (target.value !== currentTarget.dataset.blind && reason.value === reason.defaultValue) reason.value = "";
});

setInterval(follow, LOOK_EVERY);
document.addEventListener("visibilitychange", follow);
ready("desk");

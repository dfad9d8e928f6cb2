// The rater's page: shows one item, takes the answer, and has the next one there before the finger is up.

import { freshKey, post } from "./api.js";
import { isCovered, showItem, uncover } from "./item.js";
import { forget, keep, kept, names } from "./kept.js";
import { digit, listen, singleKeys } from "./keys.js";
import { Outbox } from "./outbox.js";
import { Questionnaire } from "./questionnaire.js";
import { make } from "./questions/parts.js";
import { Reading } from "./reading.js";
import { Stopwatch } from "./stopwatch.js";
import { Supply } from "./supply.js";

const LOOK_AGAIN = 15_000;
const TRY_AGAIN = 3_000;
const MOST_DRAFTS = 40;
const CHANGED = "middlemost:changed";

const $ = (id) => document.getElementById(id);
const specs = JSON.parse($("asked").dataset.questions);
const { edition } = document.body.dataset; // the protocol and guidelines that this page was made under
const restEvery = Number(document.body.dataset.rest || Infinity) * 60_000;
const stopwatch = new Stopwatch();
const reading = new Reading($("guidelines"));

let current = null; // the assignment on the page
let parked = null; // what was on the page when an answer was taken back
let correcting = -1; // position in `sent` of the answer taken back, -1 while there is none
const sent = []; // {assignment, values}, oldest first
let tally = null; // {done, left}, counted on here between the server's counts
let limit = null; // why the server gives nothing, where that is a limit
let completion = null; // the code that a rater of a panel leaves with
let outdated = false; // whether others are in force by now
let summoned = false; // whether a calibration round goes before the next item
let untallied = 0; // requests since the server last counted
let unrested = 0; // milliseconds of work since the last pause

/* ---- showing ---- */

function show(assignment, values = null) {
  current = assignment;
  document.body.classList.toggle("long", showItem(assignment.item, $("item")));
  questions.show(assignment.item, values ?? kept(`draft:${assignment.id}`) ?? {});
  $("work").hidden = false;
  $("state").hidden = true;
  $("correcting").hidden = correcting < 0;
  $("send").disabled = $("skip").disabled = $("flag").disabled = false;
  say(sessionStorage.getItem(CHANGED) ? "The questions or the guidelines have changed: look at them once more." : "");
  sessionStorage.removeItem(CHANGED);
  scrollTo(0, 0);
  attend();
  reading.turnTo(assignment.id);
  stopwatch.start();
}

function showState(title, words) {
  current = null;
  reading.turnTo(null);
  document.body.classList.remove("long");
  $("work").hidden = true;
  $("state").hidden = false;
  $("state-more").hidden = true;
  $("send").disabled = $("skip").disabled = $("flag").disabled = true;
  if ($("state-title").textContent === title && $("state-words").textContent === words) return;
  $("state-title").textContent = title;
  $("state-words").textContent = words;
  $("state").focus({ preventScroll: true });
}

function showNothingToDo() {
  if (completion) return showCompletion(completion);
  if (limit) return showState(...limitWords(limit));
  if (!tally) return;
  const { done, left } = tally;
  if (left > 0) showState("Nothing free right now", "Other raters have the last items. This page looks again by itself.");
  else if (done > 0) showState("All done. Thank you.", `You have answered all ${many(done, "item")} there are for you. New ones would appear here.`);
  else showState("Nothing to answer yet", "When there are items for you they appear here by themselves.");
}

function showCompletion({ code, link, panel }) {
  showState("All done. Thank you.", link ? `This is your code for ${panel}; the button takes you back there with it.` : `Enter this code at ${panel}.`);
  const go = link && make("a", { className: "send", href: link }, `Back to ${panel}`);
  $("state-more").replaceChildren(make("code", { className: "completion" }, code), go ?? "");
  $("state-more").hidden = false;
}

const LIMITS = {
  items: "That was your share. Thank you.",
  a_day: "Enough for today. Thank you.",
  a_session: "Time for a pause",
};

/** Title and words for the limit that was reached: how much it is, and when there is more. */
function limitWords({ what, most, until }) {
  if (until === null) return [LIMITS[what], `You have answered the ${many(most, "item")} that one person may answer here.`];
  const soon = until * 1000 - Date.now() < 86_400_000;
  const at = new Date(until * 1000).toLocaleString("en-GB", soon ? { timeStyle: "short" } : { dateStyle: "medium", timeStyle: "short" });
  const span = what === "a_day" ? "a day" : "without a pause";
  return [LIMITS[what], `It is ${many(most, "item")} ${span} here. This page goes on by itself after ${at}.`];
}

/** What waits beside the items: a calibration round, feedback. */
function showNews({ calibration, unread }) {
  summoned = Boolean(calibration?.first);
  const round = calibration && ["Calibration round ", make("b", { dir: "auto" }, calibration.name), `: ${calibration.done} of ${calibration.total} judged.`];
  const news = [round && notice(round, "/calibration", calibration.done ? "Go on with it" : "Begin"), unread && notice(["There is feedback for you."], "/feedback", "Read it")];
  $("news").replaceChildren(...news.filter(Boolean));
}

const notice = (words, href, link) => make("div", { className: "notice" }, make("p", {}, ...words), make("a", { className: "quiet", href }, link));

/** To a round that goes before the next item, once there is nothing on the page and nothing unsaved. */
function leaveIfSummoned() {
  if (summoned && !current && outbox.size === 0) location.assign("/calibration");
}

function showTally() {
  if (!tally) return;
  const { done, left } = tally;
  $("pace").max = Math.max(1, done + left);
  $("pace").value = done;
  $("count").textContent = `${done.toLocaleString("en")} answered · ${left.toLocaleString("en")} left`;
}

/** Where keys go, and what is read out, when nothing else has the focus. */
function attend() {
  const item = isCovered($("item")) ? document.querySelector(".uncover") : $("item");
  (current ? item : $("state")).focus({ preventScroll: true });
}

const say = (words) => ($("hint").textContent = words);
const many = (n, noun) => `${n.toLocaleString("en")} ${noun}${n === 1 ? "" : "s"}`;

/* ---- what lies ready, what waits to be saved ---- */

const MOST_HELD = 20;
const COUNT_EVERY = 10;

const supply = new Supply({
  async ask(ready) {
    const settled = outbox.size === 0;
    const counts = settled && (!tally || supply.size === 0 || ++untallied >= COUNT_EVERY);
    // The server counts what is on the page and what is on its way to it as held, too.
    const want = Math.min(MOST_HELD, ready + outbox.size + Number(current !== null) + Number(parked !== null));
    const batch = await post("/api/next", { want, tally: counts || !tally });
    if (counts || !tally) adopt(batch, settled && outbox.size === 0);
    outdated = batch.edition !== edition;
    limit = batch.limit;
    completion = batch.completion;
    if (batch.training && !outbox.size) location.assign("/training");
    if (batch.unread !== null) showNews(batch);
    leaveIfSummoned();
    return batch;
  },
  arrived() {
    showTally();
    if (current) return;
    if (supply.size) advance();
    else showNothingToDo();
  },
  failed(problem) {
    if (current) return;
    const waits = outbox.size ? " What you have answered is kept here, and sent as soon as it can be." : "";
    const mend = problem.busy ? "" : ` ${problem.mend}`; // how to mend the server is not for raters
    showState("The next items have not come yet", `${problem.message}${mend}${waits} This page goes on by itself.`);
    setTimeout(() => supply.refill(), TRY_AGAIN);
  },
});

// The server's counts are only taken where nothing was on its way meanwhile; else they would jump back and forth.
function adopt({ done, left }, settled) {
  if (!settled && tally) return;
  tally = { done, left };
  untallied = 0;
}

const outbox = new Outbox({
  send: ({ path, body, key }) => post(path, body, key),
  changed: showSaves,
  refused(entry, problem) {
    const outcome = undo(entry);
    if (!current) advance();
    say(`“${excerpt(entry.assignment)}” was not taken: ${problem.message} ${problem.mend} ${outcome}`);
  },
});

/** Takes back what was counted for an entry that the server refused, and shows its item again. */
function undo({ kind, assignment, before }) {
  if (kind === "flag") return "";
  const earlier = sent.find((one) => one.assignment.id === assignment.id);
  if (before && earlier) {
    earlier.values = before;
    return "Your earlier answer stands.";
  }
  count(kind === "answer" ? -1 : 0, 1);
  if (earlier) sent.splice(sent.indexOf(earlier), 1);
  supply.giveBack(assignment);
  return "It comes again next.";
}

const excerpt = ({ item }) => (item.text.length > 40 ? `${item.text.slice(0, 40)}…` : item.text);

function showSaves(unsaved, problem) {
  if (unsaved === 0 && !current) outdated ? loadAnew() : supply.refill(); // what comes now depends on what was saved
  if (unsaved === 0) leaveIfSummoned();
  if (unsaved === 0) setSaves("saved", "all answers saved");
  else if (problem?.now)
    setSaves("trouble", `${many(unsaved, "answer")} not yet saved: this browser is now ${problem.now}: open your own link again in another window`);
  else if (problem?.signedOut)
    setSaves("trouble", `${many(unsaved, "answer")} not yet saved: you are signed out. Open your link in another tab and leave this one open`);
  else if (problem) setSaves("trouble", `${many(unsaved, "answer")} not yet saved: retrying`);
  else if ($("saves").dataset.state !== "trouble") setSaves("waiting", `saving ${many(unsaved, "answer")}`);
}

// The line is true at every moment. Only trouble, and its end, is read out: else every answer would be.
function setSaves(state, words) {
  const line = $("saves");
  if (state === "trouble" || line.dataset.state === "trouble") $("saves-news").textContent = words;
  line.dataset.state = state;
  if (line.textContent !== words) line.textContent = words;
}

/** Between two items, and with all of them saved, the page is loaded anew where the questions have changed. */
function loadAnew() {
  showState("One moment", "The questions or the guidelines have changed.");
  if (outbox.size) return;
  sessionStorage.setItem(CHANGED, "yes");
  location.reload();
}

function advance() {
  if (outdated) return loadAnew();
  if (summoned) {
    showState("One moment", "A calibration round comes before the next item.");
    return leaveIfSummoned();
  }
  const next = supply.take();
  if (next) return show(next);
  showState("One moment", "The next items are on their way.");
  supply.refill();
}

/* ---- what the rater can do ---- */

/** The answers as the server takes them: one value where there is one question. */
const said = (values) => (specs.length > 1 ? { values } : { value: values[specs[0].id] });

const acts = {
  answer: (event) => Boolean(current) && questions.keys(event),
  leave: () => attend(),
  send() {
    if (!current) return;
    if (isCovered($("item"))) return void say("Show the item first, or skip it.");
    const problem = questions.problem;
    if (problem) {
      problem.go();
      return void say(problem.words);
    }
    const { values } = questions;
    const times = { started_at: stopwatch.startedAt, active_ms: stopwatch.activeMs };
    const body = { assignment: current.id, ...said(values), edition, ...times, ...reading.take() };
    const assignment = current;
    const entry = { kind: "answer", path: "/api/answers", body, key: freshKey(), assignment, values };
    unrested += body.active_ms;
    forget(`draft:${assignment.id}`);
    if (correcting >= 0) {
      const before = sent[correcting].values;
      sent[correcting].values = values;
      outbox.put({ ...entry, before });
      return acts.keep();
    }
    sent.push({ assignment, values });
    outbox.put(entry);
    count(1, -1);
    advance();
    remindOfRest();
  },
  async takeBack() {
    const at = correcting < 0 ? sent.length - 1 : correcting - 1;
    if (at < 0 && !(await fetchEarlier())) return;
    if (correcting < 0) parked = current;
    correcting = Math.max(0, at);
    show(sent[correcting].assignment, sent[correcting].values);
  },
  keep() {
    if (correcting < 0) return;
    forget(`draft:${current?.id}`);
    correcting = -1;
    const next = parked;
    parked = null;
    if (next) show(next);
    else advance();
  },
  skip() {
    if (!current) return;
    if (correcting >= 0) return void say("This one is answered already: correct it, or keep it as it was.");
    $("skip-form").reset();
    $("skip-hint").textContent = "";
    $("skipping").showModal();
    $("skip-form").querySelector("input").focus();
  },
  flag() {
    if (!current) return;
    $("flag-form").reset();
    $("flag-hint").textContent = "";
    $("flagging").showModal();
    $("note").focus();
  },
  pause() {
    stopwatch.hold();
    unrested = 0;
    $("rest").hidden = true;
    $("paused").showModal();
  },
  uncover: () => current && isCovered($("item")) && uncover($("item")),
  guidelines: () => $("guidelines").showModal(),
  changes() {
    keep("guidelines", $("changed").dataset.version);
    $("changed").hidden = true;
    $("changes").showModal();
  },
  keys: () => $("keys").showModal(),
};

/** Brings the answer before those in `sent` to its front; false if there is none or it cannot be had now. */
async function fetchEarlier() {
  try {
    const { assignment } = await post("/api/take-back", { before: sent[0]?.assignment.id ?? null });
    if (assignment) sent.unshift({ assignment, values: specs.length > 1 ? assignment.given : { [specs[0].id]: assignment.given } });
    else say("There is no earlier answer of yours to take back.");
    return Boolean(assignment);
  } catch (problem) {
    say(problem.message);
    return false;
  }
}

/** Shows the answer that the list of one's own answers named, to be corrected. */
async function correct(id) {
  history.replaceState(null, "", location.pathname);
  try {
    const { assignment } = await post("/api/take-back", { assignment: id });
    if (!assignment) return void say("There is no such answer of yours.");
    const values = specs.length > 1 ? assignment.given : { [specs[0].id]: assignment.given };
    sent.splice(0, sent.length, { assignment, values });
    parked = current;
    correcting = 0;
    show(assignment, values);
  } catch (problem) {
    say(problem.message);
  }
}

function count(done, left) {
  if (!tally) return;
  tally = { done: tally.done + done, left: Math.max(0, tally.left + left) };
  showTally();
}

function skipWith(reason) {
  const assignment = current;
  const body = { assignment: assignment.id, reason };
  forget(`draft:${assignment.id}`);
  outbox.put({ kind: "skip", path: "/api/skips", body, key: freshKey(), assignment });
  $("skipping").close();
  count(0, -1);
  advance();
}

function flagWith(note) {
  const body = { assignment: current.id, note };
  outbox.put({ kind: "flag", path: "/api/flags", body, key: freshKey(), assignment: current });
  $("flagging").close();
  say("Flagged. The lead will see your note; you can answer or skip the item as ever.");
}

function remindOfRest() {
  $("rest").hidden = unrested < restEvery;
}

/* ---- drafts and what was left unsaved ---- */

/** A half-answered page survives a reload. */
function draft() {
  say("");
  if (current) keep(`draft:${current.id}`, questions.values);
}

/** Drafts of items that never came back are let go. */
function tidyDrafts() {
  for (const name of names("draft:").slice(0, -MOST_DRAFTS)) forget(name);
}

/** What an earlier page of this rater had not yet sent is on its way now, and not shown as if it were to be answered. */
function pickUp() {
  for (const { kind, assignment, values, before } of outbox.restore()) {
    if (kind === "flag") continue;
    supply.passOver(assignment.id);
    if (kind === "answer" && !before) sent.push({ assignment, values });
  }
}

/* ---- wiring ---- */

const questions = await Questionnaire.mount(specs, $("asked"), { changed: draft, say, item: $("item") });
for (const [keys, meaning] of new Map(questions.help))
  $("answer-keys").before(make("dt", {}, ...keys.split(" ").map((key) => (key === "…" ? " … " : make("kbd", {}, key)))), make("dd", {}, meaning));
$("answer-keys").remove();

listen(acts);
for (const button of document.querySelectorAll("[data-does]")) button.addEventListener("click", () => acts[button.dataset.does]());
$("question").addEventListener("submit", (event) => {
  event.preventDefault();
  acts.send();
});

$("flag-form").addEventListener("submit", (event) => {
  event.preventDefault();
  const note = new FormData(event.target).get("note").trim();
  if (note) flagWith(note);
  else $("flag-hint").textContent = "Say in a few words what the lead should know.";
});
$("flag-form").addEventListener("keydown", (event) => {
  if (event.key !== "Enter" || event.shiftKey || event.target.matches("button")) return;
  event.preventDefault();
  $("flag-form").requestSubmit();
});
$("paused").addEventListener("close", () => stopwatch.goOn());

$("skip-form").addEventListener("submit", (event) => {
  event.preventDefault();
  const form = new FormData(event.target);
  const reason = form.get("words").trim() || form.get("reason");
  if (reason) skipWith(reason);
  else $("skip-hint").textContent = "Choose a reason, or write one.";
});
$("skipping").addEventListener("keydown", (event) => {
  if (event.target.matches("[name=words]")) return;
  const reasons = [...$("skip-form").querySelectorAll("[name=reason]")];
  reasons[digit(event)]?.click();
  reasons[digit(event)]?.focus();
});
for (const dialog of document.querySelectorAll("dialog"))
  dialog.addEventListener("close", () => attend());

$("letter-keys").checked = singleKeys.on;
$("letter-keys").addEventListener("change", (event) => (singleKeys.on = event.target.checked));

addEventListener("beforeunload", (event) => outbox.size && event.preventDefault());
setInterval(() => !current && !document.hidden && supply.refill(), LOOK_AGAIN);
document.addEventListener("visibilitychange", () => !current && !document.hidden && supply.refill());

/** Shows a dialog before the first item; time stands still meanwhile, and `closed` is called in the end. */
function before(dialog, closed) {
  stopwatch.hold();
  dialog.addEventListener("close", () => {
    stopwatch.goOn();
    closed();
  });
  dialog.showModal();
}

/** Raters are offered once to say something about themselves; whoever looks at what is asked has been offered it, too. */
function offerAbout() {
  const mark = document.body.dataset.offer;
  if (!mark || kept("offer") === mark) return;
  const offered = () => keep("offer", mark);
  $("offer-yes").addEventListener("click", offered);
  before($("offer"), offered);
}

if ($("warning") && !sessionStorage.getItem("middlemost:warned"))
  before($("warning"), () => {
    sessionStorage.setItem("middlemost:warned", "yes");
    offerAbout();
  });
else offerAbout();
if ($("changed")) $("changed").hidden = kept("guidelines") === $("changed").dataset.version;
tidyDrafts();
pickUp();
const wanted = Number(new URLSearchParams(location.search).get("correct"));
if (wanted) await correct(wanted);
supply.refill();

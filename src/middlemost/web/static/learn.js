// Training, test, calibration round: one exercise at a time. In training each answer gets its feedback at once, else
// none does.

import { freshKey, post } from "./api.js";
import { isCovered, showItem, uncover } from "./item.js";
import { listen } from "./keys.js";
import { Questionnaire } from "./questionnaire.js";
import { make } from "./questions/parts.js";
import { Stopwatch } from "./stopwatch.js";

const TRY_AGAIN = 3_000;
const LOOK_AGAIN = 30_000;

const $ = (id) => document.getElementById(id);
const specs = JSON.parse($("asked").dataset.questions);
const labels = JSON.parse(document.body.dataset.labels);
const { asks } = document.body.dataset;
const stopwatch = new Stopwatch();

let task = null; // the exercise on the page
let upcoming = null; // what comes after the feedback that is being read
let sending = null; // {exercise, key}: a retry of the same answer has the same key

/** Where keys go, and what is read out, when nothing else has the focus. */
function attend() {
  const item = isCovered($("item")) ? document.querySelector(".uncover") : $("item");
  (task ? item : $("state")).focus({ preventScroll: true });
}

const say = (words) => ($("hint").textContent = words);

/* ---- showing ---- */

function showStep({ course, task: next }) {
  upcoming = null;
  $("feedback").hidden = true;
  $("send-words").textContent = "Send";
  showCount(course);
  if (next) showTask(next);
  else showEnd(course);
}

function showTask(next) {
  task = next;
  document.body.classList.toggle("long", showItem(task.item, $("item")));
  questions.show(task.item);
  freeze(false);
  $("work").hidden = false;
  $("state").hidden = true;
  $("send").disabled = false;
  say("");
  scrollTo(0, 0);
  attend();
  stopwatch.start();
}

function showCount({ where, done, total, number, tries }) {
  $("pace").max = Math.max(1, total);
  $("pace").value = done;
  const of = `${Math.min(done + 1, total)} of ${total}`;
  const texts = { training: `training: ${of}`, test: `test: ${of}${tries > 1 ? `, try ${number} of ${tries}` : ""}`, calibration: `round: ${of}` };
  $("count").textContent = texts[where] ?? "";
}

function showEnd(course) {
  task = null;
  document.body.classList.remove("long");
  $("work").hidden = true;
  $("state").hidden = false;
  $("send").disabled = true;
  const [title, words] = ENDS[course.where](course);
  $("state-title").textContent = title;
  $("state-words").textContent = words;
  $("state-go").hidden = !["admitted", "calibrated", "closed"].includes(course.where);
  ($("state-go").hidden ? $("state") : $("state-go").firstElementChild).focus({ preventScroll: true });
  if (["waiting", "unready", "failed"].includes(course.where)) setTimeout(load, LOOK_AGAIN);
}

const marks = ({ last }) => (last ? `You had ${last.right} of ${last.of} right. ` : "");
const when = (until) => new Date(until * 1000).toLocaleString("en-GB", { dateStyle: "medium", timeStyle: "short" });

const ENDS = {
  admitted: (course) => ["You are ready", `${marks(course)}From here on your answers count.`],
  waiting: (course) => ["Not passed this time", `${marks(course)}You can try again after ${when(course.until)}: read the guidelines once more till then.`],
  failed: (course) => ["Not passed", `${marks(course)}There are no more tries. Ask those who invited you.`],
  calibrated: () => ["Thank you", "You have judged all of it. When the round is closed you will find under Feedback how it went, if it is told."],
  closed: ({ late }) => ["This round is closed", late ? "Your answer came after that: it is kept, and not counted." : "There is nothing more to judge."],
  unready: () => ["Not ready yet", "There are no exercises yet. Ask those who invited you; this page looks again by itself."],
};

/** What was right, and why; the answer stays on the page below it, to be looked at. */
function showFeedback({ right, label, why }) {
  const heading = right === null ? null : make("strong", {}, right ? "Right." : "Not quite.");
  const answer = right === false ? make("span", {}, " The answer is ", make("b", { dir: "auto" }, labels[label] ?? label), ".") : null;
  const reason = why ? make("p", { dir: "auto" }, why) : null;
  $("feedback").replaceChildren(make("p", {}, heading ?? "Thank you.", answer), reason ?? "");
  $("feedback").dataset.right = String(right);
  $("feedback").hidden = false;
  $("send-words").textContent = "Go on";
  freeze(true);
  scrollTo(0, 0);
  $("feedback").focus({ preventScroll: true });
}

function freeze(on) {
  for (const field of document.querySelectorAll("#asked fieldset")) field.disabled = on;
}

/* ---- doing ---- */

async function send() {
  if (upcoming) return showStep(upcoming);
  if (!task || $("send").disabled) return;
  if (isCovered($("item"))) return void say("Show the item first.");
  const problem = questions.problem;
  if (problem) {
    problem.go();
    return void say(problem.words);
  }
  const { values } = questions;
  if (sending?.exercise !== task.id) sending = { exercise: task.id, key: freshKey() };
  const said = specs.length > 1 ? { values } : { value: values[specs[0].id] };
  $("send").disabled = true;
  try {
    const step = await post(`${asks}/answers`, { exercise: task.id, ...said, active_ms: stopwatch.activeMs }, sending.key);
    $("send").disabled = false;
    if (!step.feedback) return showStep(step);
    upcoming = step;
    showFeedback(step.feedback);
  } catch (trouble) {
    $("send").disabled = false;
    say(`${trouble.message} ${trouble.mend}`);
  }
}

async function load() {
  try {
    showStep(await post(`${asks}/next`, {}));
  } catch (trouble) {
    $("state-title").textContent = "The next exercise has not come yet";
    $("state-words").textContent = `${trouble.message} ${trouble.mend || "Trying again by itself."}`;
    setTimeout(load, TRY_AGAIN);
  }
}

const acts = {
  answer: (event) => Boolean(task) && !upcoming && questions.keys(event),
  leave: () => attend(),
  send,
  keep() {},
  uncover: () => task && isCovered($("item")) && uncover($("item")),
  guidelines: () => $("guidelines").showModal(),
};

/* ---- wiring ---- */

const questions = await Questionnaire.mount(specs, $("asked"), { changed: () => say(""), say, item: $("item") });
listen(acts);
for (const button of document.querySelectorAll("[data-does]")) button.addEventListener("click", () => acts[button.dataset.does]());
$("question").addEventListener("submit", (event) => {
  event.preventDefault();
  send();
});
$("guidelines").addEventListener("close", () => attend());
load();

"""Key press to next item on the rater's page, in a real browser, while answers are saved; and what the page weighs.

Between browser and server lies a line that takes `--delay` milliseconds each way, so that an answer is acknowledged
after twice that. At each pace (`--think`: milliseconds between an item and the key) it is measured how soon the next
item is there, how often there was none (the page ran dry), and how many answers were unsaved at most.

Run: PYTHONPATH=tools python benchmarks/rater_page.py [--answers 150] [--delay 0 200] [--think 1000 300 100] [--json]
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import sys
import tempfile
from pathlib import Path
from statistics import median, quantiles
from time import perf_counter
from typing import Any

from line import Line
from playwright.sync_api import Page, Response, sync_playwright

from middlemost.core.nouns import Item
from middlemost.project.add import add
from middlemost.project.folder import Project
from middlemost.project.people import invite
from middlemost.web.serve import serving

CHROMIUM = os.environ.get("MIDDLEMOST_CHROMIUM") or shutil.which("chromium")
ARGUMENTS = ["--no-sandbox", "--disable-gpu", "--disable-background-networking"]
BAR_MS, BAR_BYTES = 50, 150_000

PROTOCOL = """\
name: Bench
paradigm: prescriptive
questions:
  - {id: q, ask: "Which one?", options: [{id: a}, {id: b}, {id: c}]}
"""

# From the key event's own time stamp to the frame after the next item was put in place: what the eye waits for.
PROBE = r"""() => {
  Object.assign(window, { times: [], dry: 0, unsaved: 0 });
  const work = document.getElementById("work"), saves = document.getElementById("saves");
  new MutationObserver(() => work.hidden && (window.dry += 1)).observe(work, { attributeFilter: ["hidden"] });
  const unsaved = () => parseInt(saves.textContent.replace(/\D+/, "")) || 0;
  new MutationObserver(() => (window.unsaved = Math.max(window.unsaved, unsaved())))
    .observe(saves, { childList: true, characterData: true, subtree: true });
  let pressed = null;
  addEventListener("keydown", (event) => { if (event.key === "Enter") pressed = event.timeStamp; }, { capture: true });
  new MutationObserver(() => {
    if (pressed === null) return;
    const from = pressed;
    pressed = null;
    requestAnimationFrame(() => setTimeout(() => window.times.push(performance.now() - from)));
  }).observe(document.getElementById("item"), { childList: true, characterData: true, subtree: true });
}"""


def main() -> int:
    """Measure, print, and tell by the exit code whether the bars hold."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--answers", type=int, default=150)
    parser.add_argument("--delay", type=int, nargs="+", default=[0, 200], help="milliseconds each way")
    parser.add_argument("--think", type=int, nargs="+", default=[1000, 300, 100])
    parser.add_argument("--json", action="store_true")
    wanted = parser.parse_args()
    rows = [measure(wanted.answers, delay, think) for delay in wanted.delay for think in wanted.think]
    if wanted.json:
        print(json.dumps(rows))
    for row in [] if wanted.json else rows:
        print("\n".join(f"{name:24} {value}" for name, value in row.items()), end="\n\n")
    return int(any(row["p95_ms"] > BAR_MS or row["page_bytes"] > BAR_BYTES for row in rows))


def measure(answers: int, delay: int, think: int) -> dict[str, float]:
    """Answer `answers` items by keyboard on a fresh project."""
    with (
        tempfile.TemporaryDirectory() as name,
        opened(Path(name), answers) as project,
        serving(project) as url,
        Line(url, delay=delay / 1000) as line,
        sync_playwright() as playwright,
    ):
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS)
        page = browser.new_context().new_page()
        loaded = watch(page)
        began = perf_counter()
        join(page, f"{line.url}/join/{invite(project)}")
        first = perf_counter() - began
        weight = [len(page.request.get(f"{url}/{path}").body()) for path in loaded]
        took = answer_all(page, answers, think)
        browser.close()
    cuts = quantiles(took["times"], n=100)
    return {
        "network_delay_ms": delay,
        "think_ms": think,
        "answers": len(took["times"]),
        "answers_a_second": round(len(took["times"]) / took["seconds"], 2),
        "median_ms": round(median(took["times"]), 2),
        "p95_ms": round(cuts[94], 2),
        "p99_ms": round(cuts[98], 2),
        "max_ms": round(max(took["times"]), 2),
        "ran_dry": took["dry"],
        "most_unsaved": took["unsaved"],
        "page_bytes": sum(weight),
        "page_requests": len(weight),
        "join_to_first_item_ms": round(1000 * first),
    }


def opened(folder: Path, n: int) -> Project:
    """A project with `n` items."""
    (folder / "protocol.yaml").write_text(PROTOCOL, "utf-8")
    (folder / "guidelines.md").write_text("# Which one?\n\nThe right one.\n", "utf-8")
    project = Project.open(folder)
    add(project, [Item(f"item-{i:06}", f"Item {i}: " + "some words to read, " * (5 + i % 20)) for i in range(n)])
    return project


def watch(page: Page) -> set[str]:
    """The addresses of everything that the label page loads, filled in as it comes."""
    paths: set[str] = set()

    def note(response: Response) -> None:
        path = response.url.split("/", 3)[-1]
        if response.status == 200 and (path == "rate" or path.startswith("static/")):
            paths.add(path)

    page.on("response", note)
    return paths


def join(page: Page, link: str) -> None:
    """Come in, and wait for the first item."""
    page.goto(link)
    page.get_by_label("Your name").fill("Bench")
    page.keyboard.press("Enter")
    page.locator("#item").filter(has_text="Item").wait_for()


def answer_all(page: Page, answers: int, think: int) -> dict[str, Any]:
    """`times`: milliseconds from Enter to the next item. `dry`: how many of them had to be waited for."""
    page.evaluate(PROBE)
    began = perf_counter()
    for n in range(answers - 1):
        page.wait_for_timeout(think)
        page.locator("#work").wait_for()
        page.keyboard.press(str(1 + n % 3))
        page.keyboard.press("Enter")
    seconds = perf_counter() - began
    page.locator("#saves").filter(has_text="all answers saved").wait_for(timeout=300_000)
    found: dict[str, Any] = page.evaluate("({ times, dry, unsaved })")
    return found | {"seconds": seconds}


if __name__ == "__main__":
    sys.exit(main())

"""Key press to next item on the rater's page, in a real browser, while answers are saved; and what the page weighs.

Run: python benchmarks/rater_page.py [--answers 300] [--delay 0] [--think 100] [--json]
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

from playwright.sync_api import BrowserContext, Page, Response, sync_playwright

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
PROBE = """() => {
  window.times = [];
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
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--answers", type=int, default=300)
    parser.add_argument("--delay", type=int, default=0, help="milliseconds added to every request")
    parser.add_argument("--think", type=int, default=100, help="milliseconds between an item and the key")
    parser.add_argument("--json", action="store_true")
    wanted = parser.parse_args()
    figures = measure(wanted.answers, wanted.delay, wanted.think)
    print(json.dumps(figures) if wanted.json else "\n".join(f"{name:24} {value}" for name, value in figures.items()))
    return int(figures["p95_ms"] > BAR_MS or figures["page_bytes"] > BAR_BYTES)


def measure(answers: int, delay: int, think: int) -> dict[str, float]:
    """Answer `answers` items by keyboard on a fresh project."""
    with (
        tempfile.TemporaryDirectory() as name,
        opened(Path(name), answers) as project,
        serving(project) as url,
        sync_playwright() as playwright,
    ):
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS)
        context = browser.new_context()
        page = context.new_page()
        weight = weigh(page)
        began = perf_counter()
        join(page, f"{url}/join/{invite(project)}")
        first = perf_counter() - began
        if delay:
            slow_down(context, delay)
        times = answer_all(page, answers, think)
        browser.close()
    cuts = quantiles(times, n=100)
    return {
        "answers": len(times),
        "network_delay_ms": delay,
        "think_ms": think,
        "median_ms": round(median(times), 2),
        "p95_ms": round(cuts[94], 2),
        "p99_ms": round(cuts[98], 2),
        "max_ms": round(max(times), 2),
        "page_bytes": sum(weight.values()),
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


def weigh(page: Page) -> dict[str, int]:
    """Bytes of everything that the label page loads, by address, filled in as it comes."""
    weight: dict[str, int] = {}

    def note(response: Response) -> None:
        path = response.url.split("/", 3)[-1]
        if response.status == 200 and (path == "rate" or path.startswith("static/")):
            weight[path] = len(response.body())

    page.on("response", note)
    return weight


def join(page: Page, link: str) -> None:
    """Come in, and wait for the first item."""
    page.goto(link)
    page.get_by_label("Your name").fill("Bench")
    page.keyboard.press("Enter")
    page.locator("#item").filter(has_text="Item").wait_for()


def slow_down(context: BrowserContext, delay: int) -> None:
    """Hold every request to the server for `delay` milliseconds."""
    session = context.new_cdp_session(context.pages[0])
    session.send("Network.enable")
    session.send(
        "Network.emulateNetworkConditions",
        {"offline": False, "latency": delay, "downloadThroughput": -1, "uploadThroughput": -1},
    )


def answer_all(page: Page, answers: int, think: int) -> list[float]:
    """Milliseconds from Enter to the next item, for each of them."""
    page.evaluate(PROBE)
    for n in range(answers - 1):
        page.wait_for_timeout(think)
        page.keyboard.press(str(1 + n % 3))
        page.keyboard.press("Enter")
    page.wait_for_timeout(500)
    times: list[float] = page.evaluate("window.times")
    return times


if __name__ == "__main__":
    sys.exit(main())

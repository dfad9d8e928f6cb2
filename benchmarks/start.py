"""How long until the first page answers, from the start of the command `middlemost serve`; median of five starts.

usage: python benchmarks/start.py [--items 10000]
"""

from __future__ import annotations

import argparse
import statistics
import tempfile
import time
from pathlib import Path

import httpx

from middlemost.core.nouns import Item
from middlemost.demo.server import running
from middlemost.project.add import add
from middlemost.project.folder import Project
from middlemost.project.init import init


def first_page_seconds(folder: Path) -> float:
    """Start the server, load the page behind the owner's link, stop the server."""
    started = time.perf_counter()
    with running(folder, 0) as server:
        httpx.get(server.owner_link or server.url, trust_env=False).raise_for_status()
        return time.perf_counter() - started


def main() -> None:
    """Measure five starts and print their median and range."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--items", type=int, default=10_000, help="how many items the project has")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as root:
        folder = Path(root) / "project"
        init(folder)
        with Project.open(folder) as project:
            add(project, [Item(f"i{k}", f"text {k}") for k in range(options.items)])
        found = [first_page_seconds(folder) for _ in range(5)]
    print(f"first page after {statistics.median(found):.2f} s (median of 5; {min(found):.2f} to {max(found):.2f})")


if __name__ == "__main__":
    main()

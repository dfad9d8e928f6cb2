"""The server under load, beside the yardstick server in the same run: pairs of `next` and answer a second.

Raters log in by their links and ask and answer over HTTP without a pause; leases and the audit log are on, and every
acknowledged answer is on disk. Yardstick and middlemost take turns, so that what else the machine does slows both. At
the end everything acknowledged must be in the database, once, and the audit log in order.

Run: python benchmarks/server.py [--on sqlite postgresql] [--raters 8 32] [--seconds 8] [--repeats 3] [--json]
The yardstick is not part of this repository: --yardstick names its folder, or MIDDLEMOST_YARDSTICK, or it lies in
../shared/bench/platforms; without it there is nothing to compare with, and this says so and ends.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from statistics import median
from typing import Any

from postgres import Postgres

from middlemost.core.nouns import Item
from middlemost.project.add import add
from middlemost.project.doctor import doctor
from middlemost.project.folder import Project
from middlemost.project.people import invite

ROOT = Path(__file__).parent.parent
ITEMS = 10_000  # added before each run
PROCESSES = {"sqlite": 1, "postgresql": 2}
LEAST_RATIO, MOST_P95_MS = 1 / 3, 100.0
PROTOCOL = """\
name: Load
paradigm: prescriptive
questions:
  - {id: tone, ask: "Which tone?", options: [{id: Positive}, {id: Negative}, {id: Neutral}]}
collection:
  answers_per_item: 1
"""


def main() -> int:
    """Measure, print, and tell by the exit code whether the bars hold."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    default = os.environ.get("MIDDLEMOST_YARDSTICK", ROOT.parent / "shared" / "bench" / "platforms")
    parser.add_argument("--yardstick", type=Path, default=Path(default))
    parser.add_argument("--on", nargs="+", choices=sorted(PROCESSES), default=["sqlite", "postgresql"])
    parser.add_argument("--raters", type=int, nargs="+", default=[8, 32])
    parser.add_argument("--seconds", type=float, default=8.0)
    parser.add_argument("--repeats", type=int, default=3)
    parser.add_argument("--json", action="store_true")
    wanted = parser.parse_args()
    if not (wanted.yardstick / "reference_server.py").is_file():
        print(f"skipped: no yardstick server in {wanted.yardstick} (--yardstick)")
        return 0
    sys.path.insert(0, str(wanted.yardstick))
    rows, faults = asyncio.run(measure(wanted))
    held = not faults and all(row["held"] for row in rows)
    if wanted.json:
        print(json.dumps({"rows": rows, "faults": faults}))
    else:
        report(rows, faults)
    return 0 if held else 1


async def measure(wanted: argparse.Namespace) -> tuple[list[dict[str, Any]], list[str]]:
    """A row for each database and number of raters, and whatever was found amiss afterwards."""
    rows: list[dict[str, Any]] = []
    faults: list[str] = []
    for kind in wanted.on:
        with tempfile.TemporaryDirectory() as folder, database_of(kind) as url:
            found, amiss = await measure_on(kind, url, Path(folder), wanted)
            rows += found
            faults += amiss
    return rows, faults


@contextmanager
def database_of(kind: str) -> Iterator[str | None]:
    """Where the project's answers go; None is the SQLite file in its folder."""
    if kind == "sqlite":
        yield None
        return
    with Postgres() as server:
        yield server.create("load")


async def measure_on(
    kind: str, url: str | None, folder: Path, wanted: argparse.Namespace
) -> tuple[list[dict[str, Any]], list[str]]:
    """The rows of one database."""
    from adapters import Reference
    from load import Ledger
    from servers import Server, free_port

    home = folder / "project"
    home.mkdir()
    (home / "protocol.yaml").write_text(PROTOCOL)
    (home / "guidelines.md").write_text("Listen.\n")
    if url:
        os.environ["MIDDLEMOST_DATABASE_URL"] = url  # for the servers
    ours = adapter_of(home, url, [f"http://127.0.0.1:{free_port()}" for _ in range(PROCESSES[kind])])
    port = free_port()
    yardstick = Reference(f"http://127.0.0.1:{port}")
    script = [sys.executable, str(wanted.yardstick / "reference_server.py"), str(port), str(folder / "yardstick.db")]
    servers = [Server(yardstick, script, folder / "yardstick.log")]
    for address in ours.urls:
        serve = [sys.executable, "-m", "middlemost", "serve", str(home), "--port", address.rpartition(":")[2]]
        servers.append(Server(adapter_of(home, url, [address]), serve, folder / "middlemost.log"))
    ledger = Ledger(None)
    try:
        for server in servers:
            await server.start()
        rows = [await alternate(kind, raters, wanted, yardstick, ours, ledger) for raters in wanted.raters]
    finally:
        for adapter in (yardstick, ours):
            await adapter.close()
        for server in servers:
            await server.stop()
        os.environ.pop("MIDDLEMOST_DATABASE_URL", None)
    return rows, amiss(home, url, ledger.lines)


async def alternate(
    kind: str, raters: int, wanted: argparse.Namespace, yardstick: Any, ours: Any, ledger: Any
) -> dict[str, Any]:
    """Yardstick and middlemost in turns; the median of each, and of their ratio within a turn."""
    from load import Ledger, run_load

    turns: list[tuple[dict[str, Any], dict[str, Any]]] = []
    for _ in range(wanted.repeats):
        pair = []
        for adapter, lines in ((yardstick, Ledger(None)), (ours, ledger)):
            await adapter.import_items(ITEMS)
            pair.append((await run_load(adapter, raters, wanted.seconds, lines)).summary())
        turns.append((pair[0], pair[1]))

    def middle(which: int, name: str) -> float:
        return float(median(turn[which][name] for turn in turns))

    ratio = median(mine["pairs_per_s"] / theirs["pairs_per_s"] for theirs, mine in turns)
    row = {
        "on": kind,
        "processes": PROCESSES[kind],
        "raters": raters,
        "pairs_per_s": middle(1, "pairs_per_s"),
        "yardstick": middle(0, "pairs_per_s"),
        "ratio": round(ratio, 3),
        "next_p50_ms": middle(1, "next_p50_ms"),
        "next_p95_ms": middle(1, "next_p95_ms"),
        "submit_p95_ms": middle(1, "submit_p95_ms"),
        "yardstick_next_p95_ms": middle(0, "next_p95_ms"),
        "client_cpu": middle(1, "client_cpu"),
        "errors": sum(mine["errors"] for _, mine in turns),
    }
    row["held"] = ratio >= LEAST_RATIO and not row["errors"] and (raters > 32 or row["next_p95_ms"] <= MOST_P95_MS)
    return row


def adapter_of(home: Path, url: str | None, urls: list[str]) -> Any:
    """How the load generator speaks to us: logs in as a browser does, by an invite link, for a cookie and a token."""
    from adapters import Adapter, item_text

    class Middlemost(Adapter):
        idempotent = True
        ready_path = "/healthz"

        def __init__(self) -> None:
            super().__init__(urls[0])
            self.urls, self.links, self.items = urls, [], 0

        def opened(self) -> Project:
            return Project.open(home, database=url)

        async def prepare(self, raters: int) -> None:
            with self.opened() as project:
                self.links = [invite(project, name=f"r{i}") for i in range(raters)]

        async def login(self, i: int) -> Any:
            self.url = self.urls[i % len(self.urls)]
            client = self.open(headers={"Accept": "application/json"})
            joined = await client.post(f"/join/{self.links[i]}")
            joined.raise_for_status()
            client.headers["X-CSRF-Token"] = joined.json()["csrf"]
            return client

        async def next(self, session: Any) -> dict[str, Any] | None:
            answered = await session.post("/api/next", json={"want": 1, "tally": False})
            answered.raise_for_status()
            lent = answered.json()["assignments"]
            return lent[0] if lent else None

        async def submit(self, session: Any, task: dict[str, Any], label: str, key: str) -> str:
            body = {"assignment": task["id"], "value": label, "active_ms": 1000}
            answered = await session.post("/api/answers", json=body, headers={"Idempotency-Key": key})
            answered.raise_for_status()
            return str(answered.json()["answer"])

        async def import_items(self, n: int) -> dict[str, Any]:
            with self.opened() as project:
                add(project, [Item(f"i{one}", item_text(one)) for one in range(self.items, self.items + n)])
            self.items += n
            return {"n": n}

    return Middlemost()


def amiss(home: Path, url: str | None, lines: list[dict[str, Any]]) -> list[str]:
    """Acknowledged answers that are not in the database as they were sent, and what `doctor` finds."""
    from middlemost.store.schema import answer

    with Project.open(home, database=url) as project:
        rows = project.store.read(lambda connection: list(connection.execute(answer.select())))
    stored = {row.key: (str(row.assignment), row.value) for row in rows}
    lost = sum(stored.get(line["key"]) != (line["task"], line["label"]) for line in lines if line["ack"])
    found = [f"{lost} acknowledged answers lost"] if lost else []
    return found + list(doctor(home, database=url).faults)


def report(rows: list[dict[str, Any]], faults: list[str]) -> None:
    """Print a table."""
    print(f"{'database':12}{'raters':>7}{'pairs/s':>9}{'yardstick':>11}{'ratio':>7}{'next p95 ms':>13}{'':>3}bar")
    for row in rows:
        name = row["on"] + (f" x{row['processes']}" if row["processes"] > 1 else "")
        print(
            f"{name:12}{row['raters']:>7}{row['pairs_per_s']:>9.1f}{row['yardstick']:>11.1f}{row['ratio']:>7.2f}"
            f"{row['next_p95_ms']:>13.1f}{'':>3}{'holds' if row['held'] else 'MISSED'}"
        )
    print(f"faults: {'; '.join(faults) if faults else 'none: nothing lost, doubled or adrift, the log in order'}")


if __name__ == "__main__":
    raise SystemExit(main())

"""SIGKILL in the middle of the work: what was acknowledged is there, once, whole, and in its place."""

from __future__ import annotations

import random
import signal
import sqlite3
import threading
import uuid
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path

import httpx
import pytest

from middlemost.core.nouns import Item
from middlemost.demo.replay import Signed, sign_in
from middlemost.demo.server import running
from middlemost.project.add import add
from middlemost.project.folder import Project
from middlemost.project.init import init
from middlemost.project.people import invite

N_RATERS, N_ITEMS, PLACES = 8, 4000, 3


@dataclass
class Ledger:
    """What the raters know: answers acknowledged, and answers sent whose acknowledgement never came."""

    acknowledged: dict[str, tuple[int, str]] = field(default_factory=dict)
    pending: dict[str, tuple[Signed, dict]] = field(default_factory=dict)

    def send(self, rater: Signed, body: dict, key: str) -> None:
        self.pending[key] = (rater, body)
        rater.post("/api/answers", body, **{"Idempotency-Key": key})
        self.acknowledged[key] = (body["assignment"], body["value"])
        del self.pending[key]

    def send_pending_again(self) -> int:
        again = list(self.pending.items())
        for key, (rater, body) in again:
            self.send(rater, body, key)
        return len(again)


def work(rater: Signed, ledger: Ledger, options: list[str], dice: random.Random) -> None:
    """Answer until the server is gone."""
    try:
        while lent := rater.post("/api/next", {"want": 3})["assignments"]:
            for assignment in lent:
                body = {"assignment": assignment["id"], "value": dice.choice(options)}
                ledger.send(rater, body, uuid.UUID(int=dice.getrandbits(128)).hex)
    except httpx.TransportError:
        pass


def faults(database: Path, ledger: Ledger) -> dict[str, int]:
    """Count what must never be, straight from the tables."""
    with closing(sqlite3.connect(database)) as db:
        stored = {
            key: (assignment, value)
            for key, assignment, value in db.execute("select key, assignment, value from answer")
        }

        def count(sql: str) -> int:
            return db.execute(f"select count(*) from ({sql})").fetchone()[0]

        return {
            "lost": sum(stored.get(key) != said for key, said in ledger.acknowledged.items()),
            "doubled": count("select 1 from answer group by assignment having count(*) > 1"),
            "half-written": count(
                "select 1 from assignment a where (state = 'done') != "
                "exists(select 1 from answer where assignment = a.id)"
            ),
            "over-assigned": count("select 1 from item where taken > places")
            + count(
                "select 1 from answer join assignment a on a.id = assignment where not surplus "
                f"group by a.item having count(*) > {PLACES}"
            ),
            "adrift": count(
                "select 1 from item i where answered != (select count(*) from assignment a join answer n on "
                "n.assignment = a.id where a.item = i.seq and not n.surplus)"
            ),
            "corrupt": int(db.execute("pragma integrity_check").fetchone()[0] != "ok"),
        }


def project_with_items(folder: Path) -> list[str]:
    """A project with its items; the links of its raters."""
    init(folder, "Kill test")
    with Project.open(folder) as project:
        add(project, [Item(f"item-{i}", f"Item number {i}") for i in range(N_ITEMS)])
        return [f"/join/{invite(project)}" for _ in range(N_RATERS)]


def killed_and_retried(tmp_path: Path, free_port: int, kills: int) -> tuple[Ledger, list[dict[str, int]]]:
    """Kill the server `kills` times in mid-work; after each restart send again what was not acknowledged, and count."""
    dice, ledger, found = random.Random(20261123), Ledger(), []
    folder, links, raters = tmp_path / "project", project_with_items(tmp_path / "project"), []
    with Project.open(folder) as project:
        options = [option.id for option in project.protocol.question.options]
    for _ in range(kills):
        with running(folder, free_port) as server:
            raters = raters or [sign_in(server.url, link, f"rater {n}") for n, link in enumerate(links)]
            ledger.send_pending_again()
            found.append(faults(folder / "middlemost.db", ledger))
            threads = [threading.Thread(target=work, args=(rater, ledger, options, dice)) for rater in raters]
            for thread in threads:
                thread.start()
            threading.Event().wait(dice.uniform(0.2, 1.5))
            server.process.send_signal(signal.SIGKILL)
            for thread in threads:
                thread.join(timeout=30)
    with running(folder, free_port):
        ledger.send_pending_again()
        found.append(faults(folder / "middlemost.db", ledger))
    for rater in raters:
        rater.client.close()
    return ledger, found


@pytest.mark.parametrize("kills", [3, pytest.param(20, marks=pytest.mark.long)])
def test_a_killed_server_loses_doubles_and_over_assigns_nothing(tmp_path, free_port, kills):
    ledger, found = killed_and_retried(tmp_path, free_port, kills)
    assert len(ledger.acknowledged) > 50 * kills
    assert all(sum(round_.values()) == 0 for round_ in found), found

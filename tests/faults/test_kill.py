"""SIGKILL in the middle of the work: what was acknowledged is there, once, whole, and in its place."""

from __future__ import annotations

import os
import random
import signal
import threading
import uuid
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import pytest
import sqlalchemy as sa
from postgres import Postgres

from middlemost.client import Client
from middlemost.core.nouns import Item
from middlemost.demo.server import Running, running
from middlemost.errors import UnavailableError
from middlemost.project.add import add
from middlemost.project.doctor import doctor
from middlemost.project.folder import Project
from middlemost.project.init import init
from middlemost.project.people import invite

from ..conftest import free_ports, require_postgres

N_RATERS, PLACES = 8, 3
ITEMS_A_KILL = 400  # more than are answered between two kills: each one comes in mid-work


@dataclass
class Ledger:
    """What the raters know: answers acknowledged, and answers sent whose acknowledgement never came."""

    acknowledged: dict[str, tuple[int, str]] = field(default_factory=dict)
    pending: dict[str, tuple[Client, int, str]] = field(default_factory=dict)

    def send(self, rater: Client, assignment: int, value: str, key: str) -> None:
        self.pending[key] = (rater, assignment, value)
        rater.answer(assignment, value, key=key)
        self.acknowledged[key] = (assignment, value)
        del self.pending[key]

    def send_pending_again(self) -> int:
        again = list(self.pending.items())
        for key, (rater, assignment, value) in again:
            self.send(rater, assignment, value, key)
        return len(again)


def work(rater: Client, ledger: Ledger, options: list[str], dice: random.Random) -> None:
    """Answer until the server is gone."""
    try:
        while lent := rater.next(3):
            for one in lent:
                ledger.send(rater, one.id, dice.choice(options), uuid.UUID(int=dice.getrandbits(128)).hex)
    except UnavailableError:  # also of a database that is gone before the server is
        pass


def faults(project: Path, url: str, ledger: Ledger) -> dict[str, int]:
    """Count what must never be, straight from the tables."""
    engine = sa.create_engine(url.replace("postgresql:", "postgresql+psycopg:"))
    with engine.connect() as db:
        rows = db.exec_driver_sql("select key, assignment, value from answer")
        stored = {key: (assignment, value) for key, assignment, value in rows}

        def count(sql: str) -> int:
            return db.exec_driver_sql(f"select count(*) from ({sql}) as found").scalar_one()

        found = {
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
        }
    engine.dispose()
    # The counters again, as a user looks for them, and the audit log: its seals, and that it knows every answer.
    return found | {"amiss": len(doctor(project, database=url).faults)}


def project_with_items(folder: Path, url: str, n: int) -> list[str]:
    """A project with `n` items; the links of its raters."""
    init(folder, "Kill test")
    with Project.open(folder, database=url) as project:
        add(project, [Item(f"item-{i}", f"Item number {i}") for i in range(n)])
        return [f"/join/{invite(project)}" for _ in range(N_RATERS)]


@dataclass
class Host:
    """Where it all runs: one server process on SQLite; two on PostgreSQL, which is killed itself every other time."""

    folder: Path
    url: str
    ports: list[int]
    postgres: Postgres | None = None

    @contextmanager
    def running(self) -> Iterator[list[Running]]:
        with ExitStack() as stack:
            yield [stack.enter_context(running(self.folder, port, database=self.url)) for port in self.ports]

    def kill(self, servers: list[Running], nth: int) -> None:
        if self.postgres is not None and nth % 2:
            self.postgres.stop(signal.SIGKILL)
        for server in servers:
            server.process.send_signal(signal.SIGKILL)
        if self.postgres is not None and nth % 2:
            self.postgres.start()


def killed_and_retried(host: Host, kills: int) -> tuple[list[int], list[dict[str, int]]]:
    """Kill the servers `kills` times in mid-work; after each restart send again what is pending, and count.

    How many answers were acknowledged before each kill, and what was found after it.
    """
    dice, ledger, found, kept = random.Random(20261123), Ledger(), [], []
    links, raters = project_with_items(host.folder, host.url, ITEMS_A_KILL * (kills + 1)), []
    with Project.open(host.folder, database=host.url) as project:
        options = [option.id for option in project.protocol.question.options]
    for nth in range(kills):
        with host.running() as servers:
            urls = [servers[n % len(servers)].url for n in range(N_RATERS)]
            raters = raters or [Client.join(urls[n] + link, f"rater {n}", patience=0) for n, link in enumerate(links)]
            ledger.send_pending_again()
            found.append(faults(host.folder, host.url, ledger))
            threads = [threading.Thread(target=work, args=(rater, ledger, options, dice)) for rater in raters]
            before = len(ledger.acknowledged)
            for thread in threads:
                thread.start()
            threading.Event().wait(dice.uniform(0.2, 1.5))
            host.kill(servers, nth)
            for thread in threads:
                thread.join(timeout=30)
            kept.append(len(ledger.acknowledged) - before)
    with host.running():
        ledger.send_pending_again()
        found.append(faults(host.folder, host.url, ledger))
    for rater in raters:
        rater.close()
    return kept, found


KILLS = int(os.environ.get("MIDDLEMOST_KILLS", "15"))


@pytest.fixture(params=["sqlite", "postgresql"])
def host(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Host]:
    folder, ports = tmp_path / "project", free_ports(2)
    if request.param == "sqlite":
        yield Host(folder, f"sqlite:///{folder / 'middlemost.db'}", ports[:1])
        return
    require_postgres()
    with Postgres() as server:
        yield Host(folder, server.create("killed"), ports, server)


@pytest.mark.parametrize("kills", [1, pytest.param(KILLS, marks=pytest.mark.long)])
def test_a_killed_server_loses_doubles_and_over_assigns_nothing(host: Host, kills: int) -> None:
    kept, found = killed_and_retried(host, kills)
    assert all(kept), f"each kill comes in mid-work: {kept}"
    assert all(sum(round_.values()) == 0 for round_ in found), found

"""Jobs whose workers die, or meet: each is done once, whole, and leaves nothing behind."""

from __future__ import annotations

import resource
import signal
import time
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from threading import Barrier, Event, Thread

import polars as pl
import pytest
from postgres import Postgres

from middlemost.core.earlier import EarlierPage
from middlemost.core.nouns import Item
from middlemost.demo.server import Running, running
from middlemost.project import jobs
from middlemost.project.add import add
from middlemost.project.folder import Project
from middlemost.project.init import init
from middlemost.project.jobs import GoneError, Made, Work, work_once
from middlemost.project.moving import bring_in
from middlemost.project.people import invite
from middlemost.project.taking_along import KIND, ask_for_export, export_of, exports, make_export

from ..conftest import free_ports, new_database
from .signed import Signed, sign_in

RATERS = 5


def project_with_answers(folder: Path, url: str, n: int) -> str:
    """A project with `n` answers; a lead's link."""
    init(folder, "Faults")
    with Project.open(folder, database=url) as project:
        asked, items = project.protocol.question.id, range(n // RATERS)
        add(project, [Item(f"i{one:06}", f"Item number {one}") for one in items])
        pages = (
            EarlierPage(f"i{one:06}", f"R{rater}", {asked: project.options[(one + rater) % 2]}, f"k{one}-{rater}")
            for one in items
            for rater in range(RATERS)
        )
        bring_in(project, pages)
        return f"/join/{invite(project, role='lead')}"


def told(lead: Signed, number: int) -> dict:
    answered = lead.client.get(f"/api/exports/{number}")
    answered.raise_for_status()
    return answered.json()


def until(lead: Signed, number: int, *states: str, seconds: float = 120) -> dict:
    deadline = time.monotonic() + seconds
    while (found := told(lead, number))["state"] not in states:
        assert time.monotonic() < deadline, found
        time.sleep(0.02)
    return found


@pytest.fixture
def opened(tmp_path: Path, database: str) -> Iterator[Project]:
    project_with_answers(tmp_path / "project", database, 50)
    with Project.open(tmp_path / "project", database=database) as project:
        yield project


def files(folder: Path) -> list[str]:
    return sorted(one.name for one in (folder / "exports").iterdir())


@pytest.mark.long
@pytest.mark.parametrize("format", ["csv", "label-studio"])
def test_a_server_that_is_killed_in_mid_export_completes_it_after_its_restart(
    tmp_path: Path, database: str, format: str
) -> None:
    folder, (port,) = tmp_path / "project", free_ports(1)
    link = project_with_answers(folder, database, 60_000)
    with running(folder, port, database=database) as server:
        lead = sign_in(server.url, link, "Lea")
        number = lead.post("/api/exports", {"format": format})["id"]
        until(lead, number, "running")
        while not list((folder / "exports").glob(".*.part")):
            time.sleep(0.01)
        server.process.send_signal(signal.SIGKILL)
        server.process.wait()
    assert [one.startswith(f".{number}-") for one in files(folder)] == [True]
    with running(folder, port, database=database):
        done = until(lead, number, "done", "failed")
        assert (done["state"], done["tries"]) == ("done", 2)
        assert files(folder) == [done["file"]]
        content = lead.client.get(f"/api/exports/{number}/file").content
        assert len(content) == done["size"]
        if format == "csv":
            table = pl.read_csv(content)
            assert (table.height, table["item"].n_unique()) == (60_000, 12_000)
        lead.client.close()


@pytest.mark.long
def test_an_export_that_is_killed_every_time_has_failed_in_the_end(tmp_path: Path) -> None:
    database, folder, (port,) = new_database(tmp_path), tmp_path / "project", free_ports(1)
    link, lead, number = project_with_answers(folder, database, 60_000), None, 0
    seen: set[Path] = set()
    for _ in range(3):
        with running(folder, port, database=database) as server:
            lead = lead or sign_in(server.url, link, "Lea")
            number = number or lead.post("/api/exports", {"format": "label-studio"})["id"]
            until(lead, number, "running")
            deadline = time.monotonic() + 60
            while not (new := {*(folder / "exports").glob(".*.part")} - seen):
                assert time.monotonic() < deadline
                time.sleep(0.01)
            seen |= new
            server.process.send_signal(signal.SIGKILL)
            server.process.wait()
        lapse(folder, database)
    with running(folder, port, database=database):
        assert lead is not None
        ended = until(lead, number, "done", "failed")
        assert ended["state"] == "failed"
        assert "begun 3 times" in ended["outcome"]
        deadline = time.monotonic() + 30
        while files(folder):
            assert time.monotonic() < deadline, files(folder)
            time.sleep(0.1)
        lead.client.close()


def lapse(folder: Path, url: str) -> None:
    with Project.open(folder, database=url) as project:
        project.store.write(lambda one: one.exec_driver_sql("UPDATE job SET leased_until = 0 WHERE state = 'running'"))


@pytest.mark.long
def test_two_servers_do_one_job_once(tmp_path: Path, postgres: Postgres) -> None:
    folder, url = tmp_path / "project", new_database(postgres)
    link = project_with_answers(folder, url, 20_000)
    with ExitStack() as stack:
        servers: list[Running] = [stack.enter_context(running(folder, port, database=url)) for port in free_ports(2)]
        lead = sign_in(servers[0].url, link, "Lea")
        numbers = [lead.post("/api/exports", {"format": "csv"})["id"] for _ in range(4)]
        found = [until(lead, number, "done", "failed") for number in numbers]
        assert [(one["state"], one["tries"]) for one in found] == [("done", 1)] * 4
        assert files(folder) == sorted(one["file"] for one in found)
        lead.client.close()
    with Project.open(folder, database=url) as project:
        ends = "SELECT count(*) FROM event WHERE did = 'finished a job'"
        assert project.store.read(lambda one: one.exec_driver_sql(ends).scalar()) == 4


def test_many_workers_that_come_at_once_take_each_job_once(opened: Project) -> None:
    taken, barrier = [], Barrier(6)

    def make(project: Project, work: Work) -> Made:
        taken.append(work.job.id)
        time.sleep(0.05)
        return Made("none", 0)

    def worker(name: str) -> None:
        barrier.wait()
        while work_once(opened, {KIND: make}, name, Event()):
            pass

    for n in range(8):
        ask_for_export(opened, "csv", key=f"the key {n}")
    threads = [Thread(target=worker, args=(f"w{n}",)) for n in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(taken) == list(range(1, 9))


def test_a_worker_that_was_taken_for_dead_changes_nothing(opened: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    """It stands still for longer than its lease; meanwhile another one does the job."""
    monkeypatch.setattr(jobs, "RENEW_SECONDS", 3600.0)
    number = ask_for_export(opened, "csv").id
    reached, go_on = Event(), Event()

    def slow(project: Project, work: Work) -> Made:
        reached.set()
        go_on.wait(30)
        return make_export(project, work)

    first = Thread(target=work_once, args=(opened, {KIND: slow}, "slow", Event()))
    first.start()
    assert reached.wait(30)
    lapse(opened.folder, opened.store._engine.url.render_as_string(hide_password=False))
    assert work_once(opened, {KIND: make_export}, "quick", Event())
    before = export_of(opened, number)
    go_on.set()
    first.join()
    assert export_of(opened, number) == before
    assert (before.state, before.tries) == ("done", 2)
    assert files(opened.folder) == [before.file]


def test_a_lease_is_renewed_while_a_step_takes_long(opened: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(jobs, "LEASE", 1.0)
    monkeypatch.setattr(jobs, "RENEW_SECONDS", 0.1)
    number, others = ask_for_export(opened, "csv").id, []

    def long(project: Project, work: Work) -> Made:
        work.tell(3, 10)
        for _ in range(5):
            time.sleep(0.4)
            others.append(work_once(project, {KIND: make_export}, "other", Event()))
        assert (export_of(project, number).done, export_of(project, number).total) == (3, 10)
        return Made("none", 0)

    assert work_once(opened, {KIND: long}, "patient", Event())
    assert others == [False] * 5
    assert (export_of(opened, number).state, export_of(opened, number).tries) == ("done", 1)


def test_who_has_lost_a_job_is_told_at_the_next_step(opened: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(jobs, "RENEW_SECONDS", 0.05)
    ask_for_export(opened, "csv")
    ended = []

    def endless(project: Project, work: Work) -> Made:
        taken = "UPDATE job SET worker = 'another'"
        project.store.write(lambda one: one.exec_driver_sql(taken))
        try:
            while True:
                work.tell(1, 2)
                time.sleep(0.01)
        except GoneError:
            ended.append(work.lost.is_set())
            raise

    assert work_once(opened, {KIND: endless}, "loser", Event())
    assert ended == [True]
    (job,) = exports(opened).jobs
    assert job.state == "running"


@pytest.mark.parametrize("format", ["csv", "jsonl", "parquet", "argilla", "label-studio", "release"])
def test_a_full_disk_fails_an_export_in_words_and_loses_nothing(
    tmp_path: Path, postgres: Postgres, format: str
) -> None:
    """The disk is full for this process alone: no file of it may be larger than some bytes."""
    folder, url = tmp_path / "project", new_database(postgres)
    project_with_answers(folder, url, 500)
    with Project.open(folder, database=url) as project:
        for key, limit in (("the first try", 1000), ("the second try", resource.RLIM_INFINITY)):
            number = ask_for_export(project, format, key=key).id
            unlimited = resource.getrlimit(resource.RLIMIT_FSIZE)
            resource.setrlimit(resource.RLIMIT_FSIZE, (limit, resource.RLIM_INFINITY))
            try:
                assert work_once(project, {KIND: make_export}, "worker", Event())
            finally:
                resource.setrlimit(resource.RLIMIT_FSIZE, unlimited)
            job = export_of(project, number)
            if limit == 1000:
                assert job.state == "failed"
                assert "no room" in str(job.outcome) or "File too large" in str(job.outcome)
                assert str(folder) not in str(job.outcome)
                assert files(folder) == []
            else:
                assert job.state == "done"
                assert files(folder) == [job.file]

"""The database goes away or is full under a server that runs: everybody is told, and nobody loses an answer."""

from __future__ import annotations

import os
import resource
import shutil
import signal
import subprocess
import threading
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from uuid import uuid4

import httpx
import pytest
from postgres import Postgres

from middlemost.core.nouns import Item
from middlemost.demo.server import running
from middlemost.errors import StateError
from middlemost.project.add import add
from middlemost.project.doctor import doctor
from middlemost.project.folder import Project
from middlemost.project.init import init
from middlemost.project.people import invite
from middlemost.store import answers
from middlemost.web.serve import serving

from ..conftest import free_ports, new_database, require_postgres
from .signed import Signed, sign_in

N_ITEMS = 2000


def project_in(folder: Path, url: str) -> Path:
    init(folder, "Faults")
    with Project.open(folder, database=url) as project:
        add(project, [Item(f"i{n}", f"Item number {n}") for n in range(N_ITEMS)])
    return folder


def raters_of(folder: Path, url: str, addresses: list[str]) -> list[Signed]:
    with Project.open(folder, database=url) as project:
        links = [f"/join/{invite(project)}" for _ in addresses]
    return [sign_in(address, link, f"R{n}") for n, (address, link) in enumerate(zip(addresses, links, strict=True))]


def stored(folder: Path, url: str) -> dict[str, str]:
    with Project.open(folder, database=url) as project:
        rows = project.store.read(answers.every)
    return {f"{row.rater} {row.item}": row.answer for row in rows}


class Rater:
    """Sends like the rater's page: again, under the same key, until the server has said that the answer is kept."""

    def __init__(self, signed: Signed) -> None:
        self.signed, self.kept, self.refusals = signed, {}, []

    def work(self, stop: threading.Event) -> None:
        while not stop.is_set():
            for lent in self.post("/api/next", {"want": 2}).json()["assignments"]:
                self.post("/api/answers", {"assignment": lent["id"], "value": "yes"}, key=uuid4().hex)
                self.kept[f"{self.signed.pseudonym} {lent['item']['id']}"] = "yes"

    def post(self, path: str, body: dict, key: str = "") -> httpx.Response:
        deadline = time.monotonic() + 60
        while time.monotonic() < deadline:
            answered = self.signed.client.post(path, json=body, headers={"Idempotency-Key": key} if key else {})
            if answered.status_code < 400:
                return answered
            self.refusals.append(answered)
            time.sleep(0.1)
        raise TimeoutError(answered.text)


@pytest.mark.long
@pytest.mark.parametrize("how", [signal.SIGINT, signal.SIGKILL], ids=["restarted", "killed"])
def test_raters_work_on_when_postgresql_comes_back(tmp_path: Path, how: signal.Signals) -> None:
    require_postgres()
    with ExitStack() as stack:
        server = stack.enter_context(Postgres())
        url = server.create("restarted")
        folder = project_in(tmp_path / "project", url)
        ports = free_ports(2)
        addresses = [stack.enter_context(running(folder, port, database=url)).url for port in ports]
        raters = [Rater(signed) for signed in raters_of(folder, url, addresses * 2)]
        stop = threading.Event()
        threads = [threading.Thread(target=rater.work, args=(stop,)) for rater in raters]
        for thread in threads:
            thread.start()
        for pause in (0.3, 7.0):  # within the patience of an operation, and beyond it
            time.sleep(1.0)
            before = sum(len(rater.kept) for rater in raters)
            server.stop(how)
            time.sleep(pause)
            server.start()
            while sum(len(rater.kept) for rater in raters) < before + 20:
                assert any(thread.is_alive() for thread in threads)
                time.sleep(0.1)
        stop.set()
        for thread in threads:
            thread.join()
        for rater in raters:
            rater.signed.client.close()
        refusals = [refusal for rater in raters for refusal in rater.refusals]
        kept = {name: value for rater in raters for name, value in rater.kept.items()}
        assert {refusal.status_code for refusal in refusals} <= {503}
        assert refusals
        assert stored(folder, url) == kept
        assert doctor(folder, database=url).faults == ()


@pytest.fixture
def away(tmp_path: Path) -> Iterator[tuple[str, Signed]]:
    """A server, and somebody signed in to it, whose database has just gone away."""
    require_postgres()
    with Postgres("fsync=off") as server:
        url = server.create("away")
        folder = project_in(tmp_path / "project", url)
        with Project.open(folder, database=url) as project, serving(project) as address:
            (rater,) = raters_of(folder, url, [address])
            rater.post("/api/next", {"want": 1})
            server.stop()
            yield address, rater
            server.start()
            assert rater.post("/api/next", {"want": 1})["assignments"]
            rater.client.close()


def test_a_server_without_its_database_says_so_and_comes_back_by_itself(away: tuple[str, Signed]) -> None:
    address, rater = away
    for path, body in (("/api/next", {"want": 1}), ("/api/take-back", {})):
        told = rater.client.post(path, json=body)
        assert told.status_code == 503
        assert told.headers["Retry-After"] == "2"
        assert told.headers["Content-Type"] == "application/problem+json"
        assert told.json()["detail"] == "The database does not answer."
    page = httpx.get(f"{address}/join/unknown", headers={"Accept": "text/html"})
    assert page.status_code == 503
    assert "The database does not answer." in page.text
    assert httpx.get(f"{address}/healthz").status_code == 200


def test_a_full_disk_refuses_answers_in_words_and_loses_none(tmp_path: Path, free_port: int) -> None:
    """The disk is full for the server's process alone: no file of it may grow beyond what it is."""
    folder = project_in(tmp_path / "project", new_database(tmp_path))
    url = f"sqlite:///{next(tmp_path.glob('store-*.db'))}"
    with running(folder, free_port, database=url) as server:
        (signed,) = raters_of(folder, url, [server.url])
        rater, pid = Rater(signed), server.process.pid
        largest = max(file.stat().st_size for file in tmp_path.glob("store-*"))
        unlimited = resource.prlimit(pid, resource.RLIMIT_FSIZE, (largest + 40_000, resource.RLIM_INFINITY))
        full, stop = threading.Event(), threading.Event()

        def make_room() -> None:
            while not rater.refusals:
                time.sleep(0.02)
            time.sleep(0.5)
            full.set()
            resource.prlimit(pid, resource.RLIMIT_FSIZE, unlimited)
            kept = len(rater.kept)
            while len(rater.kept) < kept + 10:
                time.sleep(0.02)
            stop.set()

        maker = threading.Thread(target=make_room)
        maker.start()
        rater.work(stop)
        maker.join()
        signed.client.close()
        assert full.is_set()
        first = rater.refusals[0]
        assert first.status_code == 503
        assert first.headers["Retry-After"] == "2"
        assert first.json()["detail"].startswith("Nothing was written: d")  # disk I/O error, or disk is full
        assert stored(folder, url) == rater.kept
        assert doctor(folder, database=url).faults == ()


@contextmanager
def small_disk(folder: Path) -> Iterator[Path]:
    """A folder with a disk of its own, of 48 MB."""
    folder.mkdir()
    command = ["mount", "-t", "tmpfs", "-o", "size=48m,mode=755", "tmpfs", folder]
    if subprocess.run(command, check=False, capture_output=True).returncode:
        pytest.skip("needs to mount a small disk, as root may")
    try:
        yield folder
    finally:
        subprocess.run(["umount", "--lazy", folder], check=True)


def fill(disk: Path) -> Path:
    """A file that takes all the room there is."""
    filler = disk / "filler"
    with filler.open("wb", buffering=0) as file:
        try:
            while file.write(b"0" * 4096):
                pass
        except OSError:
            return filler
    raise AssertionError("a disk without an end")


@pytest.mark.skipif(
    os.geteuid() != 0 or shutil.which("mount") is None, reason="needs to mount a small disk, as root may"
)
def test_a_full_disk_under_postgresql_refuses_answers_in_words_and_loses_none(tmp_path: Path, free_port: int) -> None:
    require_postgres()
    with Postgres() as postgres, small_disk(postgres.folder / "disk") as disk:
        url = postgres.create_on("filled", disk)
        folder = project_in(tmp_path / "project", url)
        with running(folder, free_port, database=url) as server:
            (signed,) = raters_of(folder, url, [server.url])
            rater, stop = Rater(signed), threading.Event()
            thread = threading.Thread(target=rater.work, args=(stop,))
            thread.start()
            filler = fill(disk)
            while not rater.refusals:
                assert thread.is_alive()
                time.sleep(0.02)
            time.sleep(0.5)
            filler.unlink()
            kept = len(rater.kept)
            while len(rater.kept) < kept + 10:
                assert thread.is_alive()
                time.sleep(0.02)
            stop.set()
            thread.join()
            signed.client.close()
            assert {refusal.status_code for refusal in rater.refusals} == {503}
            first = rater.refusals[0]
            assert first.headers["Retry-After"] == "2"
            assert first.json()["detail"].startswith("Nothing was written: could not extend file")
            assert first.json()["mend"] == "Make room; then send it again."
            assert stored(folder, url) == rater.kept
        assert doctor(folder, database=url).faults == ()


@pytest.mark.long
def test_two_servers_on_one_sqlite_file_take_turns(tmp_path: Path) -> None:
    folder = project_in(tmp_path / "project", new_database(tmp_path))
    url = f"sqlite:///{next(tmp_path.glob('store-*.db'))}"
    with ExitStack() as stack:
        addresses = [stack.enter_context(running(folder, port, database=url)).url for port in free_ports(2)]
        raters, stop = [Rater(signed) for signed in raters_of(folder, url, addresses * 2)], threading.Event()
        threads = [threading.Thread(target=rater.work, args=(stop,)) for rater in raters]
        for thread in threads:
            thread.start()
        time.sleep(3)
        stop.set()
        for thread in threads:
            thread.join()
        for rater in raters:
            rater.signed.client.close()
        assert all(rater.kept and not rater.refusals for rater in raters)
        assert stored(folder, url) == {name: value for rater in raters for name, value in rater.kept.items()}
        assert doctor(folder, database=url).faults == ()


def test_a_server_does_not_start_on_a_database_of_a_newer_version(tmp_path: Path, free_port: int, capfd) -> None:
    url = new_database(tmp_path)
    folder = project_in(tmp_path / "project", url)
    with Project.open(folder, database=url) as project:
        change = "UPDATE middlemost_version SET version_num = '0999'"
        project.store.write(lambda connection: connection.exec_driver_sql(change))
    with pytest.raises(StateError, match="did not start"), running(folder, free_port, database=url):
        pass
    assert "newer version of middlemost" in " ".join(capfd.readouterr().err.split())

"""Webhooks: everything that happens is told, signed, until it is heard, and what became of it is written down."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread

import httpx
import pytest

from middlemost.core.nouns import Item, Submission
from middlemost.errors import InputError, MissingError, SettingError, StateError
from middlemost.project.add import add
from middlemost.project.answer import answer
from middlemost.project.folder import Project
from middlemost.project.hooks import PAUSES, add_hook, deliver, deliveries, end_hook, hooks, resend
from middlemost.project.next import next_assignments
from middlemost.project.people import invite, join

from .conftest import PROTOCOL


class Ear(ThreadingHTTPServer):
    """Somebody who is told; `says` is the status that the next ones are answered with."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Hearing)
        self.heard: list[tuple[dict[str, str], bytes]] = []
        self.says = 204
        self.url = f"http://127.0.0.1:{self.server_port}/hook"


class Hearing(BaseHTTPRequestHandler):
    def do_POST(self) -> None:
        ear: Ear = self.server
        body = self.rfile.read(int(self.headers["Content-Length"]))
        ear.heard.append(({name.lower(): value for name, value in self.headers.items()}, body))
        self.send_response(ear.says)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, *_: object) -> None:
        pass


class Clock:
    now = 1_000_000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def project(tmp_path: Path, database: str, clock: Clock) -> Iterator[Project]:
    (tmp_path / "protocol.yaml").write_text(PROTOCOL)
    (tmp_path / "guidelines.md").write_text("Listen.\n")
    with Project.open(tmp_path, database=database, clock=clock) as opened:
        add(opened, [Item(f"i{n}", f"text {n}") for n in range(4)])
        yield opened


@pytest.fixture
def ear() -> Iterator[Ear]:
    with Ear() as server:
        thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
        thread.start()
        yield server
        server.shutdown()
        thread.join()


def go(project: Project) -> int:
    project.store.seal()
    with httpx.Client(timeout=5) as client:
        return deliver(project, client)


def work(project: Project, name: str = "Ada", n: int = 2) -> None:
    person = join(project, invite(project), name).person
    for one in next_assignments(project, person, n):
        answer(project, person, Submission(one.id, "kind", f"{name} {one.id}"))


def test_what_happens_is_told_in_order_and_signed(project: Project, ear: Ear) -> None:
    work(project, "Before")
    secret = add_hook(project, "lake", ear.url, ["answered", "joined"])
    work(project, "Bob")
    assert go(project) == 3
    assert go(project) == 0, "once"
    told = [json.loads(body) for _, body in ear.heard]
    assert [one["type"] for one in told] == ["joined", "answered", "answered"]
    assert {one["data"]["actor"] for one in told} == {"r-002"}
    assert all(b"Bob" not in body and b"kind" not in body for _, body in ear.heard), "no name, no answer"
    for headers, body in ear.heard:
        key = base64.b64decode(secret.removeprefix("whsec_"))
        said = f"{headers['webhook-id']}.{headers['webhook-timestamp']}.".encode() + body
        mac = base64.b64encode(hmac.new(key, said, hashlib.sha256).digest()).decode()
        assert headers["webhook-signature"] == f"v1,{mac}"
    assert [(one.state, one.tries, one.outcome) for one in deliveries(project)] == [("done", 1, "204")] * 3


def test_what_is_not_heard_is_told_again_later_under_the_same_id(project: Project, ear: Ear, clock: Clock) -> None:
    add_hook(project, "lake", ear.url, ["joined"])
    work(project)
    ear.says = 500
    for tries, pause in enumerate(PAUSES, 1):
        assert go(project) == 1
        (one,) = deliveries(project)
        assert (one.state, one.tries, one.outcome) == ("pending", tries, "500")
        clock.now += pause - 1
        assert go(project) == 0, "not before its time"
        clock.now += 1
    assert go(project) == 1
    assert deliveries(project)[0].state == "failed"
    assert len({headers["webhook-id"] for headers, _ in ear.heard}) == 1
    clock.now += 10**6
    assert go(project) == 0
    ear.says = 200
    assert resend(project, "lake") == 1
    assert go(project) == 1
    assert deliveries(project)[0].state == "done"


def test_nobody_there_is_a_try_that_failed(project: Project, free_port: int) -> None:
    add_hook(project, "nobody", f"http://127.0.0.1:{free_port}/", ["joined"])
    work(project)
    assert go(project) == 1
    (one,) = deliveries(project)
    assert one.state == "pending"
    assert "ConnectError" in (one.outcome or "")


def test_who_is_gone_is_told_nothing_more(project: Project, ear: Ear) -> None:
    add_hook(project, "lake", ear.url, ["joined"])
    ear.says = 410
    work(project)
    assert go(project) == 1
    work(project, "Bob")
    assert go(project) == 0
    assert hooks(project)[0].ended_at is not None


def test_a_hook_that_was_ended_or_that_another_process_sends_for_is_left_alone(
    project: Project, ear: Ear, tmp_path: Path, database: str, clock: Clock
) -> None:
    add_hook(project, "lake", ear.url, ["joined"])
    work(project)
    from middlemost.store import hooks as stored

    assert len(project.store.write(stored.take, now=clock.now, lasts=60.0)) == 1
    assert go(project) == 0, "somebody else is at it"
    clock.now += 61
    assert go(project) == 1, "who held it is gone"
    end_hook(project, "lake")
    work(project, "Bob")
    assert go(project) == 0
    with pytest.raises(MissingError):
        end_hook(project, "lake")


@pytest.mark.parametrize(
    "url",
    [
        "http://example.org/", "ftp://127.0.0.1/", "https://", "file:///etc/passwd", "http://127.0.0.1.example.org/",
        "https://user:word@example.org/", "http://[::1", "x",
    ],
)  # fmt: skip
def test_an_address_where_others_could_listen_in_is_refused(project: Project, url: str) -> None:
    with pytest.raises(InputError, match="https"):
        add_hook(project, "lake", url, ["joined"])


def test_what_nobody_can_be_told_of_is_named(project: Project, ear: Ear) -> None:
    with pytest.raises(SettingError, match="answered"):
        add_hook(project, "lake", ear.url, ["answer"])
    with pytest.raises(SettingError):
        add_hook(project, "lake", ear.url, [])
    add_hook(project, "lake", ear.url, ["joined"])
    with pytest.raises(StateError, match="already"):
        add_hook(project, "lake", ear.url, ["joined"])

"""A real server on a real port, and clients that are signed in to it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from uuid import uuid4

import httpx
import pytest

from middlemost.core.nouns import Item
from middlemost.project.add import add
from middlemost.project.folder import Project
from middlemost.project.people import invite
from middlemost.web.serve import serving

from ..conftest import begun

PROTOCOL = """\
name: Replies
paradigm: prescriptive
questions:
  - id: respect
    ask: Is this reply respectful?
    options:
      - {id: kind, label: Respectful}
      - {id: rude, label: Disrespectful, hint: an insult}
      - {id: neither}
collection:
  answers_per_item: 2
"""


class Client(httpx.Client):
    """Somebody who has joined: sends the session's token with everything."""

    def join(self, token: str, name: str) -> None:
        joined = self.post(f"/join/{token}", json={"name": name}, headers={"Accept": "application/json"})
        joined.raise_for_status()
        self.pseudonym: str = joined.json()["pseudonym"]
        self.headers["X-CSRF-Token"] = joined.json()["csrf"]

    def next(self, want: int = 3) -> list[dict]:
        answered = self.post("/api/next", json={"want": want})
        answered.raise_for_status()
        return answered.json()["assignments"]

    def answer(self, assignment: int, value: str, key: str | None = None) -> httpx.Response:
        body = {"assignment": assignment, "value": value, "started_at": 1.0, "active_ms": 1200}
        return self.post("/api/answers", json=body, headers={"Idempotency-Key": key or str(uuid4())})


@pytest.fixture
def project(tmp_path: Path) -> Iterator[Project]:
    (tmp_path / "protocol.yaml").write_text(PROTOCOL, "utf-8")
    (tmp_path / "guidelines.md").write_text("# Respect\n\n<script>alert(1)</script> is *text*.\n", "utf-8")
    with Project.open(begun(tmp_path)) as opened:
        add(opened, [Item(f"i{n}", f"Reply number {n}") for n in range(1, 7)])
        yield opened


@pytest.fixture
def server(project: Project) -> Iterator[str]:
    with serving(project) as url:
        yield url


Join = Callable[..., Client]


@pytest.fixture
def joined(project: Project, server: str) -> Iterator[Join]:
    """`joined("Ada")` is a rater, `joined("Grace", role="lead")` a lead, each with a client of their own."""
    with ExitStack() as stack:

        def join(name: str, **settings: object) -> Client:
            client = stack.enter_context(Client(base_url=server, timeout=10))
            client.join(invite(project, **settings), name)
            return client

        yield join


@pytest.fixture
def visitor(server: str) -> Iterator[httpx.Client]:
    with httpx.Client(base_url=server, timeout=10) as client:
        yield client

"""A slow line that breaks between raters and their server: every answer is kept once, and the page says what is not."""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from uuid import uuid4

import httpx
import pytest
import sqlalchemy as sa
from line import Line

from middlemost.core.nouns import Item
from middlemost.project.add import add
from middlemost.project.doctor import doctor
from middlemost.project.folder import Project
from middlemost.project.init import init
from middlemost.project.people import invite
from middlemost.store.schema import answer, assignment, item
from middlemost.web.serve import serving

from .signed import Signed, sign_in

N_RATERS, N_EACH = 4, 40


@pytest.fixture
def project(tmp_path: Path, database: str) -> Iterator[Project]:
    init(tmp_path / "project", "Line")
    with Project.open(tmp_path / "project", database=database) as opened:
        add(opened, [Item(f"i{n}", f"Item number {n}") for n in range(400)])
        yield opened


def sent_again(rater: Signed, path: str, body: dict, key: str = "") -> dict:
    """As the page does it: until there is an answer, under the same key."""
    for _ in range(60):
        try:
            replied = rater.client.post(path, json=body, headers={"Idempotency-Key": key} if key else {})
            assert replied.status_code in {200, 201}, replied.text
            return replied.json()
        except httpx.TransportError:
            pass
    raise TimeoutError(path)


def work(rater: Signed, kept: list[tuple[str, str, str]]) -> None:
    while len(kept) < N_EACH:
        for lent in sent_again(rater, "/api/next", {"want": 2})["assignments"]:
            key = uuid4().hex
            sent_again(rater, "/api/answers", {"assignment": lent["id"], "value": "yes"}, key)
            kept.append((rater.pseudonym, lent["item"]["id"], key))


def test_every_answer_over_a_line_that_breaks_is_kept_once_and_none_is_lost(
    project: Project, tmp_path: Path, database: str
) -> None:
    with serving(project) as address, Line(address, delay=0.005, piece=400, cuts=0.1) as line:
        kept: list[list[tuple[str, str, str]]] = [[] for _ in range(N_RATERS)]
        raters = [sign_in(address, f"/join/{invite(project)}", f"R{n}") for n in range(N_RATERS)]
        for rater in raters:
            rater.client.base_url = httpx.URL(line.url)
        threads = [threading.Thread(target=work, args=pair) for pair in zip(raters, kept, strict=True)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        for rater in raters:
            rater.client.close()
        assert min(line.broken["up"], line.broken["down"]) > 5, line.broken
    query = (
        sa.select(item.c.id, answer.c.key).select_from(answer).join(assignment, assignment.c.id == answer.c.assignment)
    )
    rows = project.store.read(
        lambda connection: connection.execute(query.join(item, item.c.seq == assignment.c.item)).all()
    )
    acknowledged = [one for each in kept for one in each]
    assert Counter((row.id, row.key) for row in rows) == Counter((name, key) for _, name, key in acknowledged)
    project.store.seal()
    assert doctor(tmp_path / "project", database=database).faults == ()

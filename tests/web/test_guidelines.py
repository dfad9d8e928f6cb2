"""What was read of the guidelines comes in with answers and is shown on the desk; it never keeps an answer out."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Callable
from uuid import uuid4

import httpx
import pytest
import sqlalchemy as sa

from middlemost.core.nouns import Item
from middlemost.project.add import add
from middlemost.project.folder import Project
from middlemost.store.schema import reading


def send(client: httpx.Client, assignment: int, value: str, read: object) -> httpx.Response:
    body = json.dumps({"assignment": assignment, "value": value, "read": read})
    headers = {"Idempotency-Key": str(uuid4()), "Content-Type": "application/json"}
    return client.post("/api/answers", content=body, headers=headers)


def noted(project: Project) -> list[str]:
    return list(project.store.read(lambda connection: connection.execute(sa.select(reading.c.section)).scalars().all()))


@pytest.mark.parametrize(
    ("read", "kept"),
    [
        (["respect"], ["respect"]),
        (["respect", "respect", "no such"], ["respect"]),
        (["no such"], []),
        ([f"s{n}" for n in range(60)] + ["respect"], []),
        ([1, None, {"a": 1}, "respect"], ["respect"]),
        ("respect", []),
        (None, []),
        ({"respect": 1}, []),
        (["\ud800"], []),
    ],
)
def test_whatever_is_said_of_reading_the_answer_is_taken(
    joined: Callable, project: Project, read: object, kept
) -> None:
    ada = joined("Ada")
    assert send(ada, ada.next(1)[0]["id"], "kind", read).status_code == 201
    assert noted(project) == kept


def test_the_rater_s_page_marks_sections_and_says_that_reading_is_noted(joined: Callable) -> None:
    page = joined("Ada").get("/rate").text
    assert '<section data-section="respect">' in page
    assert "is noted with your answer" in page


@pytest.fixture
def read(joined: Callable, project: Project) -> None:
    """Before a dozen answers to items on which they differ Ada has read the only section."""
    add(project, [Item(f"m{n:02d}", f"More {n}") for n in range(34)])
    for name, other in (("Ada", "kind"), ("Bo", "rude")):
        rater = joined(name)
        number = 0
        while lent := rater.next(1):
            value = other if number < 12 else "kind"
            send(rater, lent[0]["id"], value, ["respect"] if name == "Ada" and number < 12 else []).raise_for_status()
            number += 1


def test_the_desk_names_the_section_that_precedes_disputes(read, joined: Callable) -> None:
    lead = joined("Grace", role="lead")
    lead.get("/api/standing")
    page = lead.get("/desk/guidelines").text
    assert "“Respect” precedes disputes." in page
    assert "100 % (74 % to 100 %) went to items on which raters differ" in page
    assert "<b>12</b> answers after reading it" in page
    rows = list(csv.DictReader(io.StringIO(lead.get("/api/guidelines.csv").text)))
    assert [(row["section"], row["answers"], row["share_disputed"]) for row in rows] == [("respect", "12", "1.0")]
    assert float(rows[0]["p_adjusted"]) < 0.001


def test_where_opinions_may_differ_no_dispute_is_a_fault(read, joined: Callable, project: Project) -> None:
    descriptive = project.protocol.model_copy(update={"paradigm": "descriptive"})
    object.__setattr__(project, "protocol", descriptive)
    lead = joined("Grace", role="lead")
    lead.get("/api/standing")
    page = lead.get("/desk/guidelines").text
    assert "Opinions differ after “Respect”." in page
    assert "dispute" not in page


def test_before_anybody_read_anything_the_page_says_so(joined: Callable) -> None:
    lead = joined("Grace", role="lead")
    lead.get("/api/standing")
    assert "Nobody has read the guidelines before an answer yet." in lead.get("/desk/guidelines").text
    assert lead.get("/desk/guidelines", params={"version": 9}).status_code == 404
    ada = joined("Ada")
    send(ada, ada.next(1)[0]["id"], "kind", ["respect"])
    lead.get("/api/standing")
    assert "Nothing can be said yet." in lead.get("/desk/guidelines").text

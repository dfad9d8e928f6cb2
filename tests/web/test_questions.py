"""Pages with several questions of every type, over HTTP."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from uuid import uuid4

import httpx
import pytest

from middlemost.core.nouns import Item
from middlemost.project.add import add
from middlemost.project.collected import collected
from middlemost.project.folder import Project
from middlemost.project.progress import progress

PROTOCOL = """\
name: Harm
paradigm: prescriptive
questions:
  - {id: heat, type: scale, ask: "How heated?", min: 1, max: 5}
  - {id: harmful, ask: "Harmful?", options: [{id: "yes"}, {id: "no"}]}
  - id: kinds
    type: multichoice
    ask: Which kinds?
    when: {question: harmful, is: "yes"}
    options: [{id: insult}, {id: threat}]
  - {id: where, type: spans, ask: "Where?", labels: [{id: bad}], when: {question: harmful, is: "yes"}}
  - {id: order, type: ranking, ask: "Which first?", field: replies, ties: yes}
  - {id: why, type: text, ask: "Why?", required: no}
collection:
  answers_per_item: 2
"""
HARMFUL = {
    "heat": 4,
    "harmful": "yes",
    "kinds": ["threat", "insult"],
    "where": [{"start": 0, "end": 1, "label": "bad"}],
    "order": [["2", "1"]],
    "why": "It is.",
}
HARMLESS = {"heat": 1, "harmful": "no", "order": [["1"], ["2"]]}


@pytest.fixture
def project(tmp_path: Path) -> Iterator[Project]:
    (tmp_path / "protocol.yaml").write_text(PROTOCOL, "utf-8")
    (tmp_path / "guidelines.md").write_text("# Harm\n", "utf-8")
    with Project.open(tmp_path) as opened:
        add(opened, [Item(f"i{n}", f"🐂 number {n}", {"replies": ["one", "two"]}) for n in range(3)])
        yield opened


def send(rater: httpx.Client, assignment: int, values: object, key: str | None = None) -> httpx.Response:
    body = {"assignment": assignment, "values": values, "started_at": 1.0, "active_ms": 1200}
    return rater.post("/api/answers", json=body, headers={"Idempotency-Key": key or str(uuid4())})


def test_a_page_is_kept_whole_and_comes_back_to_be_corrected(joined: Callable, project: Project) -> None:
    ada = joined("Ada")
    lent = ada.next()[0]["id"]
    assert send(ada, lent, HARMFUL).status_code == 201
    back = ada.post("/api/take-back", json={}).json()["assignment"]
    assert back["given"] == HARMFUL | {"kinds": ["insult", "threat"], "order": [["1", "2"]]}
    assert send(ada, lent, HARMLESS).json()["revision"] == 2
    assert ada.post("/api/take-back", json={}).json()["assignment"]["given"] == HARMLESS
    assert progress(project).answers == 1
    assert collected(project, "kinds") is None


def test_a_retry_of_a_page_makes_no_second_one_and_another_page_may_not_have_its_key(joined: Callable) -> None:
    ada = joined("Ada")
    lent = ada.next()[0]["id"]
    first, retry = send(ada, lent, HARMFUL, "key-of-one"), send(ada, lent, HARMFUL, "key-of-one")
    assert (first.status_code, retry.status_code) == (201, 200)
    assert first.json() == retry.json()
    assert send(ada, lent, HARMLESS, "key-of-one").status_code == 409


@pytest.mark.parametrize(
    ("change", "question", "says"),
    [
        ({"heat": 6}, "heat", "at most 5"),
        ({"heat": "4"}, "heat", "a number"),
        ({"heat": None}, "heat", "no answer"),
        ({"harmful": "no"}, "kinds", "does not come up"),
        ({"kinds": ["slur"]}, "kinds", "none of the options"),
        ({"where": [{"start": 0, "end": 99, "label": "bad"}]}, "where", "does not lie in"),
        ({"order": [["1"]]}, "order", "2 are to be ranked"),
        ({"why": "x" * 3000}, "why", "at most 2000"),
        ({"whi": "x"}, "whi", "no such question"),
    ],
)
def test_a_page_with_a_mistake_is_refused_whole_and_the_question_named(
    joined: Callable, project: Project, change: dict[str, Any], question: str, says: str
) -> None:
    ada = joined("Ada")
    refused = send(ada, ada.next()[0]["id"], HARMFUL | change)
    assert (refused.status_code, refused.headers["content-type"]) == (422, "application/problem+json")
    told = refused.json()
    assert says in told["detail"]
    assert [one["field"] for one in told["errors"]] == [question]
    assert progress(project).answers == 0


def test_one_value_is_no_answer_to_several_questions(joined: Callable) -> None:
    ada = joined("Ada")
    refused = ada.answer(ada.next()[0]["id"], "yes")
    assert refused.status_code == 422
    assert "several questions" in refused.json()["detail"]


def test_what_no_item_stands_behind_is_not_there(joined: Callable) -> None:
    assert send(joined("Ada"), 10**6, HARMFUL).status_code == 404

"""Pages with several questions of every type, over HTTP."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from uuid import uuid4

import httpx
import polars as pl
import pytest

from middlemost.core.nouns import Item
from middlemost.errors import MissingError, StateError
from middlemost.project.add import add
from middlemost.project.collected import collected
from middlemost.project.conclude import labels
from middlemost.project.folder import Project
from middlemost.project.progress import progress
from middlemost.project.release import release

from ..conftest import begun

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
    with Project.open(begun(tmp_path)) as opened:
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


def test_the_desk_shows_every_question_and_every_answer_in_words(joined: Callable, project: Project) -> None:
    ada, blaise, grace = joined("Ada"), joined("Blaise"), joined("Grace", role="lead")
    for rater, said in ((ada, HARMFUL), (blaise, HARMLESS)):
        for lent in rater.next(3):
            assert send(rater, lent["id"], said).status_code == 201
    told = {one["id"]: one for one in grace.get("/api/standing").json()["questions"]}  # waits for the newest figures
    shown = grace.get("/desk").text
    for words in ("Which kinds?", "How heated?", "Where?", "Which first?", "Why?", "Nothing is concluded from texts"):
        assert words in shown
    page = grace.get("/desk/items/i1").text
    for words in ("insult, threat", "“🐂” bad", "one = two", "one &gt; two", "It is."):
        assert words in page
    assert told["kinds"]["counts"] == {"insult": 3, "threat": 3}
    assert told["kinds"]["concluded"] == {"insult": 3, "threat": 3}
    assert told["heat"]["counts"] == {"1": 3, "4": 3}
    assert [one["name"] for one in told["heat"]["agreement"]] == ["alpha", "icc"]
    assert told["harmful"]["counts"] == {"yes": 3, "no": 3}
    assert told["where"]["counts"] == {"bad": 3}
    assert (told["why"]["concluded"], told["why"]["agreement"]) == (None, [])


def test_what_is_concluded_of_each_question_is_released(joined: Callable, project: Project, tmp_path: Path) -> None:
    ada = joined("Ada")
    for lent in ada.next(3):
        send(ada, lent["id"], HARMFUL)
    out = release(project, tmp_path / "out")
    assert pl.read_parquet(out / "labels.parquet").select("item", "question", "label").row(0) == (
        "i0",
        "harmful",
        "yes",
    )
    numbers = pl.read_parquet(out / "numbers.parquet")
    assert numbers.select("item", "question", "estimate").row(0) == ("i0", "heat", 4.0)
    sets = pl.read_parquet(out / "sets.parquet").filter(item="i0")
    assert sets.select("question", "label", "chosen").rows() == [("kinds", "insult", True), ("kinds", "threat", True)]
    answers = pl.read_parquet(out / "answers.parquet").filter(item="i0")
    assert answers["question"].to_list() == list(HARMFUL)
    assert answers["answer"].to_list()[3:5] == ['[{"start":0,"end":1,"label":"bad"}]', '[["1","2"]]']
    sheet = (out / "DATASHEET.md").read_text()
    assert "3 answers by 1 raters" in sheet
    assert "**`why`** (text): 3 answers. Nothing is concluded from texts" in sheet
    assert labels(project, "heat")["estimate"].to_list() == [4.0, 4.0, 4.0]
    with pytest.raises(StateError, match="Nothing is concluded from passages"):
        labels(project, "where")
    with pytest.raises(MissingError, match="no question 'wher'"):
        labels(project, "wher")


def test_a_flag_reaches_the_lead_and_a_retry_makes_no_second_one(joined: Callable) -> None:
    ada, grace = joined("Ada"), joined("Grace", role="lead")
    lent = ada.next()[0]["id"]
    body, key = {"assignment": lent, "note": "<b>Broken</b> image"}, {"Idempotency-Key": "flag-of-one"}
    for _ in range(2):
        assert ada.post("/api/flags", json=body, headers=key).status_code == 201
    assert [(one["item"], one["note"]) for one in grace.get("/api/standing").json()["flags"]] == [
        ("i0", "<b>Broken</b> image")
    ]
    assert "&lt;b&gt;Broken&lt;/b&gt; image" in grace.get("/desk").text
    assert "&lt;b&gt;Broken&lt;/b&gt; image" in grace.get("/desk/items/i0").text
    assert joined("Blaise").post("/api/flags", json=body, headers={"Idempotency-Key": "another1"}).status_code == 404
    assert ada.post("/api/flags", json=body | {"note": " "}, headers={"Idempotency-Key": "another2"}).status_code == 422
    assert grace.post("/api/flags", json=body, headers={"Idempotency-Key": "another3"}).status_code == 403

"""A label can be concluded that nobody gave: from who is how good. The lead is told so."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from middlemost.core.nouns import Item
from middlemost.project.add import add
from middlemost.project.folder import Project

from ..conftest import begun

PROTOCOL = """\
name: Replies
paradigm: prescriptive
questions:
  - id: respect
    ask: Is this reply respectful?
    options: [{id: kind}, {id: rude}, {id: neither}]
collection:
  answers_per_item: 4
"""
MARK = "a label that nobody gave this item: look at it"


@pytest.fixture
def project(tmp_path: Path) -> Iterator[Project]:
    (tmp_path / "protocol.yaml").write_text(PROTOCOL, "utf-8")
    (tmp_path / "guidelines.md").write_text("# Respect\n", "utf-8")
    with Project.open(begun(tmp_path)) as opened:
        add(opened, [Item("both", "of the two")])
        add(opened, [Item(f"{kind}-{n}", f"{kind} {n}") for kind in ("kind", "rude", "neither") for n in range(8)])
        yield opened


def answer_all(rater, take_neither_for: str) -> None:
    """Right on what is kind and what is rude; `both` as what is neither."""
    while lent := rater.next(20):
        for one in lent:
            truth = one["item"]["id"].split("-")[0]
            rater.answer(one["id"], truth if truth in {"kind", "rude"} else take_neither_for).raise_for_status()


def test_a_label_that_nobody_gave_an_item_is_marked_until_it_is_decided(joined: Callable) -> None:
    grace = joined("Grace", role="lead")
    for name in ("Cy", "Dee"):
        rater = joined(name)
        first = rater.next(1)[0]
        assert first["item"]["id"] == "both"
        rater.post("/api/skips", json={"assignment": first["id"], "reason": "cut off"}).raise_for_status()
        answer_all(rater, "neither")
    answer_all(joined("Ada"), "kind")
    answer_all(joined("Blaise"), "rude")
    disputed = {row["item"]: row for row in grace.get("/api/standing").json()["disputed"]}
    assert disputed["both"]["votes"] == {"kind": 1, "rude": 1}
    assert disputed["both"]["label"] == "neither"
    assert MARK in grace.get("/desk/items/both").text
    assert MARK not in grace.get("/desk/items/neither-1").text
    assert grace.get("/desk").text.count(MARK) == 1

    grace.post("/api/reviews", json={"item": "both", "label": "neither", "reason": "It is."}).raise_for_status()
    grace.get("/api/standing")
    assert MARK not in grace.get("/desk/items/both").text
    assert MARK not in grace.get("/desk").text

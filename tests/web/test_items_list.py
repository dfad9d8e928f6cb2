"""The desk's list of items: by state, by words, page by page, the most disputed first, and as CSV."""

from __future__ import annotations

import csv
import re

import pytest

from middlemost.core.nouns import Item
from middlemost.project.add import add
from middlemost.project.review import review
from middlemost.store import listing


@pytest.fixture
def grace(joined):
    return joined("Grace", role="lead")


@pytest.fixture
def worked(project, grace, joined):
    """Ada answered everything, Blaise the first three and the second otherwise; Ada flagged the fourth."""
    ada, blaise = joined("Ada"), joined("Blaise")
    while lent := ada.next():
        for one in lent:
            ada.answer(one["id"], "kind").raise_for_status()
            if one["item"]["id"] == "i4":
                flag = {"assignment": one["id"], "note": "half of it is missing"}
                ada.post("/api/flags", json=flag, headers={"Idempotency-Key": "flag-of-i4"}).raise_for_status()
    for one in blaise.next(3):
        blaise.answer(one["id"], "rude" if one["item"]["id"] == "i2" else "kind").raise_for_status()
    review(project, None, "i2", "rude", "an insult")
    add(project, gold={"i5": "kind"}, drawn="chosen")
    return grace


def names(client, **query) -> list[str]:
    answered = client.get("/api/items", params=query)
    answered.raise_for_status()
    return [one["item"] for one in answered.json()["items"]]


@pytest.mark.parametrize(
    ("state", "expected"),
    [
        ("all", ["i1", "i2", "i3", "i4", "i5", "i6"]),
        ("complete", ["i1", "i2", "i3"]),
        ("open", ["i4", "i5", "i6"]),
        ("unanswered", []),
        ("decided", ["i2"]),
        ("flagged", ["i4"]),
        ("gold", ["i5"]),
    ],
)
def test_items_are_found_by_what_became_of_them(worked, state, expected) -> None:
    assert names(worked, state=state) == expected


def test_items_are_found_by_words_in_text_or_id_and_signs_mean_themselves(project, grace) -> None:
    add(project, [Item("x-1", "100% Ox"), Item("x-2", "under_score")])
    assert names(grace, q="oX") == ["x-1"]
    assert names(grace, q="number 3") == ["i3"]
    assert names(grace, q="X-") == ["x-1", "x-2"]
    assert names(grace, q="%") == ["x-1"]
    assert names(grace, q="r_s") == ["x-2"]


def test_pages_follow_one_another_to_the_end(grace) -> None:
    seen, after = [], 0
    while after is not None:
        page = grace.get("/api/items", params={"most": 4, "after": after}).json()
        seen += [one["item"] for one in page["items"]]
        after = page["after"]
    assert seen == [f"i{n}" for n in range(1, 7)]


@pytest.mark.parametrize("asked", [{"q": "number 6"}, {"state": "unanswered", "most": 1}])
def test_a_search_without_patience_says_how_far_it_came_and_goes_on(
    project, grace, joined, monkeypatch, asked: dict
) -> None:
    ada = joined("Ada")
    for lent in ada.next(5):
        ada.answer(lent["id"], "kind")
    for name, value in (("PATIENCE", 0.0), ("FIRST_STRETCH", 2)):
        monkeypatch.setattr(listing, name, value)
    seen, after, pages = [], 0, 0
    while after is not None:
        page = grace.get("/api/items", params={"after": after} | asked).json()
        seen += [one["item"] for one in page["items"]]
        after, pages = page["after"], pages + 1
        assert page["searched"] == (2 if after is not None else None)
    assert (seen, pages) == (["i6"], 3)
    monkeypatch.setattr(listing, "PATIENCE", 60.0)
    assert grace.get("/api/items", params=asked).json()["items"][0]["item"] == "i6"


def test_the_most_disputed_come_first(worked) -> None:
    worked.get("/api/standing")  # waits for the newest figures
    page = worked.get("/desk/items", params={"state": "disputed"}).text
    assert re.findall(r'href="/desk/items/(\w+)"', page) == ["i2"]
    assert "decided" in page


def test_the_page_leads_to_the_next_and_to_the_file(project, worked) -> None:
    add(project, [Item(f"more-{n:03d}", "<b>bold</b>") for n in range(60)])
    page = worked.get("/desk/items").text
    assert "<b>bold</b>" not in page
    following = re.search(r'rel="next" href="([^"]+)"', page)
    assert following is not None
    second = worked.get(following[1].replace("&amp;", "&")).text
    assert "more-059" in second
    assert 'rel="next"' not in second
    rows = list(csv.reader(worked.get("/api/items.csv").text.splitlines()))
    assert rows[:2] == [["item", "text", "answers", "places"], ["i1", "Reply number 1", "2", "2"]]
    assert len(rows) == 67


def test_an_unknown_state_is_refused_in_words(grace) -> None:
    for address in ("/api/items", "/api/items.csv"):
        refused = grace.get(address, params={"state": "opne"})
        assert refused.status_code == 422
        assert "open" in refused.json()["mend"]


def test_raters_do_not_see_the_list(joined) -> None:
    ada = joined("Ada")
    for address in ("/desk/items", "/api/items", "/api/items.csv"):
        assert ada.get(address).status_code == 403

"""A random sample on the desk: drawn, decided blind one by one, and counted when all of it is."""

from __future__ import annotations

from collections.abc import Callable

import httpx
import pytest

from middlemost.project.folder import Project


@pytest.fixture
def lead(joined: Callable) -> httpx.Client:
    """The lead, after two raters have answered all six items and differ on the third."""
    for name in ("Ada", "Blaise"):
        rater = joined(name)
        while lent := rater.next():
            for one in lent:
                differs = name == "Ada" and one["item"]["id"] == "i3"
                rater.answer(one["id"], "rude" if differs else "kind").raise_for_status()
    return joined("Grace", role="lead")


def decide(client: httpx.Client, item: str, blind: str | None) -> None:
    body = {"item": item, "label": "kind", "reason": "so", "blind": blind}
    client.post("/api/reviews", json=body).raise_for_status()


def test_a_sample_is_drawn_and_decided_blind_one_by_one(lead: httpx.Client) -> None:
    assert "No sample has been drawn yet." in lead.get("/desk/sample").text
    drawn = lead.post("/api/sample", json={"n": 4, "seed": 3})
    assert drawn.status_code == 201
    assert (drawn.json()["frame"], drawn.json()["counts"]) == (6, False)
    order = lead.get("/api/sample").json()["awaiting"]
    for number, item in enumerate(order):
        opened = lead.get("/desk/sample/next", follow_redirects=True)
        assert opened.url.path == f"/desk/items/{item}"
        assert f"drawn at random, {4 - number} to decide" in opened.text
        assert "r-001" not in opened.text
        assert "As I said before I saw the answers." in lead.get(f"/desk/items/{item}", params={"said": "kind"}).text
        assert lead.get("/api/standing").json()["error"] is None
        decide(lead, item, "kind")
    assert "All 4 drawn items are decided: the sample counts." in lead.get("/desk/sample").text
    figures = lead.get("/api/standing").json()
    assert (figures["error"]["value"], figures["error"]["n"]) == (0.0, 4)
    assert figures["sample"] == {"n": 4, "decided": 4, "counts": 4}
    assert lead.get("/api/sample").json()["draws"][0]["counts"]
    assert lead.get("/desk/sample/next", follow_redirects=True).url.path == "/desk/sample"


def test_a_drawn_item_is_blind_wherever_it_is_opened_until_somebody_has_said_what_they_think(
    lead: httpx.Client,
) -> None:
    decide(lead, "i3", None)
    lead.get("/api/standing")
    assert "1×" in lead.get("/desk/items?state=disputed").text
    lead.post("/api/sample", json={"n": 6})
    for address in ("/desk", "/desk/items?state=disputed"):
        assert "1×" not in lead.get(address).text
    blind = lead.get("/desk/items/i3").text
    assert "r-001" not in blind
    assert "Somebody has decided on this item with the answers in view." in blind
    decide(lead, "i3", "rude")
    assert "r-001" in lead.get("/desk/items/i3").text


def test_a_decision_that_was_not_blind_does_not_move_the_sample(lead: httpx.Client) -> None:
    lead.post("/api/sample", json={"n": 1, "seed": 1})
    (item,) = lead.get("/api/sample").json()["awaiting"]
    decide(lead, item, None)
    assert lead.get("/api/sample").json()["awaiting"] == [item]
    assert lead.get("/api/standing").json()["error"] is None


@pytest.mark.parametrize("body", [{"n": 0}, {"n": 7}, {"n": 3, "seed": -1}, {"n": "many"}])
def test_a_draw_that_cannot_be_is_refused(lead: httpx.Client, body: dict) -> None:
    assert lead.post("/api/sample", json=body).status_code in {409, 422}
    assert lead.get("/api/sample").json()["draws"] == []


def test_an_auditor_sees_the_sample_and_draws_nothing(lead: httpx.Client, joined: Callable) -> None:
    lead.post("/api/sample", json={"n": 2})
    page = joined("Audrey", role="auditor").get("/desk/sample").text
    assert "0 of 2 drawn items decided." in page
    assert "data-draw" not in page


def test_a_project_in_which_opinions_differ_has_no_sample(lead: httpx.Client, project: Project) -> None:
    descriptive = project.protocol.model_copy(update={"paradigm": "descriptive"})
    object.__setattr__(project, "protocol", descriptive)
    assert lead.get("/desk/sample").status_code == 409
    assert lead.post("/api/sample", json={"n": 1}).status_code == 409
    assert "/desk/sample" not in lead.get("/desk/items").text

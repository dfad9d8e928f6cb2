"""What a lead sees and decides."""

from __future__ import annotations

from collections.abc import Callable

import httpx
import pytest

from middlemost.core.nouns import Item
from middlemost.project.add import add
from middlemost.project.folder import Project
from middlemost.project.people import join, owner_invite

Answer = str


def answer_all(rater, choose: Callable[[str], Answer]) -> None:
    while lent := rater.next():
        for one in lent:
            rater.answer(one["id"], choose(one["item"]["id"])).raise_for_status()


@pytest.fixture
def grace(joined: Callable):
    return joined("Grace", role="lead")


def test_a_new_project_says_what_to_do_first(grace) -> None:
    page = grace.get("/desk").text
    assert "6 items waiting for the first answer" in page
    assert "Invite raters" in page


def test_the_desk_shows_what_was_answered_a_moment_ago(grace, joined: Callable) -> None:
    ada, blaise = joined("Ada"), joined("Blaise")
    answer_all(ada, lambda _: "kind")
    answer_all(blaise, lambda item: "rude" if item == "i3" else "kind")
    figures = grace.get("/api/standing").json()
    assert figures["progress"]["answers"] == 12
    assert figures["distribution"] == {"kind": 11, "rude": 1, "neither": 0}
    assert figures["disputed"][0]["item"] == "i3"
    assert {row["rater"] for row in figures["raters"]} == {ada.pseudonym, blaise.pseudonym}
    page = grace.get("/desk").text
    assert "All 6 items have their answers" in page
    assert 'href="/desk/items/i3"' in page


def test_an_item_shows_all_its_answers_side_by_side(grace, joined: Callable) -> None:
    ada = joined("Ada")
    lent = ada.next(1)[0]
    ada.answer(lent["id"], "kind")
    ada.answer(lent["id"], "rude")
    page = grace.get(f"/desk/items/{lent['item']['id']}").text
    assert "corrected since" in page
    assert "Disrespectful" in page
    assert lent["item"]["text"] in page


def test_an_unknown_item_is_not_found(grace) -> None:
    assert grace.get("/desk/items/no-such", headers={"Accept": "text/html"}).status_code == 404


def test_an_item_whose_id_has_a_slash_has_a_page(grace, project: Project) -> None:
    add(project, [Item("a/b?c#d", "slashed")])
    assert "slashed" in grace.get("/desk/items/a%2Fb%3Fc%23d").text


def test_a_decision_is_kept_and_shown(grace, joined: Callable) -> None:
    answer_all(joined("Ada"), lambda _: "kind")
    answer_all(joined("Blaise"), lambda _: "rude")
    decided = grace.post("/api/reviews", json={"item": "i2", "label": "neither", "reason": "It is a quotation."})
    assert decided.status_code == 201
    assert decided.json()["by"] == grace.pseudonym
    assert "It is a quotation." in grace.get("/desk/items/i2").text
    figures = grace.get("/api/standing").json()
    assert figures["n_decided"] == 1
    assert figures["labels"]["neither"] == 1


@pytest.mark.parametrize(
    "decision",
    [
        {"item": "i1", "label": "purple", "reason": "r"},
        {"item": "i1", "label": "kind", "reason": ""},
        {"item": "nowhere", "label": "kind", "reason": "r"},
    ],
)
def test_a_decision_that_cannot_be_is_refused(grace, decision: dict) -> None:
    assert grace.post("/api/reviews", json=decision).status_code in {404, 422}


def test_an_invite_link_made_on_the_desk_brings_a_rater_in(grace, server: str) -> None:
    made = grace.post("/api/invites", json={"uses": 2})
    assert made.status_code == 201
    link = made.json()["link"]
    assert link.startswith(f"{server}/join/")
    for name in ("Ada", "Blaise"):
        with httpx.Client() as new:
            assert (
                new.post(link, data={"name": name}, follow_redirects=True, headers={"Accept": "text/html"}).url.path
                == "/rate"
            )


def test_a_new_link_for_a_rater_leads_back_to_the_same_pseudonym(grace, joined: Callable) -> None:
    ada = joined("Ada")
    link = grace.post("/api/invites", json={"person": ada.pseudonym}).json()["link"]
    with httpx.Client() as other_device:
        back = other_device.post(link, json={}, headers={"Accept": "application/json"})
    assert back.json()["pseudonym"] == ada.pseudonym


def test_a_lead_cannot_make_a_link_for_the_owner(grace, joined: Callable, project: Project) -> None:
    olga = join(project, owner_invite(project), "Olga").person
    for person in (olga.pseudonym, grace.pseudonym):
        made = grace.post("/api/invites", json={"person": person})
        assert made.status_code == (403 if person == olga.pseudonym else 201)
    assert joined("Ada").post("/api/invites", json={}).status_code == 403


def test_a_page_that_has_not_changed_is_not_sent_again(grace, joined: Callable) -> None:
    grace.get("/api/standing")
    first = grace.get("/desk")
    mark = {"If-None-Match": first.headers["etag"]}
    assert grace.get("/desk", headers=mark).status_code == 304
    ada = joined("Ada")
    ada.answer(ada.next()[0]["id"], "kind")
    grace.get("/api/standing")
    assert grace.get("/desk", headers=mark).status_code == 200


def test_a_descriptive_project_shows_opinions_and_settles_nothing(grace, joined: Callable, project: Project) -> None:
    descriptive = project.protocol.model_copy(update={"paradigm": "descriptive"})
    object.__setattr__(project, "protocol", descriptive)
    answer_all(joined("Ada"), lambda _: "kind")
    answer_all(joined("Blaise"), lambda _: "rude")
    grace.get("/api/standing")
    desk, item = grace.get("/desk").text, grace.get("/desk/items/i1").text
    assert "opinions may differ here" in desk.lower()
    assert "share right" not in desk
    assert "Decide" not in item


def test_the_raters_page_shows_how_far_each_two_raters_agree(joined: Callable, project: Project) -> None:
    add(project, [Item(f"more{n}", f"More {n}") for n in range(20)])
    raters = [joined(name) for name in ("Ada", "Bob", "Cyd", "Dan")]
    lead = joined("Lea", role="lead")
    turn = 0
    while sum(answered(one, turn := turn + 1) for one in raters):
        pass
    lead.get("/api/standing")  # waits for the newest figures
    shown = lead.get("/desk/raters").text
    assert "How far each two raters agree" in shown
    assert "<summary>The same as a table</summary>" in shown


def answered(one: httpx.Client, turn: int) -> bool:
    lent = one.next(1)
    for item in lent:
        one.answer(item["id"], "kind" if (item["id"] * 7 + turn) % 5 > 1 else "rude")
    return bool(lent)

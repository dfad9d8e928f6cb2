"""Adjudication: blind first, then with the others' answers; both are kept."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from middlemost.project.folder import Project
from middlemost.project.review import decisions
from middlemost.project.standing import item_detail


@pytest.fixture
def divided(joined: Callable) -> None:
    """Two raters who differ on the third item."""
    for name in ("Ada", "Blaise"):
        rater = joined(name)
        while lent := rater.next():
            for one in lent:
                differs = name == "Ada" and one["item"]["id"] == "i3"
                rater.answer(one["id"], "rude" if differs else "kind").raise_for_status()


def test_an_adjudicator_first_says_what_they_think(divided, joined: Callable, project: Project) -> None:
    judge = joined("Judith", role="adjudicator")
    judge.get("/api/standing")  # waits for the newest figures
    opened = judge.get("/desk/decide", follow_redirects=True)
    assert opened.url.path == "/desk/items/i3"
    assert "r-001" not in opened.text
    assert "What do you say?" in opened.text
    seen = judge.get("/desk/items/i3", params={"said": "rude"}).text
    assert "r-001" in seen
    body = {"item": "i3", "label": "kind", "reason": "Irony, section 2.", "blind": "rude"}
    assert judge.post("/api/reviews", json=body).status_code == 201
    made = decisions(project)["i3"]
    assert (made.label, made.blind, made.by) == ("kind", "rude", judge.pseudonym)
    assert "before seeing the others" in judge.get("/desk/items/i3").text


def test_a_decision_that_is_sent_again_under_its_key_is_made_once(divided, joined: Callable, project: Project) -> None:
    lead = joined("Grace", role="lead")
    body, key = {"item": "i3", "label": "kind", "reason": "Irony."}, {"Idempotency-Key": "decision-1"}
    first, again = (lead.post("/api/reviews", json=body, headers=key) for _ in range(2))
    assert (first.status_code, again.status_code) == (201, 201)
    assert first.json() == again.json()
    assert len(item_detail(project, "i3").decisions) == 1
    for other in ({"label": "rude"}, {"item": "i2"}, {"reason": "Another."}):
        refused = lead.post("/api/reviews", json=body | other, headers=key)
        assert refused.status_code == 409
        assert "another decision" in refused.json()["detail"]
    assert joined("Lea", role="lead").post("/api/reviews", json=body, headers=key).status_code == 409
    for _ in range(2):
        lead.post("/api/reviews", json=body)
    assert len(item_detail(project, "i3").decisions) == 3


def test_lists_do_not_tell_an_adjudicator_what_the_others_said(divided, joined: Callable) -> None:
    judge, lead = joined("Judith", role="adjudicator"), joined("Grace", role="lead")
    lead.get("/api/standing")
    for address in ("/desk", "/desk/items?state=disputed"):
        assert "1×" in lead.get(address).text
        assert "1×" not in judge.get(address).text


def test_a_lead_sees_the_answers_at_once_and_blind_where_they_ask_for_it(divided, joined: Callable) -> None:
    lead = joined("Grace", role="lead")
    assert "r-001" in lead.get("/desk/items/i3").text
    assert "r-001" not in lead.get("/desk/items/i3", params={"blind": 1}).text


def test_an_auditor_sees_the_answers_and_no_form(divided, joined: Callable) -> None:
    page = joined("Audrey", role="auditor").get("/desk/items/i3").text
    assert "r-001" in page
    assert "data-decide" not in page


def test_where_nothing_is_disputed_the_list_says_so(joined: Callable) -> None:
    lead = joined("Grace", role="lead")
    lead.get("/api/standing")
    assert "No item has different answers" in lead.get("/desk/decide", follow_redirects=True).text


def test_a_blind_label_that_is_no_option_is_refused(divided, joined: Callable) -> None:
    body = {"item": "i3", "label": "kind", "reason": "so", "blind": "nonsense"}
    assert joined("Grace", role="lead").post("/api/reviews", json=body).status_code == 422

"""Taking a person's access away over HTTP."""

from __future__ import annotations

from collections.abc import Callable
from time import sleep

import httpx
import pytest

from middlemost.project.folder import Project
from middlemost.project.people import invite, join
from middlemost.project.tokens import make_token


def test_who_is_closed_is_out_at_once_and_their_items_go_back(joined: Callable) -> None:
    lead, ada, bo = joined("Lea", role="lead"), joined("Ada"), joined("Bo")
    assert len(ada.next(6)) == len(bo.next(6)) == 6
    told = lead.post("/api/people", json={"person": "r-001", "action": "close"}).json()["people"]
    assert told[1] == {"pseudonym": "r-001", "name": "Ada", "role": "rater", "closed": True}
    assert ada.get("/api/session").status_code == 401
    assert len(joined("Cy").next(6)) == 6
    assert lead.get("/api/people").json()["people"][1]["closed"]
    told = lead.post("/api/people", json={"person": "r-001", "action": "reopen"}).json()["people"]
    assert not any(one["closed"] for one in told)
    assert ada.get("/api/session").status_code == 401, "a new link is needed"


def test_what_may_not_be_closed_is_refused_in_words(joined: Callable) -> None:
    owner, lead = joined("Olga", role="owner"), joined("Lea", role="lead")
    asked = [(lead, "o-001", 403), (lead, "l-001", 403), (lead, "r-077", 404), (owner, "o-001", 403)]
    for who, person, status in asked:
        refused = who.post("/api/people", json={"person": person, "action": "close"})
        assert refused.status_code == status
        assert refused.json()["detail"]
    assert lead.post("/api/people", json={"person": "l-001", "action": "erase"}).status_code == 422


def raters_page(client: httpx.Client, mark: str = "") -> httpx.Response:
    """The desk's list of raters, once its figures are others than those that `mark` stands for."""
    for _ in range(100):
        shown = client.get("/desk/raters", headers={"If-None-Match": mark})
        if shown.status_code == 200 and "etag" in shown.headers:
            return shown
        sleep(0.1)
    pytest.fail("still the old figures after ten seconds")


def test_the_desk_of_another_lead_shows_it_though_nothing_else_has_changed(joined: Callable) -> None:
    lead, other = joined("Lea", role="lead"), joined("Leo", role="lead")
    ada = joined("Ada")
    assert ada.answer(ada.next(1)[0]["id"], "kind").status_code == 201
    shown = raters_page(other)
    while "End access" not in shown.text:
        shown = raters_page(other, shown.headers["etag"])
    for action, words in (("close", "no access"), ("reopen", "End access")):
        lead.post("/api/people", json={"person": "r-001", "action": action}).raise_for_status()
        shown = raters_page(other, shown.headers["etag"])
        assert words in shown.text


@pytest.mark.parametrize(
    ("scope", "reached"), [(["invite"], ["rater"]), (["read", "decide", "invite"], ["rater", "lead"])]
)
def test_a_token_decides_on_nobody_who_may_do_more_than_itself(
    project: Project, server: str, scope: list[str], reached: list[str]
) -> None:
    people = {role: join(project, invite(project, role=role), role).person for role in ("owner", "lead", "rater")}
    owner = join(project, invite(project, role="owner"), "Olga").person
    headers = {"Authorization": f"Bearer {make_token(project, owner, 'nightly', scope)}"}
    with httpx.Client(base_url=server, headers=headers) as program:
        for role, person in people.items():
            allowed = 201 if role in reached else 403
            if role != "owner":  # a new owner is invited on the command line alone
                assert program.post("/api/invites", json={"role": role}).status_code == allowed, role
            assert program.post("/api/invites", json={"person": person.pseudonym}).status_code == allowed, role
            body = {"person": person.pseudonym, "action": "close"}
            assert program.post("/api/people", json=body).status_code == (200 if role in reached else 403), role

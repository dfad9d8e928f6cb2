"""Taking a person's access away over HTTP."""

from __future__ import annotations

from collections.abc import Callable


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

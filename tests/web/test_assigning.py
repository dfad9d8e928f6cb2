"""What leads set over HTTP while raters work."""

from __future__ import annotations

from pathlib import Path

from middlemost.core.nouns import Item
from middlemost.project.add import add
from middlemost.project.folder import Project
from middlemost.project.people import invite

from .conftest import PROTOCOL, Client, Join, serving


def test_a_lead_says_which_items_come_first(joined: Join) -> None:
    lead, rater = joined("Grace", role="lead"), joined("Ada")
    assert lead.post("/api/priorities", json={"priorities": {"i4": 3}}).json() == {"items": 1}
    assert rater.next(2)[0]["item"]["id"] == "i4"
    assert lead.post("/api/priorities", json={"priorities": {"i99": 3}}).status_code == 404
    assert lead.post("/api/priorities", json={"priorities": {"i1": "soon"}}).status_code == 422
    assert lead.post("/api/priorities", json={"priorities": {}}).status_code == 422


def test_a_lead_says_what_raters_are_and_raters_may_not(joined: Join) -> None:
    lead, rater = joined("Grace", role="lead"), joined("Ada")
    said = {"raters": {rater.pseudonym: {"language": "en"}}}
    assert lead.post("/api/raters", json=said).json() == said
    assert lead.get("/api/raters").json() == said
    assert lead.post("/api/raters", json={"raters": {rater.pseudonym: {"language": None}}}).json() == {"raters": {}}
    assert lead.post("/api/raters", json={"raters": {"r-099": {"language": "en"}}}).status_code == 404
    for path, body in (("/api/raters", said), ("/api/priorities", {"priorities": {"i1": 1}})):
        assert rater.post(path, json=body).status_code == 403
    assert rater.get("/api/raters").status_code == 403


def test_a_rater_at_a_limit_is_told_which_and_until_when(tmp_path: Path) -> None:
    (tmp_path / "protocol.yaml").write_text(PROTOCOL + "  limits: {a_day: 1}\n", "utf-8")
    (tmp_path / "guidelines.md").write_text("Listen.\n", "utf-8")
    with Project.open(tmp_path) as project:
        add(project, [Item(f"i{n}", f"text {n}") for n in range(3)])
        with serving(project) as url, Client(base_url=url, timeout=10) as rater:
            rater.join(invite(project), "Ada")
            (lent,) = rater.next(3)
            assert rater.post("/api/next", json={"want": 1}).json()["limit"] is None
            assert rater.post("/api/next", json={}).json()["limit"]["most"] == 1, "why there are not three"
            rater.answer(lent["id"], project.options[0])
            told = rater.post("/api/next", json={}).json()
            assert told["assignments"] == []
            assert told["left"] == 0
            assert told["limit"]["what"] == "a_day"
            assert told["limit"]["most"] == 1
            assert told["limit"]["until"] > project.store.clock()

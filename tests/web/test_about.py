"""What raters say of themselves, over HTTP: theirs alone, and of others only groups."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import httpx
import pytest

from middlemost.core.nouns import Item, Submission
from middlemost.project.about import tell
from middlemost.project.add import add
from middlemost.project.answer import answer
from middlemost.project.folder import Project
from middlemost.project.next import next_assignments
from middlemost.project.people import invite, join
from middlemost.web.serve import serving

from ..conftest import begun
from .conftest import PROTOCOL

ABOUT = """\
about_raters:
  why: To see whether <groups> judge differently.
  questions:
    - {id: age, ask: "How old are you?", options: [{id: under-fifty}, {id: over-fifty}]}
    - {id: place, ask: "Where do you live?", options: [{id: uppsala-town}, {id: elsewhere-again}]}
"""
PLACES = (
    "/api/standing",
    "/api/items",
    "/api/raters",
    "/api/items.csv",
    "/desk",
    "/desk/items/i1",
    "/answers",
    "/rate",
)


@pytest.fixture
def project(tmp_path: Path) -> Iterator[Project]:
    (tmp_path / "protocol.yaml").write_text(PROTOCOL.replace("answers_per_item: 2", "answers_per_item: 30") + ABOUT)
    (tmp_path / "guidelines.md").write_text("Listen.\n", "utf-8")
    with Project.open(begun(tmp_path)) as opened:
        add(opened, [Item(f"i{n}", f"Reply number {n}") for n in range(1, 7)])
        yield opened


def said(client: httpx.Client, **values: str) -> httpx.Response:
    form = {"csrf": client.headers["X-CSRF-Token"]} | {f"about-{name}": value for name, value in values.items()}
    return client.post("/about-you", data=form, headers={"Accept": "text/html"})


def chosen(client: httpx.Client) -> list[str]:
    html = client.get("/about-you").text
    return [part.split('"')[0] for part in html.split('value="')[1:] if part.split(">")[0].endswith(" checked")]


def crowd(project: Project, n: int) -> None:
    for at in range(n):
        one = join(project, invite(project), "Somebody").person
        while lent := next_assignments(project, one, 6):
            for each in lent:
                answer(project, one, Submission(each.id, ("kind", "rude")[each.id % 2], f"{one.id}-{each.id}"))
        tell(project, one, {"age": ("under-fifty", "over-fifty")[at % 2]})


def test_the_page_says_what_for_and_asks_with_nothing_chosen(joined: Callable) -> None:
    page = joined("Ada").get("/about-you")
    assert "To see whether &lt;groups&gt; judge differently." in page.text
    for words in ("It is up to you.", "Who sees it.", "What is published.", "You can change your mind."):
        assert words in page.text
    assert page.text.count('value="" checked') == 2
    assert "Withdraw" not in page.text


def test_what_is_saved_is_there_again_and_what_is_left_open_is_not_kept(joined: Callable) -> None:
    ada, bo = joined("Ada"), joined("Bo")
    answered = said(ada, age="over-fifty", place="")
    assert (answered.status_code, answered.headers["location"]) == (303, "/about-you?done=saved")
    assert "Saved. Thank you." in ada.get("/about-you?done=saved").text
    assert chosen(ada) == ["over-fifty", ""]
    assert chosen(bo) == ["", ""]


def test_what_is_withdrawn_is_gone(joined: Callable) -> None:
    ada = joined("Ada")
    said(ada, age="over-fifty")
    form = {"csrf": ada.headers["X-CSRF-Token"]}
    answered = ada.post("/about-you/withdraw", data=form)
    assert answered.headers["location"] == "/about-you?done=withdrawn"
    assert chosen(ada) == ["", ""]


def test_a_forged_form_changes_nothing(joined: Callable) -> None:
    ada = joined("Ada")
    said(ada, age="over-fifty")
    for path in ("/about-you", "/about-you/withdraw"):
        refused = ada.post(path, data={"csrf": "no", "about-age": "under-fifty"}, headers={"X-CSRF-Token": "no"})
        assert refused.status_code == 403
    assert chosen(ada) == ["over-fifty", ""]


def test_what_is_no_answer_is_refused_in_words(joined: Callable) -> None:
    ada = joined("Ada")
    refused = said(ada, age="ageless")
    assert refused.status_code == 422
    assert "none of the answers" in refused.text
    assert said(ada, height="tall").status_code == 422
    assert chosen(ada) == ["", ""]


def test_a_file_is_no_answer_either(joined: Callable) -> None:
    ada = joined("Ada")
    assert ada.post("/about-you", files={"about-age": ("a.txt", b"x")}).status_code == 422


def test_raters_are_offered_it_until_they_have_told(joined: Callable) -> None:
    ada = joined("Ada")
    assert 'id="offer"' in ada.get("/rate").text
    assert 'href="/about-you"' in ada.get("/answers").text
    said(ada, age="over-fifty")
    assert 'id="offer"' not in ada.get("/rate").text
    assert 'href="/about-you"' in ada.get("/answers").text


def test_leads_alone_see_groups_and_nobody_sees_whose(project: Project, joined: Callable) -> None:
    crowd(project, 15)
    clients = {role: joined(role.title(), role=role) for role in ("owner", "lead", "adjudicator", "auditor")}
    for role, client in clients.items():
        client.get("/api/standing")
        page = client.get("/desk/raters").text
        assert ("Who answers" in page) is (role in ("owner", "lead")), role
        assert ("How answers differ" in page) is (role in ("owner", "lead")), role
    for client in (*clients.values(), joined("Rita")):
        for path in PLACES:
            found = client.get(path).text
            assert "under-fifty" not in found, path
            assert "over-fifty" not in found, path


def test_a_project_that_asks_nothing_has_no_such_page(tmp_path: Path, joined: Callable, project: Project) -> None:
    ada = joined("Ada")
    said(ada, age="over-fifty")
    (tmp_path / "protocol.yaml").write_text(PROTOCOL.replace("answers_per_item: 2", "answers_per_item: 30"))
    with (
        Project.open(tmp_path) as later,
        serving(later) as url,
        httpx.Client(base_url=url, cookies=ada.cookies) as again,
    ):
        assert "kept until you withdraw it" in again.get("/about-you").text
        assert "about-you" not in again.get("/rate").text
        form = {"csrf": ada.headers["X-CSRF-Token"]}
        assert again.post("/about-you/withdraw", data=form).status_code == 303
        assert again.get("/about-you").status_code == 404

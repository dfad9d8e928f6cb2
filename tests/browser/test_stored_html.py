"""Whatever anybody writes is shown as text on every page: no script of theirs runs."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from urllib.parse import quote

import pytest
from playwright.sync_api import Browser, Page, expect

from middlemost.core.nouns import Item, Submission
from middlemost.project.add import add
from middlemost.project.answer import answer
from middlemost.project.exercises import add_exercises
from middlemost.project.flag import flag
from middlemost.project.folder import Project
from middlemost.project.next import next_assignments, skip
from middlemost.project.people import invite, join
from middlemost.project.review import review
from middlemost.store import editions

from ..conftest import begun

pytestmark = pytest.mark.browser

EVIL = "\"'><img src=x onerror=window.pwned=1><svg onload=window.pwned=2><script>window.pwned=3</script>"
LINK = "[read](javascript:window.pwned=4) [on](data:text/html,<script>window.pwned=5</script>)"
SHOW = {"text": {}, "markdown": {}, "conversation": {"turns": [{"role": EVIL, "text": EVIL}]}}


def protocol(show: str) -> str:
    evil = json.dumps(EVIL)
    marked = f"  - {{id: marks, type: spans, ask: {evil}, required: no, labels: [{{id: {evil}, label: {evil}}}]}}\n"
    spans = marked if show == "text" else ""
    return f"""\
name: {evil}
paradigm: prescriptive
show: {show}
questions:
  - id: tone
    ask: {evil}
    options: [{{id: {evil}, label: {evil}, hint: {evil}}}, {{id: other}}]
  - {{id: many, type: multichoice, ask: {evil}, options: [{{id: {evil}, hint: {evil}}}, {{id: b}}]}}
  - {{id: more, type: text, ask: {evil}, required: no}}
  - {{id: order, type: ranking, ask: {evil}, required: no, field: replies}}
{spans}  - {{id: how, type: scale, min: 1, max: 3, ask: {evil}, anchors: {{1: {evil}, 3: {evil}}}, unit: {evil}}}
harm: {{warning: {evil}, help: {evil}, cover: all}}
collection:
  answers_per_item: 2
  qualification: {{training: true}}
disclosure: {{purpose: {evil}, contact: {evil}}}
"""


@pytest.fixture(params=["text", *(pytest.param(show, marks=pytest.mark.long) for show in SHOW if show != "text")])
def project(tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[Project]:
    (tmp_path / "protocol.yaml").write_text(protocol(request.param), "utf-8")
    (tmp_path / "guidelines.md").write_text(f"# {EVIL}\n\n{LINK}\n", "utf-8")
    with Project.open(begun(tmp_path)) as opened:
        fields = SHOW[request.param] | {"source": EVIL, "replies": [EVIL, {"id": EVIL, "text": EVIL}]}
        add(opened, [Item(f"{EVIL}{n}", f"{EVIL} {LINK} {n}", fields) for n in range(4)])
        file = tmp_path / "training.jsonl"
        rows = {"text": f"{EVIL} {LINK}", "label": EVIL, "why": EVIL} | fields
        file.write_text(json.dumps(rows) + "\n")
        add_exercises(opened, training=file)
        yield opened


def work(project: Project) -> None:
    """Two raters with evil names disagree, skip, flag; a lead decides."""
    for label in (EVIL, "other"):
        person = join(project, invite(project, name=EVIL[:80])).person
        object.__setattr__(project.protocol.collection, "qualification", None)
        lent = next_assignments(project, person, 4)
        for one in lent[:3]:
            flag(project, person, one.id, EVIL, f"flag {one.id}")
            said = {"tone": label, "many": [EVIL], "more": EVIL, "how": 1}
            answer(project, person, Submission(one.id, said, f"answer {one.id}"))
        skip(project, person, lent[3].id, EVIL)
    lead = join(project, invite(project, role="lead"), "Lea").person
    review(project, lead, f"{EVIL}0", EVIL, EVIL)


def clean(page: Page) -> None:
    """No script of theirs has run, and none of their elements is there."""
    page.wait_for_timeout(150)
    assert page.evaluate("window.pwned") is None
    assert page.locator("img[src=x], svg[onload]").count() == 0
    assert page.locator("a[href^='javascript:'], a[href^='data:']").count() == 0


def test_on_the_way_in_in_training_and_on_the_rater_s_pages(browser: Browser, project: Project, server: str) -> None:
    page = browser.new_context().new_page()
    page.goto(f"{server}/join/{invite(project, name=EVIL[:80])}")
    clean(page)
    page.get_by_role("button", name="Begin").click()
    page.wait_for_url("**/training")
    expect(page.locator("#work")).to_be_visible()
    clean(page)
    answer_it(page)
    expect(page.locator("#feedback")).to_be_visible()
    clean(page)
    page.keyboard.press("Enter")
    page.get_by_role("link", name="Begin").click()
    expect(page.locator("#warning")).to_be_visible()
    clean(page)
    page.locator("#warning button").click()
    expect(page.locator("#work")).to_be_visible()
    page.locator(".uncover").click()
    clean(page)
    for key in ("g", "?"):
        page.keyboard.press(key)
        clean(page)
        page.keyboard.press("Escape")
    answer_it(page)
    expect(page.locator("#saves")).to_have_text("all answers saved")
    changed = f"# {EVIL} {EVIL}\n\nNew: {EVIL} {LINK}\n"
    version = project.store.write(editions.adopt_guidelines, changed, now=1.0)
    object.__setattr__(project, "guidelines", changed)
    object.__setattr__(project, "guideline_version", version)
    for path in ("/answers", "/guidelines", "/rate"):
        page.goto(server + path)
        clean(page)
    expect(page.locator("#work")).to_be_visible()
    page.get_by_role("button", name="See what changed").click()
    expect(page.locator("#changes")).to_contain_text("<script>window.pwned=3</script>")
    clean(page)


def answer_it(page: Page) -> None:
    if page.locator(".uncover").is_visible():
        page.locator(".uncover").click()
    page.locator("#asked input[type=radio]").first.dispatch_event("click")
    page.locator("#asked input[type=checkbox]").first.dispatch_event("click")
    page.locator("#asked fieldset").last.locator("input").first.dispatch_event("click")
    page.locator("textarea, #asked input[type=text]").first.fill(EVIL)
    page.locator("#send").click()


def test_on_the_desk(enter: Callable[..., Page], project: Project, server: str) -> None:
    work(project)
    lead = enter("Lea", role="lead")
    item = quote(f"{EVIL}0", safe="")
    paths = ("/desk", "/desk/raters", "/desk/items", "/desk/items?state=disputed", f"/desk/items?q={quote(EVIL)}")
    for path in (*paths, f"/desk/items/{item}", f"/desk/items/{item}?blind=1", "/desk/decide", "/guidelines"):
        lead.goto(server + path)
        lead.wait_for_timeout(300)
        clean(lead)
    lead.goto(f"{server}/desk/items/{item}")
    expect(lead.locator("main")).to_contain_text("<script>window.pwned=3</script>")

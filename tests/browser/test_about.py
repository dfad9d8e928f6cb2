"""Raters say something about themselves, or go on without; leads see groups."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from uuid import uuid4

import pytest
from playwright.sync_api import Page, expect

from middlemost.core.nouns import Item, Submission
from middlemost.project.about import tell
from middlemost.project.add import add
from middlemost.project.answer import answer
from middlemost.project.folder import Project
from middlemost.project.next import next_assignments
from middlemost.project.people import invite, join

from ..conftest import begun
from .conftest import PROTOCOL
from .test_access import WAYS, WIDER, tall_enough

pytestmark = pytest.mark.browser
ABOUT = """\
about_raters:
  why: To see whether people who grew up with other languages find other things rude.
  questions:
    - id: language
      ask: "ما هي لغتك؟"
      options: [{id: ar, label: "العربية"}, {id: en, label: English}, {id: de, label: Deutsch}]
    - {id: age, ask: "How old are you?", options: [{id: young, label: 18 to 49}, {id: old, label: 50 or older}]}
"""


@pytest.fixture
def project(tmp_path: Path) -> Iterator[Project]:
    (tmp_path / "protocol.yaml").write_text(PROTOCOL.replace("answers_per_item: 2", "answers_per_item: 30") + ABOUT)
    (tmp_path / "guidelines.md").write_text("Listen.\n", "utf-8")
    with Project.open(begun(tmp_path)) as opened:
        add(opened, [Item(f"i{n}", f"Reply number {n}.") for n in range(12)])
        yield opened


def crowd(project: Project) -> None:
    for at in range(21):
        one = join(project, invite(project), "Somebody").person
        for each in next_assignments(project, one, 12):
            said = "rude" if at % 3 and each.id % 3 else "kind"
            answer(project, one, Submission(each.id, said, uuid4().hex))
        tell(project, one, {"language": ("ar", "en")[at % 2], "age": "young"} if at < 15 else {})


def test_one_key_goes_on_without_and_it_is_offered_once(enter: Callable[..., Page]) -> None:
    page = enter("Ada")
    expect(page.locator("#offer")).to_be_visible()
    page.keyboard.press("Enter")
    expect(page.locator("#offer")).to_be_hidden()
    expect(page.locator("#item")).to_be_focused()
    page.reload()
    expect(page.locator("#work")).to_be_visible()
    expect(page.locator("#offer")).to_be_hidden()
    page.get_by_role("link", name="Your answers").click()
    page.get_by_role("link", name="about you").click()
    expect(page.get_by_role("heading", name="About you, if you like")).to_be_visible()


def test_it_is_said_changed_and_withdrawn_by_keyboard_alone(enter: Callable[..., Page]) -> None:
    page = enter("Ada")
    expect(page.locator("#offer")).to_be_visible()
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    page.wait_for_url("**/about-you")
    page.locator("input[name=about-language][value='']").focus()
    page.keyboard.press("ArrowUp")
    page.keyboard.press("Tab")
    page.keyboard.press("Tab")
    expect(page.get_by_role("button", name="Save")).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.get_by_role("status")).to_contain_text("Saved. Thank you.")
    expect(page.get_by_label("Deutsch")).to_be_checked()
    page.get_by_label("English").check()
    page.get_by_role("button", name="Save the change").press("Enter")
    expect(page.get_by_label("English")).to_be_checked()
    page.get_by_role("button", name="Withdraw all of it").press("Enter")
    expect(page.get_by_role("status")).to_contain_text("deleted")
    expect(page.get_by_label("English")).not_to_be_checked()
    expect(page.get_by_role("button", name="Withdraw all of it")).to_be_hidden()


def test_a_question_from_right_to_left_runs_so(enter: Callable[..., Page]) -> None:
    page = enter("Ada")
    page.goto(page.url.replace("/rate", "/about-you"))
    for element in (page.locator("legend").first, page.locator(".pick").first):
        assert element.evaluate("e => getComputedStyle(e).direction") == "rtl"
    assert page.locator("legend").last.evaluate("e => getComputedStyle(e).direction") == "ltr"


@pytest.mark.parametrize("way", WAYS)
def test_neither_the_offer_nor_the_page_has_a_barrier(
    enter: Callable[..., Page], violations: Callable[[Page], list[str]], way: str
) -> None:
    page = enter("Ada", **WAYS[way])
    expect(page.locator("#offer")).to_be_visible()
    assert violations(page) == []
    assert not page.evaluate(WIDER)
    page.get_by_role("link", name="See what is asked").click()
    page.wait_for_url("**/about-you")
    for _ in range(2):
        assert violations(page) == []
        assert not page.evaluate(WIDER)
        assert tall_enough(page) == []
        page.get_by_role("button", name="Save").click()
        page.wait_for_url("**/about-you?done=saved")


@pytest.mark.parametrize("way", WAYS)
def test_leads_see_groups_and_how_they_differ_without_a_barrier(
    project: Project, enter: Callable[..., Page], violations: Callable[[Page], list[str]], way: str
) -> None:
    crowd(project)
    lead = enter("Grace", role="lead", **WAYS[way])
    lead.goto(lead.url.removesuffix("/desk") + "/desk/raters")
    differ = lead.get_by_role("region", name="Shares by group: ما هي لغتك؟")
    expect(differ).to_be_visible(timeout=20_000)
    expect(lead.get_by_role("heading", name="Who answers", exact=True)).to_be_visible()
    expect(lead.get_by_role("table", name="ما هي لغتك؟", exact=True)).to_contain_text("English")
    expect(differ.get_by_role("row", name="English").first).to_contain_text("%")
    lead.get_by_text("With intervals").first.click()
    assert violations(lead) == []
    assert not lead.evaluate(WIDER)

"""The desk's pages on guidelines and on a random sample, and what of the guidelines was in view, in a real browser."""

from __future__ import annotations

from collections.abc import Callable

import pytest
import sqlalchemy as sa
from playwright.sync_api import Page, expect

from middlemost.core.nouns import Item
from middlemost.project.add import add
from middlemost.project.folder import Project
from middlemost.project.sample import sample
from middlemost.store.schema import reading

from .conftest import focus

pytestmark = pytest.mark.browser

WAYS = {
    "light": {"color_scheme": "light"},
    "dark": {"color_scheme": "dark"},
    "phone": {"viewport": {"width": 360, "height": 740}, "has_touch": True},
}
WIDER = "document.scrollingElement.scrollWidth > document.scrollingElement.clientWidth"
LONG = (
    "# Respect\n\nRead *all* of it.\n\n## Section 2\n\n"
    + "Insults.\n\n" * 60
    + "## Section 3\n\n"
    + "Threats.\n\n" * 60
)


@pytest.fixture
def project(tmp_path, project: Project):
    """With guidelines that do not fit on a screen."""
    project.store.close()
    (tmp_path / "guidelines.md").write_text(LONG, "utf-8")
    with Project.open(tmp_path) as opened:
        yield opened


def noted(project: Project) -> dict[int, set[str]]:
    query = sa.select(reading.c.answer, reading.c.section)
    found: dict[int, set[str]] = {}
    for answer, section in project.store.read(lambda connection: list(connection.execute(query))):
        found.setdefault(answer, set()).add(section)
    return found


def send(page: Page, key: str = "1") -> None:
    page.keyboard.press(key)
    page.keyboard.press("Enter")
    expect(page.locator("#saves")).to_have_text("all answers saved")


def test_what_was_in_view_for_a_second_goes_along_with_the_answer(enter: Callable[..., Page], project: Project) -> None:
    page = enter("Ada")
    expect(page.locator("#work")).to_be_visible()
    send(page)
    page.keyboard.press("g")
    page.wait_for_timeout(1_400)
    page.keyboard.press("Escape")
    send(page)
    page.keyboard.press("g")
    page.wait_for_timeout(200)  # too short to have read anything
    page.keyboard.press("Escape")
    send(page)
    page.keyboard.press("g")
    page.locator("[data-section='respect/section-3'] p").nth(30).scroll_into_view_if_needed()
    page.wait_for_timeout(1_400)
    page.keyboard.press("Escape")
    send(page)
    assert noted(project) == {2: {"respect", "respect/section-2"}, 4: {"respect/section-3"}}


def test_reading_stays_with_its_item_where_another_is_corrected_meanwhile(
    enter: Callable[..., Page], project: Project
) -> None:
    page = enter("Ada")
    expect(page.locator("#work")).to_be_visible()
    send(page)
    page.keyboard.press("g")
    page.wait_for_timeout(1_400)
    page.keyboard.press("Escape")
    page.keyboard.press("Backspace")
    expect(page.get_by_text("You answered this before")).to_be_visible()
    send(page, "2")
    send(page)
    assert noted(project) == {3: {"respect", "respect/section-2"}}


@pytest.mark.parametrize("way", WAYS)
def test_the_pages_have_no_barrier(
    enter: Callable, finish: Callable, violations: Callable, project: Project, way: str
) -> None:
    add(project, [Item("i7", "One more.")])
    for name, key in (("Ada", "1"), ("Blaise", "2")):
        page = enter(name)
        expect(page.locator("#work")).to_be_visible()
        if name == "Ada":
            page.keyboard.press("g")
            page.wait_for_timeout(1_400)
            page.keyboard.press("Escape")
        finish(page, key)
    lead = enter("Grace", role="lead", **WAYS[way])
    base = lead.url.removesuffix("/desk")
    for path in ("/desk/guidelines", "/desk/sample"):
        assert lead.goto(base + path).ok
        assert violations(lead) == [], path
        assert not lead.evaluate(WIDER), path
    expect(lead.get_by_role("heading", name="No sample has been drawn yet.")).to_be_visible()
    lead.get_by_label("How many items").fill("2")
    lead.get_by_role("button", name="Draw at random").click()
    expect(lead.get_by_role("heading", name="0 of 2 drawn items decided.")).to_be_visible()
    assert violations(lead) == []
    assert not lead.evaluate(WIDER)
    lead.get_by_role("link", name="Begin").click()
    assert violations(lead) == []
    assert not lead.evaluate(WIDER)


def test_a_sample_is_decided_by_keyboard_alone(enter: Callable, finish: Callable, project: Project) -> None:
    for name in ("Ada", "Blaise"):
        page = enter(name)
        expect(page.locator("#work")).to_be_visible()
        finish(page, "1")
    lead = enter("Grace", role="lead")
    lead.goto(lead.url.removesuffix("/desk") + "/desk/sample")
    lead.get_by_label("How many items").focus()
    lead.keyboard.press("Control+a")
    lead.keyboard.type("2")
    lead.keyboard.press("Enter")
    begin = lead.get_by_role("link", name="Begin: 2 to decide")
    expect(begin).to_be_visible()
    begin.focus()
    lead.keyboard.press("Enter")
    for number in range(2):
        expect(lead.get_by_role("heading", name="What do you say?")).to_be_visible()
        lead.get_by_role("radio").first.focus()
        lead.keyboard.press("Space")
        lead.keyboard.press("Enter")
        expect(lead.get_by_text("before you saw the others")).to_be_visible()
        decide = lead.get_by_role("button", name="Decide")
        expect(decide).to_be_enabled()
        if number == 1:  # another label than the one that was said: the reason that stood there is gone
            lead.get_by_role("radio", name="Neither").check()
            expect(lead.get_by_label("Why")).to_have_value("")
            lead.get_by_label("Why").fill("It is about nobody.")
        decide.focus()
        lead.keyboard.press("Enter")
        expect(lead.get_by_role("heading", name="Decided:")).to_be_visible()
        if number == 0:
            lead.get_by_role("link", name="Next drawn item").focus()
            lead.keyboard.press("Enter")
    lead.goto(lead.url.split("/desk")[0] + "/desk/sample")
    expect(lead.get_by_role("heading", name="All 2 drawn items are decided")).to_be_visible()
    assert {one.blind for one in sample(project).draws[0].items} == {"kind"}


def test_a_rater_is_closed_and_reopened_by_keyboard_alone(
    enter: Callable[..., Page], violations: Callable[[Page], list[str]], finish: Callable[..., None]
) -> None:
    ada, lead = enter("Ada"), enter("Lea", role="lead")
    finish(ada)
    lead.get_by_role("link", name="Raters", exact=True).click()
    focus(lead.get_by_role("button", name="End access of r-001"))
    lead.keyboard.press("Enter")
    dialog = lead.get_by_role("dialog", name="Take r-001’s access away?")
    expect(dialog).to_contain_text("What they answered stays")
    assert violations(lead) == []
    dialog.get_by_role("button", name="Take it away").press("Enter")
    expect(lead.get_by_role("row", name="r-001")).to_contain_text("no access")
    ada.reload()
    expect(ada.get_by_role("heading", name="Please sign in")).to_be_visible()
    focus(lead.get_by_role("button", name="Give access to r-001"))
    lead.keyboard.press("Enter")
    lead.get_by_role("button", name="Give it back").press("Enter")
    expect(lead.get_by_role("button", name="New link for r-001")).to_be_enabled()

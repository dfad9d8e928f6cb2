"""Everyone can use the pages: by keyboard, with a screen reader, on a phone, in the dark, in any script."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from middlemost.project.folder import Project
from middlemost.project.people import invite

pytestmark = pytest.mark.browser

WAYS = {
    "light": {"color_scheme": "light"},
    "dark": {"color_scheme": "dark"},
    "phone": {"viewport": {"width": 360, "height": 740}, "has_touch": True},
    "low": {"viewport": {"width": 640, "height": 400}, "reduced_motion": "reduce"},
}
WIDER = "document.scrollingElement.scrollWidth > document.scrollingElement.clientWidth"


def at_item(page: Page, text: str) -> None:
    """Answer until the item that contains `text` is on the page."""
    expect(page.locator("#work")).to_be_visible()
    while text not in (page.locator("#item").text_content() or ""):
        page.keyboard.press("1")
        page.keyboard.press("Enter")


def tall_enough(page: Page) -> list[str]:
    small = """[...document.querySelectorAll('button, .answer, input:not([type=radio]):not([type=checkbox]), select')]
        .filter(e => e.checkVisibility() && e.getBoundingClientRect().height < 43.5).map(e => e.outerHTML)"""
    return page.evaluate(small)


@pytest.mark.parametrize("way", WAYS)
def test_the_rater_s_page_has_no_barrier(enter: Callable, finish: Callable, violations: Callable, way: str) -> None:
    page = enter("Ada", **WAYS[way])
    expect(page.locator("#work")).to_be_visible()
    assert violations(page) == []
    for key in ("g", "?", "s"):
        page.keyboard.press(key)
        assert violations(page) == []
        assert not page.evaluate(WIDER)
        page.keyboard.press("Escape")

    def looked_at() -> None:
        assert not page.evaluate(WIDER)
        assert tall_enough(page) == []

    finish(page, "2", each=looked_at)
    page.keyboard.press("Backspace")
    assert violations(page) == []
    page.keyboard.press("Escape")
    expect(page.get_by_role("heading", name="All done")).to_be_visible()
    assert violations(page) == []


@pytest.mark.parametrize("way", WAYS)
def test_the_desk_has_no_barrier(enter: Callable, finish: Callable, violations: Callable, way: str) -> None:
    ada, blaise = enter("Ada"), enter("Blaise")
    for page, key in ((ada, "1"), (blaise, "2")):
        expect(page.locator("#work")).to_be_visible()
        finish(page, key)
    lead = enter("Grace", role="lead", **WAYS[way])
    base = lead.url.removesuffix("/desk")
    for path in (
        "/desk",
        "/desk/raters",
        "/desk/items",
        "/desk/items?state=disputed",
        "/desk/items/i2",
        "/desk/items/i4",
        "/guidelines",
    ):
        assert lead.goto(base + path).ok
        assert violations(lead) == [], path
        assert not lead.evaluate(WIDER), path
        assert tall_enough(lead) == [], path


@pytest.mark.parametrize("way", WAYS)
def test_the_way_in_has_no_barrier(browser, violations: Callable, project: Project, server: str, way: str) -> None:
    with browser.new_context(**WAYS[way]) as context:
        page = context.new_page()
        for path in (
            "/",
            "/join/nonsense",
            f"/join/{invite(project, rounds=2)}",
            f"/join/{invite(project, role='lead')}",
        ):
            page.goto(server + path)
            assert violations(page) == [], path
            assert not page.evaluate(WIDER), path


def test_html_in_an_item_is_shown_as_text_and_never_runs(enter: Callable) -> None:
    page = enter("Ada")
    at_item(page, "bold")
    expect(page.locator("#item")).to_contain_text("<script>document.title=2</script>")
    assert page.locator("#item *").count() == 0
    assert page.title() == "Replies"


def test_an_arabic_item_runs_from_right_to_left_and_lines_stay_lines(enter: Callable) -> None:
    page = enter("Ada")
    at_item(page, "التقرير")
    assert page.locator("#item").evaluate("e => getComputedStyle(e).direction") == "rtl"
    at_item(page, "indented")
    assert page.locator("#item").inner_text() == "line one\nline two\n\n    indented"


def test_focus_goes_to_the_new_item_so_that_it_is_read_out(enter: Callable) -> None:
    page = enter("Ada")
    expect(page.locator("#item")).to_be_focused()
    page.keyboard.press("1")
    page.keyboard.press("Enter")
    expect(page.locator("#item")).to_be_focused()
    page.keyboard.press("g")
    page.keyboard.press("Escape")
    expect(page.locator("#item")).to_be_focused()


def test_everything_on_the_rater_s_page_is_reached_by_tab(enter: Callable) -> None:
    page = enter("Ada")
    expect(page.locator("#work")).to_be_visible()
    page.locator("body").evaluate("document.activeElement.blur()")
    reached = set()
    for _ in range(14):
        page.keyboard.press("Tab")
        reached.add(page.evaluate("document.activeElement.textContent.trim() || document.activeElement.name"))
    for wanted in ("G Guidelines", "Sign out", "answer", "Take back the last", "S Skip", "? All keys"):
        assert any(wanted in one for one in reached), wanted


def test_it_can_be_answered_by_touch_alone(enter: Callable) -> None:
    page = enter("Ada", **WAYS["phone"])
    expect(page.locator("#work")).to_be_visible()
    page.get_by_role("radio", name="Disrespectful").tap()
    page.get_by_role("button", name="Send").tap()
    expect(page.locator("#item")).to_contain_text("<b>bold</b>")


def test_a_page_without_the_server_says_so_on_the_desk(enter: Callable) -> None:
    lead = enter("Grace", role="lead")
    lead.context.set_offline(True)
    expect(lead.locator("#lost")).to_contain_text("The server does not answer", timeout=15_000)
    lead.context.set_offline(False)
    expect(lead.locator("#lost")).to_be_empty(timeout=15_000)

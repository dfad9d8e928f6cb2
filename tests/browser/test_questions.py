"""Every type of question is answered by keyboard alone, without a barrier, and what is sent is what was meant."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from middlemost.core.nouns import Item
from middlemost.project.add import add
from middlemost.project.folder import Project
from middlemost.project.standing import item_detail

from ..conftest import begun

pytestmark = pytest.mark.browser

TEXT = "Ada met 👩‍👩‍👧 in Cafe\u0301 Łódź."
RIGHT_TO_LEFT = "ذهبت سارة إلى القاهرة."
ITEMS = [
    Item("i1", TEXT, {"replies": ["first", "second", "third"]}),
    Item("i2", RIGHT_TO_LEFT, {"replies": ["أول", "ثان", "ثالث"]}),
]
HARM = """
  - {id: harmful, ask: "Is it harmful?", options: [{id: "yes", label: Harmful}, {id: "no", label: Harmless}]}
  - id: kinds
    type: multichoice
    ask: Which kinds?
    when: {question: harmful, is: "yes"}
    options: [{id: insult, label: Insult}, {id: threat, label: Threat}, {id: slur, label: Slur}]
  - {id: why, type: text, ask: "Why?", min: 3, required: no}
"""
SETS = '  - {id: kinds, type: multichoice, ask: "?", min: 0, max: 2, options: [{id: a}, {id: b}, {id: c}]}'
LIKERT = '  - {id: heat, type: scale, ask: "?", min: 1, max: 7, anchors: {1: calm, 7: furious}}'
NUMBER = '  - {id: weight, type: scale, look: number, ask: "How heavy?", min: 0, step: 0.5, unit: kg}'
SLIDER = '  - {id: warm, type: scale, look: slider, ask: "How warm?", min: 0, max: 100, anchors: {0: cold, 100: hot}}'
WRITTEN = '  - {id: why, type: text, ask: "Why?", min: 3, max: 100}'
SPANS = '  - {id: names, type: spans, ask: "Mark.", labels: [{id: person, label: Person}, {id: place, label: Place}]}'
RANKING = '  - {id: best, type: ranking, ask: "Best?", field: replies, ties: yes}'
TOP = '  - {id: best, type: ranking, ask: "Best?", top: 1, options: [{id: a}, {id: b}, {id: c}]}'
TYPES = {
    "several": HARM, "sets": SETS, "likert": LIKERT, "number": NUMBER, "slider": SLIDER, "text": WRITTEN,
    "spans": SPANS, "ranking": RANKING, "top": TOP,
}  # fmt: skip


@pytest.fixture
def project(tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[Project]:
    protocol = f"name: Page\nparadigm: prescriptive\nquestions:\n{TYPES[request.param]}\n"
    (tmp_path / "protocol.yaml").write_text(protocol, "utf-8")
    (tmp_path / "guidelines.md").write_text("# Page\n", "utf-8")
    with Project.open(begun(tmp_path)) as opened:
        add(opened, ITEMS)
        yield opened


def asking(name: str) -> pytest.MarkDecorator:
    return pytest.mark.parametrize("project", [name], indirect=True)


def enter_page(enter: Callable[..., Page], **settings: Any) -> Page:
    page = enter("Ada", **settings)
    expect(page.locator("#work")).to_be_visible()
    return page


def press(page: Page, *keys: str) -> None:
    for key in keys:
        page.keyboard.press(key)


def stored(project: Project, page: Page, item: str = "i1") -> dict[str, str]:
    expect(page.locator("#saves")).to_have_text("all answers saved")
    return {one.question: one.value for one in item_detail(project, item).answers if one.latest}


@asking("several")
def test_several_questions_are_answered_one_by_one_and_sent_together(
    enter: Callable[..., Page], project: Project
) -> None:
    page = enter_page(enter)
    expect(page.get_by_text("Which kinds?")).to_be_hidden()
    press(page, "1")
    expect(page.get_by_text("Which kinds?")).to_be_visible()
    press(page, "Enter")
    expect(page.get_by_text("Choose at least 1.")).to_be_visible()
    press(page, "3", "1", "Tab", "Tab", "Tab")
    page.keyboard.type("so rude, 1 of 2")
    press(page, "Enter")
    expect(page.locator("#item")).to_have_text(RIGHT_TO_LEFT)
    assert stored(project, page) == {"harmful": "yes", "kinds": '["insult","slur"]', "why": "so rude, 1 of 2"}


@asking("several")
def test_what_no_longer_comes_up_is_not_sent(enter: Callable[..., Page], project: Project) -> None:
    page = enter_page(enter)
    press(page, "1", "Enter", "1", "Shift+Tab", "2")
    expect(page.get_by_text("Which kinds?")).to_be_hidden()
    press(page, "Enter")
    expect(page.locator("#item")).to_have_text(RIGHT_TO_LEFT)
    assert stored(project, page) == {"harmful": "no"}
    press(page, "Backspace")
    expect(page.get_by_role("radio", name="Harmless")).to_be_checked()
    press(page, "1", "Enter", "2", "Enter")
    expect(page.locator("#item")).to_have_text(RIGHT_TO_LEFT)
    assert stored(project, page) == {"harmful": "yes", "kinds": '["threat"]'}


@asking("sets")
def test_none_of_several_is_an_answer_where_that_is_declared(enter: Callable[..., Page], project: Project) -> None:
    page = enter_page(enter)
    press(page, "1", "2", "3", "Enter")
    expect(page.get_by_text("Choose at most 2.")).to_be_visible()
    press(page, "1", "2", "3", "Enter")
    expect(page.locator("#item")).to_have_text(RIGHT_TO_LEFT)
    assert stored(project, page) == {"kinds": "[]"}


@asking("likert")
def test_a_digit_chooses_that_point_and_arrows_move_along(enter: Callable[..., Page], project: Project) -> None:
    page = enter_page(enter)
    press(page, "9")
    assert page.locator("#question input:checked").count() == 0
    press(page, "6", "ArrowRight")
    expect(page.get_by_role("radio", name="7, furious")).to_be_checked()
    press(page, "ArrowLeft", "ArrowLeft", "Enter")
    assert stored(project, page) == {"heat": "5"}


@asking("number")
def test_a_number_is_written_and_held_to_its_bounds(enter: Callable[..., Page], project: Project) -> None:
    page = enter_page(enter)
    press(page, "Enter")
    expect(page.get_by_text("Answer this first.")).to_be_visible()
    page.keyboard.type("12.3")
    press(page, "Enter")
    expect(page.get_by_text("Write a number: at least 0, in steps of 0.5.")).to_be_visible()
    press(page, "Backspace")
    page.keyboard.type("5")
    press(page, "Enter")
    expect(page.locator("#item")).to_have_text(RIGHT_TO_LEFT)
    assert stored(project, page) == {"weight": "12.5"}


@asking("slider")
def test_a_slider_has_no_position_before_it_is_given_one(enter: Callable[..., Page], project: Project) -> None:
    page = enter_page(enter)
    slider = page.get_by_role("slider")
    expect(slider).to_have_attribute("aria-valuetext", "not answered yet")
    press(page, "Enter")
    expect(page.get_by_text("Answer this first.")).to_be_visible()
    press(page, "ArrowRight")
    expect(slider).to_have_attribute("aria-valuetext", "50")
    press(page, "ArrowRight", "PageUp", "End", "ArrowLeft", "Enter")
    expect(page.locator("#item")).to_have_text(RIGHT_TO_LEFT)
    expect(slider).to_have_attribute("aria-valuetext", "not answered yet")
    assert stored(project, page) == {"warm": "99"}


@asking("slider")
def test_a_touch_in_the_very_middle_of_a_slider_is_an_answer(enter: Callable[..., Page], project: Project) -> None:
    page = enter_page(enter)
    page.get_by_role("slider").click()
    press(page, "Enter")
    assert stored(project, page) == {"warm": "50"}


@asking("text")
def test_a_text_is_written_with_its_lines_and_escape_gives_the_keys_back(
    enter: Callable[..., Page], project: Project
) -> None:
    page = enter_page(enter)
    press(page, "Tab")
    page.keyboard.type("g1")
    press(page, "Enter")
    expect(page.get_by_text("Write at least 3 characters.")).to_be_visible()
    press(page, "Shift+Enter")
    page.keyboard.type("🐂 s?")
    press(page, "Escape", "g")
    expect(page.get_by_role("heading", name="Guidelines", exact=True)).to_be_visible()
    press(page, "Escape", "Enter")
    expect(page.locator("#item")).to_have_text(RIGHT_TO_LEFT)
    assert stored(project, page) == {"why": "g1\n🐂 s?"}


def span(text: str, passage: str, label: str) -> str:
    start = text.index(passage)
    return f'{{"start":{start},"end":{start + len(passage)},"label":"{label}"}}'


@asking("spans")
def test_passages_are_marked_by_keyboard_alone_through_emoji_and_combined_letters(
    enter: Callable[..., Page], project: Project
) -> None:
    page = enter_page(enter)
    press(page, "ArrowRight", "1")  # Ada
    press(page, "ArrowRight", "ArrowRight", "1")  # the family
    press(page, "ArrowRight", "ArrowRight", "Shift+ArrowRight", "2")  # Café Łódź
    expect(page.locator(".marked li")).to_have_count(3)
    press(page, "ArrowUp", "ArrowUp", "2", "ArrowDown", "x")  # the family is a place; Ada is none
    expect(page.locator(".marked li")).to_have_count(2)
    press(page, "Enter")
    expect(page.locator("#item")).to_have_text(RIGHT_TO_LEFT)
    marked = [span(TEXT, passage, "place") for passage in ("👩‍👩‍👧", "Cafe\u0301 Łódź")]
    assert stored(project, page) == {"names": f"[{','.join(marked)}]"}
    press(page, "Backspace")
    expect(page.locator(".marked li")).to_have_count(2)
    assert page.locator("#item mark").all_inner_texts()[0] == "👩‍👩‍👧"


@asking("spans")
def test_in_a_text_from_right_to_left_the_left_arrow_goes_on(enter: Callable[..., Page], project: Project) -> None:
    page = enter_page(enter)
    press(page, "Enter")
    expect(page.locator("#item")).to_have_text(RIGHT_TO_LEFT)
    press(page, "ArrowLeft", "ArrowLeft", "1", "Enter")
    assert stored(project, page, "i2") == {"names": f"[{span(RIGHT_TO_LEFT, 'سارة', 'person')}]"}
    assert stored(project, page) == {"names": "[]"}


@asking("spans")
def test_passages_are_marked_with_the_mouse_and_never_overlap_unless_declared(
    enter: Callable[..., Page], project: Project
) -> None:
    page = enter_page(enter)
    select = """([from, to]) => { const node = document.querySelector('#item').firstChild;
        const range = document.createRange(); range.setStart(node, from); range.setEnd(node, to);
        getSelection().removeAllRanges(); getSelection().addRange(range);
        const up = new PointerEvent('pointerup', {bubbles: true, pointerType: 'mouse'});
        document.querySelector('#item').dispatchEvent(up) }"""
    page.evaluate(select, [0, 9])  # ends within the emoji, begins with a word
    page.get_by_role("button", name="Person").click()
    expect(page.locator(".marked q")).to_have_text("Ada met 👩‍👩‍👧")
    press(page, "Home", "ArrowLeft", "ArrowLeft", "ArrowLeft", "ArrowLeft", "2")
    expect(page.get_by_text("Passages may not overlap")).to_be_visible()
    page.get_by_role("button", name="Remove Person").click()
    expect(page.locator(".marked li")).to_have_count(0)
    assert page.locator("#item").text_content() == TEXT


@asking("ranking")
def test_an_order_is_given_by_digits_moved_by_arrows_and_tied(enter: Callable[..., Page], project: Project) -> None:
    page = enter_page(enter)
    press(page, "3", "Enter")
    expect(page.get_by_text("2 more to rank.")).to_be_visible()
    press(page, "1", "2", "Shift+ArrowUp", "Shift+ArrowUp")
    assert [one.split("\n")[0] for one in page.locator(".entry .rankit").all_inner_texts()] == ["1", "2", "3"]
    press(page, "ArrowDown", "ArrowDown", "=", "Enter")
    expect(page.locator("#item")).to_have_text(RIGHT_TO_LEFT)
    assert stored(project, page) == {"best": '[["2"],["1","3"]]'}


@asking("ranking")
def test_an_order_is_dragged(enter: Callable[..., Page], project: Project) -> None:
    page = enter_page(enter)
    press(page, "1", "2", "3")
    grips = page.locator(".grip")
    grips.nth(2).hover()
    page.mouse.down()
    box = grips.nth(0).bounding_box()
    assert box
    page.mouse.move(box["x"] + 5, box["y"] + 3)
    page.mouse.up()
    page.get_by_role("button", name="Send").click()
    assert stored(project, page) == {"best": '[["3"],["1"],["2"]]'}


@asking("top")
def test_only_the_first_are_ranked_where_only_they_are_asked_for(enter: Callable[..., Page], project: Project) -> None:
    page = enter_page(enter)
    press(page, "2", "3")
    expect(page.get_by_text("Only the first 1 are asked for.")).to_be_visible()
    press(page, "Enter")
    assert stored(project, page) == {"best": '[["b"]]'}


WAYS = {
    "light": {"color_scheme": "light"},
    "dark": {"color_scheme": "dark"},
    "phone": {"viewport": {"width": 360, "height": 740}, "has_touch": True},
}
BEGUN = {
    "several": ("1", "Enter", "1"), "sets": ("1",), "likert": ("3",), "number": ("1",), "slider": ("ArrowRight",),
    "text": (), "spans": ("ArrowRight", "1", "ArrowRight", "ArrowRight"), "ranking": ("1", "2", "="), "top": ("1",),
}  # fmt: skip


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize(("project", "keys"), list(BEGUN.items()), indirect=["project"], ids=list(BEGUN))
def test_no_type_of_question_has_a_barrier(
    enter: Callable[..., Page],
    violations: Callable[[Page], list[str]],
    project: Project,
    keys: tuple[str, ...],
    way: str,
) -> None:
    page = enter_page(enter, **WAYS[way])
    for pressed in ((), keys):
        press(page, *pressed)
        assert violations(page) == []
        assert not page.evaluate("document.scrollingElement.scrollWidth > document.scrollingElement.clientWidth")
    press(page, "Escape", "?")
    expect(page.get_by_role("heading", name="Keys", exact=True)).to_be_visible()
    assert violations(page) == []


@pytest.mark.parametrize("way", WAYS)
@asking("several")
def test_the_desk_shows_several_questions_without_a_barrier(
    enter: Callable[..., Page], violations: Callable[[Page], list[str]], project: Project, way: str
) -> None:
    page = enter_page(enter)
    press(page, "1", "Enter", "1", "Enter", "f")
    page.keyboard.type("the second one is cut off")
    press(page, "Enter")
    expect(page.locator("#saves")).to_have_text("all answers saved")
    lead = enter("Grace", role="lead", **WAYS[way])
    expect(lead.get_by_text("the second one is cut off")).to_be_visible(timeout=10_000)
    for path in ("/desk", "/desk/items/i1", "/desk/items/i2", "/desk/raters"):
        lead.goto(lead.url.partition("/desk")[0] + path)
        assert violations(lead) == [], path
        assert not lead.evaluate("document.scrollingElement.scrollWidth > document.scrollingElement.clientWidth"), path

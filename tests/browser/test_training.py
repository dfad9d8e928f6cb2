"""Training and a test before the first item, by keyboard alone."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from middlemost.core.nouns import Item
from middlemost.project.add import add
from middlemost.project.exercises import add_exercises
from middlemost.project.folder import Project

from ..conftest import begun
from .conftest import PROTOCOL

pytestmark = pytest.mark.browser
RULES = "  qualification: {test: {pass: 0.5, items: 2, wait_hours: 1}}\n"


@pytest.fixture
def project(tmp_path: Path) -> Iterator[Project]:
    (tmp_path / "protocol.yaml").write_text(PROTOCOL + RULES, "utf-8")
    (tmp_path / "guidelines.md").write_text("# Respect\n\nListen.\n", "utf-8")
    with Project.open(begun(tmp_path)) as opened:
        add(opened, [Item("i1", "the first item")])
        for stage in ("training", "test"):
            file = tmp_path / f"{stage}.jsonl"
            rows = [{"text": f"{stage} {n}", "label": "kind", "why": "<b>Section 2</b>"} for n in range(2)]
            file.write_text("".join(json.dumps(row) + "\n" for row in rows))
            add_exercises(opened, **{stage: file})
        yield opened


def press(page: Page, key: str) -> None:
    page.keyboard.press(key)
    page.keyboard.press("Enter")


@pytest.mark.parametrize(
    "way",
    [{"color_scheme": "light"}, {"color_scheme": "dark", "viewport": {"width": 360, "height": 740}}],
    ids=["light", "narrow and dark"],
)
def test_a_rater_goes_from_training_through_the_test_to_the_first_item(
    enter: Callable[..., Page], violations: Callable[[Page], list[str]], way: dict
) -> None:
    page = enter("Ada", **way)
    feedback, count = page.locator("#feedback"), page.locator("#count")
    expect(page.locator("#item")).to_have_text("training 0")
    expect(count).to_have_text("training: 1 of 2")
    press(page, "2")
    expect(feedback).to_contain_text("Not quite. The answer is Respectful.")
    expect(feedback).to_contain_text("<b>Section 2</b>")
    assert violations(page) == []
    page.keyboard.press("1")
    expect(page.locator("#asked input:checked")).to_have_value("rude")
    page.keyboard.press("Enter")
    expect(page.locator("#item")).to_have_text("training 1")
    press(page, "1")
    expect(feedback).to_contain_text("Right.")
    page.keyboard.press("Enter")
    expect(count).to_have_text("test: 1 of 2, try 1 of 2")
    press(page, "1")
    expect(count).to_have_text("test: 2 of 2, try 1 of 2")
    expect(feedback).to_be_hidden()
    page.reload()
    expect(count).to_have_text("test: 2 of 2, try 1 of 2")
    press(page, "2")
    expect(page.get_by_role("heading", name="You are ready")).to_be_visible()
    expect(page.locator("#state-words")).to_contain_text("You had 1 of 2 right.")
    assert violations(page) == []
    page.keyboard.press("Enter")
    page.wait_for_url("**/rate")
    expect(page.locator("#item")).to_have_text("the first item")


def test_who_fails_is_told_when_to_come_back_and_a_lead_lets_them_in(
    enter: Callable[..., Page], violations: Callable[[Page], list[str]]
) -> None:
    page, lead = enter("Ada"), enter("Lea", role="lead")
    for n in range(2):
        expect(page.locator("#item")).to_have_text(f"training {n}")
        press(page, "3")
        expect(page.locator("#feedback")).to_be_visible()
        page.keyboard.press("Enter")
    for n in range(2):
        expect(page.locator("#count")).to_have_text(f"test: {n + 1} of 2, try 1 of 2")
        press(page, "3")
    expect(page.get_by_role("heading", name="Not passed this time")).to_be_visible()
    expect(page.locator("#state-words")).to_contain_text("You had 0 of 2 right. You can try again after")
    assert violations(page) == []
    lead.goto(lead.url.replace("/desk", "/desk/raters"))
    expect(lead.locator("#raters")).to_contain_text("waits to try again, 0 of 2 right")
    lead.get_by_role("button", name="Let in r-001").click()
    expect(lead.get_by_role("heading", name="Let r-001 in")).to_be_visible()
    assert violations(lead) == []
    lead.keyboard.type("I know her")
    lead.keyboard.press("Enter")
    expect(lead.locator("#raters")).to_contain_text("admitted")
    page.goto(page.url.replace("/training", "/rate"))
    expect(page.locator("#item")).to_have_text("the first item")

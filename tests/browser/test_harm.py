"""Raters are warned before they begin, and see what may hurt them only when they are ready."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from middlemost.core.nouns import Item
from middlemost.project.add import add
from middlemost.project.folder import Project

from ..conftest import begun
from .conftest import PROTOCOL

pytestmark = pytest.mark.browser
HARM = 'harm: {warning: "Some replies are cruel.", help: "Call Kim.", cover: graphic}\n'


@pytest.fixture
def project(tmp_path: Path) -> Iterator[Project]:
    (tmp_path / "protocol.yaml").write_text(PROTOCOL + HARM, "utf-8")
    (tmp_path / "guidelines.md").write_text("Listen.\n", "utf-8")
    with Project.open(begun(tmp_path)) as opened:
        add(opened, [Item("i1", "a cruel one", {"graphic": "yes"}), Item("i2", "a mild one", {"graphic": "no"})])
        yield opened


@pytest.mark.parametrize(
    "way", [{}, {"color_scheme": "dark", "viewport": {"width": 360, "height": 740}}], ids=["light", "narrow and dark"]
)
def test_a_covered_item_is_seen_when_its_rater_asks_for_it(
    enter: Callable[..., Page], violations: Callable[[Page], list[str]], way: dict
) -> None:
    page = enter("Ada", **way)
    warning, item, uncover = page.locator("#warning"), page.locator("#item"), page.locator(".uncover")
    expect(warning).to_contain_text("Some replies are cruel.")
    expect(warning).to_contain_text("Call Kim.")
    assert violations(page) == []
    page.keyboard.press("Enter")
    expect(warning).to_be_hidden()
    expect(uncover).to_be_focused()
    assert violations(page) == []
    page.keyboard.press("1")
    page.locator("#send").click()
    expect(page.locator("#hint")).to_have_text("Show the item first, or skip it.")
    page.keyboard.press("v")
    expect(uncover).to_be_hidden()
    expect(item).to_be_focused()
    assert item.evaluate("item => getComputedStyle(item).filter") == "none"
    page.keyboard.press("Enter")
    expect(item).to_have_text("a mild one")
    expect(uncover).to_be_hidden()
    page.reload()
    expect(page.locator("#work")).to_be_visible()
    expect(warning).to_be_hidden()


def test_a_covered_item_is_skipped_unseen(enter: Callable[..., Page]) -> None:
    page = enter("Ada")
    expect(page.locator("#warning")).to_be_visible()
    page.keyboard.press("Enter")
    expect(page.locator(".uncover")).to_be_focused()
    page.keyboard.press("s")
    page.keyboard.press("4")
    page.keyboard.press("Enter")
    expect(page.locator("#item")).to_have_text("a mild one")

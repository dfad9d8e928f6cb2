"""Limits and orders of one's own, as raters see them."""

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


@pytest.fixture
def project(tmp_path: Path) -> Iterator[Project]:
    shuffled = PROTOCOL.replace("    options:\n", "    shuffle: yes\n    options:\n")
    (tmp_path / "protocol.yaml").write_text(shuffled + "  limits: {a_day: 2}\n", "utf-8")
    (tmp_path / "guidelines.md").write_text("Listen.\n", "utf-8")
    with Project.open(begun(tmp_path)) as opened:
        add(opened, [Item(f"i{n}", f"text {n}") for n in range(5)])
        yield opened


WAYS = {
    "light": {"color_scheme": "light"},
    "phone in the dark": {"color_scheme": "dark", "viewport": {"width": 360, "height": 740}},
}


@pytest.mark.parametrize("way", WAYS)
def test_a_rater_at_the_day_s_limit_is_thanked_and_told_when_there_is_more(
    enter: Callable[..., Page], violations: Callable[[Page], list[str]], way: str
) -> None:
    page = enter("Ada", **WAYS[way])
    expect(page.locator("#count")).to_have_text("0 answered · 2 left")
    for _ in range(2):
        expect(page.locator("#work")).to_be_visible()
        page.keyboard.press("1")
        page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="Enough for today. Thank you.")).to_be_visible()
    expect(page.locator("#state-words")).to_contain_text("It is 2 items a day here. This page goes on by itself after")
    assert violations(page) == []


def test_the_options_stand_in_each_rater_s_order_and_keys_follow_it(
    enter: Callable[..., Page], project: Project
) -> None:
    seen = set()
    for name in ("Ada", "Bob", "Eve", "Kim"):
        page = enter(name)
        expect(page.locator("#work")).to_be_visible()
        shown = page.locator("#asked input").evaluate_all("inputs => inputs.map(input => input.value)")
        page.keyboard.press("1")
        assert page.locator("#asked input:checked").input_value() == shown[0]
        seen.add(tuple(shown))
    assert len(seen) > 1
    assert {tuple(sorted(one)) for one in seen} == {tuple(sorted(project.options))}

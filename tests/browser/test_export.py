"""Taking a project along from the desk."""

from __future__ import annotations

import csv
from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Page, Route, expect

from middlemost.project.folder import Project
from middlemost.project.people import invite, join
from middlemost.project.taking_along import ask_for_export

from .conftest import focus

pytestmark = pytest.mark.browser

WAYS = {
    "light": {"color_scheme": "light"},
    "phone in the dark": {"color_scheme": "dark", "viewport": {"width": 360, "height": 740}},
}


@pytest.mark.parametrize("way", WAYS)
def test_an_export_is_made_by_keyboard_and_can_be_loaded_when_it_is_there(
    enter: Callable[..., Page], violations: Callable[[Page], list[str]], project: Project, tmp_path: Path, way: str
) -> None:
    page = enter("Lea", role="lead", accept_downloads=True, **WAYS[way])
    page.get_by_role("link", name="Export").click()
    expect(page.get_by_role("heading", name="Take it along.")).to_be_visible()
    focus(page.get_by_role("button", name="Make it as csv"))
    page.keyboard.press("Enter")
    link = page.get_by_role("link", name="replies-export-1.csv")
    expect(link).to_be_visible(timeout=20_000)
    assert violations(page) == []
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    with page.expect_download() as loading:
        link.click()
    loaded = tmp_path / "loaded.csv"
    loading.value.save_as(loaded)
    with loaded.open(newline="") as file:
        assert next(csv.reader(file))[:4] == ["item", "rater", "question", "answer"]


def test_what_another_one_asks_for_appears_by_itself(enter: Callable[..., Page], project: Project) -> None:
    page = enter("Audrey", role="auditor")
    page.goto(page.url.replace("/desk", "/desk/export"))
    expect(page.get_by_text("Nothing yet.")).to_be_visible()
    ask_for_export(project, "jsonl", by=join(project, invite(project, role="lead"), "Lea").person)
    expect(page.get_by_role("link", name="replies-export-1.jsonl")).to_be_visible(timeout=20_000)
    expect(page.get_by_role("region", name="Exports")).to_contain_text("l-001")


def test_a_refusal_is_told_in_words(enter: Callable[..., Page]) -> None:
    page = enter("Lea", role="lead")
    page.get_by_role("link", name="Export").click()
    refused = {"status": 429, "json": {"detail": "Enough is being made.", "mend": "Try again in 10 seconds."}}
    page.route("**/api/exports", lambda route: route.fulfill(**refused))
    page.get_by_role("button", name="Make it as csv").click()
    expect(page.locator("#export-words")).to_have_text("Enough is being made. Try again in 10 seconds.")


@pytest.mark.parametrize(
    ("path", "words", "script"), [("export", "Make it as csv", "desk"), ("rounds", "Begin", "rounds")]
)
def test_a_button_can_be_pressed_once_its_script_listens_and_not_before(
    enter: Callable[..., Page], path: str, words: str, script: str
) -> None:
    page = enter("Lea", role="lead")
    held: list[Route] = []
    page.route(f"**/static/{script}.js", lambda route: held.append(route))
    with page.expect_request(f"**/static/{script}.js"):
        page.goto(f"{page.url}/{path}", wait_until="commit")
    button = page.get_by_role("button", name=words)
    expect(button).to_be_disabled()
    held.pop().continue_()
    expect(button).to_be_enabled()

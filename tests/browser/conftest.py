"""A real Chromium before a real server."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest
from axe_core_python.sync_playwright import Axe
from playwright.sync_api import Browser, Locator, Page, expect, sync_playwright

from middlemost.core.nouns import Item
from middlemost.project.add import add
from middlemost.project.folder import Project
from middlemost.project.people import invite
from middlemost.web.serve import serving

from ..conftest import begun

CHROMIUM = os.environ.get("MIDDLEMOST_CHROMIUM") or shutil.which("chromium") or "chromium"
ARGUMENTS = ["--no-sandbox", "--disable-gpu", "--disable-background-networking"]

PROTOCOL = """\
name: Replies
paradigm: prescriptive
questions:
  - id: respect
    ask: Is this reply respectful to the person it answers?
    options:
      - {id: kind, label: Respectful}
      - {id: rude, label: Disrespectful, hint: "an insult, section 2"}
      - {id: neither, label: "Neither, or not about a person"}
collection:
  answers_per_item: 2
"""
ITEMS = [
    Item("i1", "Nobody who has read the report could write this."),
    Item("i2", '<img src="x" onerror="document.title=1"><b>bold</b> & <script>document.title=2</script>'),
    Item("i3", "لا أحد قرأ التقرير يمكنه أن يكتب هذا."),
    Item("i4", "A long one. " * 200),
    Item("i5", "line one\nline two\n\n    indented"),
    Item("i6", "Donaudampfschifffahrtsgesellschaftskapitän" * 6),
]


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    if not Path(CHROMIUM).exists():
        missing = pytest.fail if os.environ.get("MIDDLEMOST_REQUIRE_BROWSER") else pytest.skip
        missing("needs Chromium (MIDDLEMOST_CHROMIUM)")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS)
        yield browser
        browser.close()


@pytest.fixture
def project(tmp_path: Path) -> Iterator[Project]:
    (tmp_path / "protocol.yaml").write_text(PROTOCOL, "utf-8")
    (tmp_path / "guidelines.md").write_text("# Respect\n\nRead *all* of it.\n\n## Section 2\n\nInsults.\n", "utf-8")
    with Project.open(begun(tmp_path)) as opened:
        add(opened, ITEMS)
        yield opened


@pytest.fixture
def server(project: Project) -> Iterator[str]:
    with serving(project) as url:
        yield url


@pytest.fixture
def enter(browser: Browser, project: Project, server: str) -> Iterator[Callable[..., Page]]:
    """`enter("Ada")` is a page whose owner has joined by an invite link. A script error on any page fails the test."""
    wrong: list[str] = []
    with ExitStack() as stack:

        def come_in(name: str, *, role: str = "rater", **settings: object) -> Page:
            page = stack.enter_context(browser.new_context(**settings)).new_page()
            page.on("pageerror", lambda error: wrong.append(str(error)))
            page.on("console", lambda said: wrong.append(said.text) if "Security Policy" in said.text else None)
            page.goto(f"{server}/join/{invite(project, role=role)}")
            page.get_by_label("Your name").fill(name)
            page.keyboard.press("Enter")
            page.wait_for_url("**/rate" if role == "rater" else "**/desk")
            return page

        yield come_in
    assert not wrong


@pytest.fixture
def violations() -> Callable[[Page], list[str]]:
    """What axe finds wrong with a page as it stands."""

    def find(page: Page) -> list[str]:
        found = Axe().run(page)["violations"]
        return [f"{one['id']}: {node['html'][:200]}" for one in found for node in one["nodes"]]

    return find


def focus(button: Locator) -> None:
    """Come to a button by keyboard, once its script listens: one that is disabled takes no focus."""
    expect(button).to_be_enabled()
    button.focus()


@pytest.fixture
def finish() -> Callable[..., None]:
    """Answer everything there is on a rater's page by keyboard, and wait until it is saved."""

    def answer_all(page: Page, key: str = "1", each: Callable[[], None] = lambda: None) -> None:
        done = page.get_by_role("heading", name="All done")
        expect(page.locator("#work").or_(done)).to_be_visible()
        while not done.is_visible():
            each()
            page.keyboard.press(key)
            page.keyboard.press("Enter")
        expect(page.locator("#saves")).to_have_text("all answers saved")

    return answer_all


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """What is looked at in several ways is looked at in one of them before every commit, in all in the long tests."""
    for item in items:  # all of the session, not of this folder alone
        asked = getattr(item, "callspec", None) if item.path.is_relative_to(Path(__file__).parent) else None
        if asked and ("way" in asked.params or "barrier" in item.name) and "dark" not in asked.id:
            item.add_marker(pytest.mark.long)

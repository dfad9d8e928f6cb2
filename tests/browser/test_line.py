"""The rater's page at the end of a slow line that breaks: it says what is saved and what is not, and keeps it all."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from line import Line
from playwright.sync_api import Browser, Page, expect

from middlemost.core.nouns import Item
from middlemost.project.add import add
from middlemost.project.folder import Project
from middlemost.project.people import invite
from middlemost.project.progress import progress
from middlemost.project.standing import item_detail

from ..conftest import begun
from .conftest import PROTOCOL

pytestmark = pytest.mark.browser
N = 30


@pytest.fixture
def project(tmp_path: Path) -> Iterator[Project]:
    (tmp_path / "protocol.yaml").write_text(PROTOCOL, "utf-8")
    (tmp_path / "guidelines.md").write_text("Listen.\n", "utf-8")
    with Project.open(begun(tmp_path)) as opened:
        add(opened, [Item(f"i{n}", f"text {n}") for n in range(N)])
        yield opened


@pytest.fixture
def line(server: str) -> Iterator[Line]:
    with Line(server) as opened:
        yield opened


@pytest.fixture
def page(browser: Browser, project: Project, line: Line) -> Iterator[Page]:
    with browser.new_context() as context:
        page = context.new_page()
        page.goto(f"{line.url}/join/{invite(project)}")
        page.get_by_label("Your name").fill("Ada")
        page.keyboard.press("Enter")
        expect(page.locator("#work")).to_be_visible()
        yield page


def answer(page: Page) -> None:
    """Answer the item that is on the page, or that is on its way."""
    expect(page.locator("#work")).to_be_visible(timeout=30_000)
    page.keyboard.press("1")
    page.keyboard.press("Enter")


def test_on_a_slow_line_the_page_says_saved_only_of_what_is(page: Page, line: Line, project: Project) -> None:
    line.delay, line.piece, line.pause = 0.4, 200, 0.02
    saves = page.locator("#saves")
    for _ in range(3):
        answer(page)
        said, kept = saves.text_content(), progress(project).answers
        assert said != "all answers saved"
        assert said is not None
        assert said.startswith("saving ")
        assert kept < 3
    expect(saves).to_have_text("all answers saved", timeout=30_000)
    assert progress(project).answers == 3


def test_over_a_line_that_breaks_every_answer_is_saved_once_and_each_trouble_is_told(
    page: Page, line: Line, project: Project
) -> None:
    line.cuts = 0.25
    page.evaluate("""() => {
      window.said = new Set();
      const saves = document.getElementById("saves");
      new MutationObserver(() => said.add(saves.textContent)).observe(saves, { childList: true, characterData: true });
    }""")
    for _ in range(N):
        answer(page)
    expect(page.get_by_role("heading", name="All done")).to_be_visible(timeout=60_000)
    expect(page.locator("#saves")).to_have_text("all answers saved", timeout=60_000)
    assert min(line.broken["up"], line.broken["down"]) > 0, line.broken
    assert any("not yet saved: retrying" in one for one in page.evaluate("[...window.said]"))
    expect(page.locator("#count")).to_have_text(f"{N} answered · 0 left")
    assert progress(project).answers == N
    assert [len(item_detail(project, f"i{n}").answers) for n in range(N)] == [1] * N


def test_a_rater_whose_items_have_run_out_on_a_dead_line_is_told_and_goes_on_by_itself(
    page: Page, line: Line, violations: Callable[[Page], list[str]]
) -> None:
    expect(page.locator("#saves")).to_have_text("all answers saved")
    line.cuts = 1.0
    while page.locator("#work").is_visible():
        page.keyboard.press("1")
        page.keyboard.press("Enter")
    heading = page.get_by_role("heading", name="The next items have not come yet")
    expect(heading).to_be_visible(timeout=10_000)
    expect(page.locator("#state-words")).to_have_text(
        "The server cannot be reached. What you have answered is kept here, and sent as soon as it can be. "
        "This page goes on by itself."
    )
    expect(page.locator("#saves")).to_contain_text("answers not yet saved: retrying")
    assert violations(page) == []
    line.cuts = 0.0
    expect(page.locator("#work")).to_be_visible(timeout=10_000)
    expect(page.locator("#saves")).to_have_text("all answers saved", timeout=20_000)


def test_what_is_sent_on_a_line_that_says_nothing_any_more_is_sent_anew(
    page: Page, line: Line, project: Project
) -> None:
    page.clock.install()
    page.reload()
    expect(page.locator("#work")).to_be_visible()
    line.delay = 3600
    answer(page)
    expect(page.locator("#saves")).to_have_text("saving 1 answer")
    page.clock.run_for(31_000)
    expect(page.locator("#saves")).to_have_text("1 answer not yet saved: retrying")
    line.delay = 0
    page.clock.run_for(60_000)
    expect(page.locator("#saves")).to_have_text("all answers saved")
    assert progress(project).answers == 1


def test_a_reply_that_breaks_off_in_the_middle_is_no_reply(page: Page, project: Project) -> None:
    """The browser has its head, and a part of its body."""
    page.route("**/api/next", lambda route: route.fulfill(status=200, body='{"assignments": ['))
    page.route("**/api/answers", lambda route: (route.fetch(), route.fulfill(status=201, body='{"answ')), times=1)
    for _ in range(5):
        answer(page)
    expect(page.locator("#state-words")).to_contain_text("The server cannot be reached.")
    page.unroute("**/api/next")
    expect(page.locator("#work")).to_be_visible(timeout=10_000)
    expect(page.locator("#saves")).to_have_text("all answers saved", timeout=20_000)
    assert progress(project).answers == 5


def test_a_server_without_its_database_is_told_of_in_words_for_raters(page: Page) -> None:
    told = {"detail": "Nothing was written: the disk is full.", "mend": "Make room; then send it again."}
    page.route("**/api/*", lambda route: route.fulfill(status=503, json=told))
    for _ in range(5):
        answer(page)
    expect(page.locator("#state-words")).to_have_text(
        "Nothing was written: the disk is full. What you have answered is kept here, and sent as soon as it can be. "
        "This page goes on by itself."
    )
    expect(page.locator("#saves")).to_have_text("5 answers not yet saved: retrying")

"""Raters of a panel: they come by its link, and leave with its code."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import Browser, Page, expect

from middlemost.project.folder import Project
from middlemost.project.panel import invite_panel, link_of, members

pytestmark = pytest.mark.browser


def come(browser: Browser, link: str, **who: str) -> Page:
    for name, value in who.items():
        link = link.replace("{{%" + name + "%}}", value).replace("${" + name + "}", value)
    page = browser.new_context(viewport={"width": 360, "height": 740}).new_page()
    page.goto(link)
    return page


def test_a_rater_from_prolific_comes_by_its_link_and_goes_back_with_its_code(
    browser: Browser,
    server: str,
    project: Project,
    finish: Callable[..., None],
    violations: Callable[[Page], list[str]],
) -> None:
    link = link_of(f"{server}/join/{invite_panel(project, 'prolific', uses=1, code='C1ABC')}", "prolific")
    who = {"PROLIFIC_PID": "5f<b>", "STUDY_ID": "study", "SESSION_ID": "session"}
    page = come(browser, link, **who)
    expect(page.locator("main")).to_contain_text("You are known here by your Prolific ID, 5f<b>.")
    assert violations(page) == []
    page.get_by_role("button", name="Begin").click()
    finish(page)
    expect(page.locator(".completion")).to_have_text("C1ABC")
    back = page.get_by_role("link", name="Back to Prolific")
    expect(back).to_have_attribute("href", "https://app.prolific.com/submissions/complete?cc=C1ABC")
    assert violations(page) == []
    (one,) = members(project)
    assert (one.member, one.study, one.session, one.answered, one.done) == ("5f<b>", "study", "session", 6, True)
    again = come(browser, link, **who)
    again.get_by_role("button", name="Begin").click()
    expect(again.locator(".completion")).to_have_text("C1ABC")
    other = come(browser, link, **(who | {"PROLIFIC_PID": "another"}))
    other.get_by_role("button", name="Begin").click()
    expect(other.get_by_role("heading", name="That does not fit")).to_be_visible()


def test_each_rater_from_mechanical_turk_gets_a_code_of_their_own(
    browser: Browser, server: str, project: Project, finish: Callable[..., None]
) -> None:
    link = link_of(f"{server}/join/{invite_panel(project, 'mturk', uses=2)}", "mturk")
    codes = set()
    for worker in ("A1", "A2"):
        page = come(browser, link, workerId=worker, hitId="h", assignmentId="a")
        page.get_by_role("button", name="Begin").click()
        finish(page)
        codes.add(page.locator(".completion").inner_text())
        expect(page.locator("#state-words")).to_contain_text("Enter this code at Mechanical Turk.")
    assert {one.code for one in members(project)} == codes
    assert len(codes) == 2
    nobody = browser.new_context().new_page()
    nobody.goto(link.partition("?")[0])
    expect(nobody.locator("main")).to_contain_text("This link does not say who you are at Mechanical Turk.")
    expect(nobody.get_by_role("button")).to_have_count(0)

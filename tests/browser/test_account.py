"""Signing in with a real browser: by keyboard, with a screen reader, on a phone, in the dark; by a real provider."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import Browser, Page, expect

from middlemost.project.folder import Project
from middlemost.project.people import invite, people
from middlemost.project.sign_up import applicants, sign_up
from middlemost.web.provider import Settings
from middlemost.web.serve import serving

from .test_access import WAYS, WIDER, tall_enough

pytestmark = pytest.mark.browser

GOOD = "oxen weigh more than calves"
AT_PROVIDER = "known to the provider alone"


@pytest.fixture
def project(project: Project) -> Iterator[Project]:
    path = project.folder / "protocol.yaml"
    path.write_text("sign_up: approved\n" + path.read_text("utf-8"), "utf-8")
    with Project.open(project.folder) as opened:
        yield opened


@pytest.fixture
def server(project: Project, provider: Settings) -> Iterator[str]:
    with serving(project, provider=provider) as url:
        yield url


def log_in(page: Page, who: str) -> None:
    """Say at the provider who one is, and agree."""
    page.get_by_label("Username").fill(who)
    page.get_by_label("Password").fill(AT_PROVIDER)
    page.keyboard.press("Enter")
    page.get_by_text("Authorize", exact=True).click()


@pytest.mark.parametrize("way", WAYS)
def test_the_pages_on_which_one_comes_in_have_no_barrier(
    enter: Callable, violations: Callable, project: Project, server: str, way: str
) -> None:
    sign_up(project, "Ada Lovelace", "ada@example.org", GOOD)
    lead = enter("Grace", role="lead", **WAYS[way])
    for path in ("/account", "/account?done=out", "/desk/raters", "/sign-in", "/sign-up", f"/join/{invite(project)}"):
        assert lead.goto(server + path).ok
        assert violations(lead) == [], path
        assert not lead.evaluate(WIDER), path
        assert tall_enough(lead) == [], path
    lead.goto(f"{server}/sign-in")
    lead.get_by_label("Login").fill("ada@example.org")
    lead.get_by_label("Password").fill("not that")
    lead.keyboard.press("Enter")
    expect(lead.get_by_role("alert")).to_contain_text("do not go together")
    expect(lead.get_by_label("Password")).to_be_focused()
    assert violations(lead) == []


def test_a_login_is_set_used_changed_and_removed_by_keyboard_alone(
    browser: Browser, enter: Callable, server: str
) -> None:
    page = enter("Ada")
    page.goto(f"{server}/account")
    page.get_by_role("textbox", name="Login").focus()
    for words in ("ada@example.org", GOOD):
        page.keyboard.type(words)
        page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    expect(page.get_by_role("status")).to_contain_text("you can sign in")
    with browser.new_context() as context:
        other = context.new_page()
        other.goto(server)
        other.get_by_role("link", name="Sign in").press("Enter")
        expect(other.get_by_label("Login")).to_be_focused()
        other.keyboard.type("Ada@Example.org")
        other.keyboard.press("Tab")
        other.keyboard.type(GOOD)
        other.keyboard.press("Enter")
        other.wait_for_url("**/rate")
        page.reload()
        expect(page.get_by_role("listitem")).to_have_count(2)
        page.get_by_role("button", name="Sign out everywhere else").press("Enter")
        expect(page.get_by_role("listitem")).to_have_count(1)
        assert other.goto(f"{server}/answers").status == 401  # type: ignore[union-attr]
    page.get_by_text("Remove login and password").click()
    page.get_by_label("Your password", exact=True).fill("not that one")
    page.keyboard.press("Enter")
    expect(page.get_by_role("alert")).to_contain_text("not your password")
    page.get_by_label("Your password", exact=True).fill(GOOD)
    page.keyboard.press("Enter")
    expect(page.get_by_role("status")).to_contain_text("removed")


def test_who_signs_up_is_let_in_on_the_desk(browser: Browser, enter: Callable, project: Project, server: str) -> None:
    with browser.new_context() as context:
        ada = context.new_page()
        ada.goto(f"{server}/sign-up")
        ada.get_by_label("Your name").fill("Ada")
        ada.get_by_label("Login").fill("ada")
        ada.get_by_label("Password").fill(GOOD)
        ada.keyboard.press("Enter")
        expect(ada.get_by_role("heading", name="You are signed up")).to_be_visible()
        lead = enter("Grace", role="lead")
        lead.goto(f"{server}/desk/raters")
        lead.get_by_role("button", name="Let in Ada").press("Enter")
        expect(lead.get_by_text("Waiting to be let in")).to_have_count(0)
        assert not applicants(project)
        ada.goto(f"{server}/sign-in")
        ada.get_by_label("Login").fill("ada")
        ada.get_by_label("Password").fill(GOOD)
        ada.keyboard.press("Enter")
        ada.wait_for_url("**/rate")


def test_the_way_to_the_provider_and_back(browser: Browser, project: Project, server: str) -> None:
    """Our own policy lets a form lead nowhere else; the page in between goes on by itself."""
    blocked: list[str] = []
    with browser.new_context() as context:
        page = context.new_page()
        page.on("console", lambda said: blocked.append(said.text) if "Security Policy" in said.text else None)
        page.goto(f"{server}/join/{invite(project)}")
        page.get_by_role("button", name="Join with the Institute").click()
        log_in(page, "ada")
        page.wait_for_url("**/rate")
        assert [one.name for one in people(project)] == ["Ada Lovelace"]
        page.get_by_role("button", name="Sign out").click()
        page.get_by_role("link", name="Sign in").click()
        page.get_by_role("button", name="Sign in with the Institute").click()
        page.get_by_text("Authorize", exact=True).click()
        page.wait_for_url("**/rate")
    assert len(people(project)) == 1
    assert not blocked

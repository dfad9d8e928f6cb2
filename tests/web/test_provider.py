"""Coming in by an account elsewhere: the whole dance with a real provider, over HTTP."""

from __future__ import annotations

import re
from collections.abc import Iterator
from html import unescape

import httpx
import pytest

from middlemost.errors import SettingError
from middlemost.project.closing import close
from middlemost.project.folder import Project
from middlemost.project.people import invite, people
from middlemost.project.sign_up import applicants, let_in
from middlemost.web.provider import Settings
from middlemost.web.serve import provider_at, serving

PASSWORD = "known to the provider alone"
HTML = {"Accept": "text/html"}


class Browser(httpx.Client):
    """What a browser does with forms and with where it is sent, without scripts."""

    def submit(self, page: httpx.Response, **fields: str) -> httpx.Response:
        """Fill in the first form of a page of the provider's and send it."""
        found = dict(re.findall(r'<input[^>]*name="([^"]+)"[^>]*?value="([^"]*)"', page.text))
        hidden = {name: unescape(value) for name, value in found.items() if name != "allow"}
        return self.post(page.url, data=hidden | fields, headers={"Origin": origin(page.url), "Referer": str(page.url)})

    def go(self, address: str, **fields: str) -> httpx.Response:
        """Set out by a form of ours; gives the page of the provider's that it leads to."""
        away = self.post(address, data=fields)
        assert away.status_code == 200, away.text
        way = unescape(re.findall(r'http-equiv="refresh" content="0;url=([^"]+)"', away.text)[0])
        return self.get(way, follow_redirects=True)

    def agree(self, page: httpx.Response, who: str) -> str:
        """Log in at the provider and agree; gives where it sends the browser back to."""
        if "Who are you?" in page.text:
            page = self.submit(page, username=who, password=PASSWORD)
            page = self.get(page.url.join(page.headers["location"]))
        return self.submit(page, allow="Authorize").headers["location"]

    def enter(self, address: str, who: str, **fields: str) -> httpx.Response:
        """The whole way there and back."""
        return self.get(self.agree(self.go(address, **fields), who))

    @property
    def pseudonym(self) -> str | None:
        told = self.get("/api/session", headers={"Accept": "application/json"})
        return told.json().get("pseudonym")

    @property
    def csrf(self) -> str:
        return str(self.get("/api/session", headers={"Accept": "application/json"}).json()["csrf"])


def origin(url: httpx.URL) -> str:
    return f"{url.scheme}://{url.netloc.decode()}"


@pytest.fixture
def sign_up() -> str:
    return "closed"


@pytest.fixture
def opened(project: Project, sign_up: str) -> Iterator[Project]:
    text = f"sign_up: {sign_up}\n" + (project.folder / "protocol.yaml").read_text("utf-8")
    (project.folder / "protocol.yaml").write_text(text, "utf-8")
    with Project.open(project.folder) as again:
        yield again


@pytest.fixture
def server(opened: Project, provider: Settings) -> Iterator[str]:
    with serving(opened, provider=provider) as url:
        yield url


@pytest.fixture
def browser(server: str) -> Iterator[Browser]:
    with Browser(base_url=server, timeout=20, headers=HTML) as one:
        yield one


@pytest.fixture
def other(server: str) -> Iterator[Browser]:
    with Browser(base_url=server, timeout=20, headers=HTML) as one:
        yield one


def test_who_is_invited_joins_with_the_provider_and_signs_in_with_it_from_then_on(
    opened: Project, browser: Browser, other: Browser
) -> None:
    link = f"/join/{invite(opened)}"
    assert "the Institute" in browser.get(link).text
    came = browser.enter(f"{link}/with", "ada")
    assert (came.status_code, came.headers["location"]) == (303, "/rate")
    assert people(opened)[0].name == "Ada Lovelace", "as the provider calls her, where she says nothing else"
    assert browser.pseudonym == "r-001"
    assert other.enter("/sign-in/with", "ada").headers["location"] == "/rate"
    assert other.pseudonym == "r-001"
    assert len(people(opened)) == 1


def test_what_somebody_writes_on_the_join_page_is_what_they_are_called(opened: Project, browser: Browser) -> None:
    browser.enter(f"/join/{invite(opened)}/with", "bo", name="  Bo   of the lab ")
    assert [one.name for one in people(opened)] == ["Bo of the lab"]


def test_an_account_that_nobody_here_has_is_told_to_open_the_invite_link(opened: Project, browser: Browser) -> None:
    told = browser.enter("/sign-in/with", "cy")
    assert told.status_code == 403
    assert "Open the invite link that you were given" in told.text
    assert browser.pseudonym is None
    assert not people(opened)


def test_an_account_is_connected_by_its_person_and_disconnected(
    opened: Project, browser: Browser, other: Browser
) -> None:
    browser.post(f"/join/{invite(opened)}", data={"name": "Ada"})
    came = browser.enter("/account/provider", "ada", csrf=browser.csrf)
    assert came.headers["location"] == "/account?done=connected"
    assert "Connected since" in browser.get("/account").text
    assert other.enter("/sign-in/with", "ada").status_code == 303
    assert other.pseudonym == "r-001"
    browser.post("/account/provider/remove", data={"csrf": browser.csrf})
    other.cookies.clear()
    assert other.enter("/sign-in/with", "ada").status_code == 403


def test_one_account_is_one_person(opened: Project, browser: Browser, other: Browser) -> None:
    browser.enter(f"/join/{invite(opened)}/with", "ada")
    link = invite(opened)
    refused = other.enter(f"/join/{link}/with", "ada", name="Ada once more")
    assert refused.status_code == 409
    assert "Sign in with it" in refused.text
    assert other.get(f"/join/{link}").status_code == 200, "the link is not used up"
    other.post(f"/join/{link}", data={"name": "Eve"})
    assert other.enter("/account/provider", "ada", csrf=other.csrf).status_code == 409
    assert [one.name for one in people(opened)] == ["Ada Lovelace", "Eve"]


def test_a_way_back_is_good_for_one_use_in_one_browser(opened: Project, browser: Browser, other: Browser) -> None:
    """A state that is replayed, and a link back that somebody else is made to open (login CSRF)."""
    browser.post(f"/join/{invite(opened)}", data={"name": "Ada"})
    browser.enter("/account/provider", "ada", csrf=browser.csrf)
    back = browser.agree(browser.go("/sign-in/with"), "ada")
    refused = other.get(back)
    assert refused.status_code == 403
    assert "did not begin" in refused.text or "does not belong" in refused.text
    assert other.pseudonym is None
    back = browser.agree(browser.go("/sign-in/with"), "ada")
    kept = dict(browser.cookies)
    assert browser.get(back).status_code == 303
    for name, value in kept.items():
        browser.cookies.set(name, value, domain="127.0.0.1", path="/sign-in/back")
    assert browser.get(back).status_code == 403


def test_a_code_of_another_sign_in_is_of_no_use(opened: Project, browser: Browser, other: Browser) -> None:
    """Somebody has got hold of Ada's code, and puts it into a way back of their own: the verifier is not theirs."""
    browser.enter(f"/join/{invite(opened)}/with", "ada")
    stolen = httpx.URL(browser.agree(browser.go("/sign-in/with"), "ada")).params["code"]
    mine = httpx.URL(other.agree(other.go("/sign-in/with"), "bo"))
    refused = other.get(mine.copy_set_param("code", stolen))
    assert refused.status_code == 403
    assert other.pseudonym is None


def test_who_does_not_agree_is_told_so_in_plain_words(browser: Browser) -> None:
    page = browser.go("/sign-in/with")
    page = browser.submit(page, username="bo", password=PASSWORD)
    page = browser.get(page.url.join(page.headers["location"]))
    refused = browser.get(browser.submit(page).headers["location"])
    assert refused.status_code == 403
    assert "you did not agree" in refused.text


@pytest.mark.parametrize("sign_up", ["open"])
def test_where_anybody_may_sign_up_an_account_is_enough(opened: Project, browser: Browser) -> None:
    assert "Sign up first" in browser.enter("/sign-in/with", "ada").text
    assert browser.enter("/sign-up/with", "ada").headers["location"] == "/rate"
    assert browser.pseudonym == "r-001"
    assert browser.enter("/sign-up/with", "ada").status_code == 303, "the second time it signs in"
    assert len(people(opened)) == 1


@pytest.mark.parametrize("sign_up", ["approved"])
def test_who_signs_up_waits_until_a_lead_lets_them_in(opened: Project, browser: Browser) -> None:
    assert browser.enter("/sign-up/with", "ada").status_code == 202
    assert browser.enter("/sign-in/with", "ada").status_code == 409
    (ada,) = applicants(opened)
    assert (ada.name, ada.login) == ("Ada Lovelace", None)
    let_in(opened, ada.id)
    assert browser.enter("/sign-in/with", "ada").status_code == 303
    assert browser.pseudonym == "r-001"


@pytest.mark.parametrize("sign_up", ["approved"])
def test_who_waits_and_is_invited_waits_no_more(opened: Project, browser: Browser) -> None:
    browser.enter("/sign-up/with", "ada")
    assert browser.enter(f"/join/{invite(opened)}/with", "ada").status_code == 303
    assert applicants(opened) == ()


def test_whose_access_was_taken_away_comes_in_by_no_account(opened: Project, browser: Browser) -> None:
    browser.enter(f"/join/{invite(opened)}/with", "ada")
    close(opened, "r-001")
    browser.cookies.clear()
    assert browser.enter("/sign-in/with", "ada").status_code == 403


def test_a_browser_that_calls_the_server_otherwise_is_told_where_to_begin(server: str, browser: Browser) -> None:
    named = server.replace("127.0.0.1", "localhost")
    refused = browser.post(f"{named}/sign-in/with")
    assert refused.status_code == 409
    assert f"Open {server} and begin there" in refused.text


def test_where_to_come_back_to_is_never_taken_from_a_request(server: str, browser: Browser) -> None:
    way = browser.post("/sign-in/with", data={"next": "https://evil.example", "redirect_uri": "https://evil.example"})
    assert "evil" not in way.text
    assert "redirect_uri=http%3A%2F%2F127.0.0.1" in way.text
    assert "code_challenge_method=S256" in way.text


def test_no_provider_is_asked_over_a_line_that_others_can_change(project: Project) -> None:
    for issuer in ("http://id.example.org", "ftp://127.0.0.1", "id.example.org"):
        with pytest.raises(SettingError, match="cannot be trusted"):
            provider_at(Settings(issuer, "a", "b"), "127.0.0.1", "http://127.0.0.1:1")
    with (
        pytest.raises(SettingError, match="MIDDLEMOST_OIDC_ISSUER"),
        serving(project, provider=Settings("x", "a", "b")),
    ):
        pass  # and the address that it listened on is free again: what is left open fails the test
    with pytest.raises(SettingError, match="MIDDLEMOST_URL"):
        provider_at(Settings("https://id.example.org", "a", "b"), "0.0.0.0", "http://127.0.0.1:1")  # noqa: S104

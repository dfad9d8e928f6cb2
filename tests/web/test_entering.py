"""Signing in, signing up and seeing to one's account, as programs and attackers do it."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import httpx
import pytest

from middlemost.project.closing import close, reopen
from middlemost.project.folder import Project
from middlemost.project.people import invite, people, person_named
from middlemost.project.sign_up import applicants
from middlemost.project.tokens import make_token
from middlemost.store import guesses as kept
from middlemost.web import guesses
from middlemost.web.serve import serving

GOOD = "oxen weigh more than calves"
OTHER = "calves weigh less than oxen"
HTML = {"Accept": "text/html"}
JSON = {"Accept": "application/json"}
FORMS = ["/account/password", "/account/password/remove", "/account/sessions", "/account/provider",
         "/account/provider/remove", "/api/applicants"]  # fmt: skip
BEFORE = ["/sign-in", "/sign-in/with", "/sign-up", "/sign-up/with", "/join/none", "/join/none/with"]


@pytest.fixture
def ada(joined: Callable) -> httpx.Client:
    client = joined("Ada")
    assert client.post("/account/password", json={"login": "ada", "password": GOOD}).status_code == 303
    return client


def enter(client: httpx.Client, login: str = "ada", password: str = GOOD, **headers: str) -> httpx.Response:
    return client.post("/sign-in", json={"login": login, "password": password}, headers=JSON | headers)


def who(client: httpx.Client) -> str | None:
    return client.get("/api/session", headers=JSON).json().get("pseudonym")


def test_a_program_signs_in_and_goes_on_with_what_it_gets(ada: httpx.Client, visitor: httpx.Client) -> None:
    told = enter(visitor).json()
    assert told["pseudonym"] == "r-001"
    assert visitor.post("/api/next", json={"want": 1}, headers={"X-CSRF-Token": told["csrf"]}).status_code == 200


def test_every_sign_in_has_a_session_of_its_own_whatever_the_browser_brought(
    ada: httpx.Client, visitor: httpx.Client, server: str
) -> None:
    ((name, hers),) = ada.cookies.items()
    planted = "x" * 43
    visitor.cookies.set(name, planted)
    first, second = enter(visitor).cookies[name], enter(visitor).cookies[name]
    assert len({hers, planted, first, second}) == 4
    assert httpx.get(f"{server}/api/session", cookies={name: planted}).status_code == 401


def test_the_form_comes_back_with_what_is_wrong_and_without_the_password(
    ada: httpx.Client, visitor: httpx.Client
) -> None:
    script = '"><script>alert(1)</script>'
    told = visitor.post("/sign-in", data={"login": script, "password": "my secret"}, headers=HTML)
    assert told.status_code == 401
    assert "do not go together" in told.text
    assert "my secret" not in told.text
    assert "<script>alert" not in told.text
    told = ada.post("/account/password", data={"login": "ada", "password": OTHER, "old": "my secret"}, headers=HTML)
    assert told.status_code == 403
    assert "not your password" in told.text
    assert "my secret" not in told.text


def test_an_address_that_guesses_has_to_wait(ada: httpx.Client, visitor: httpx.Client, monkeypatch) -> None:
    monkeypatch.setattr(guesses, "MOST", 4)
    answered = [enter(visitor, f"login-{n}", OTHER) for n in range(6)]
    assert [one.status_code for one in answered] == [401] * 4 + [429] * 2
    assert int(answered[-1].headers["Retry-After"]) > 0
    assert visitor.get("/join/none", headers=JSON).status_code == 429, "links, tokens and passwords count together"
    assert who(ada) == "r-001"


def test_a_login_that_is_guessed_has_to_wait_and_its_person_does_not(
    ada: httpx.Client, visitor: httpx.Client, monkeypatch
) -> None:
    monkeypatch.setattr(kept, "MOST", 3)
    for _ in range(3):
        assert enter(visitor, "ADA", OTHER).status_code == 401
    slowed = enter(visitor)
    assert slowed.status_code == 429
    assert 0 < int(slowed.headers["Retry-After"]) <= kept.SECONDS
    page = visitor.post("/sign-in", data={"login": "ada", "password": GOOD}, headers=HTML)
    assert page.status_code == 429
    assert "Retry-After" in page.headers
    assert ada.post("/api/next", json={"want": 1}).status_code == 200
    changed = ada.post("/account/password", json={"login": "countess", "password": OTHER, "old": GOOD})
    assert changed.status_code == 303
    assert enter(visitor, "countess", OTHER).status_code == 200


def test_unknown_logins_and_wrong_passwords_are_told_the_same(ada: httpx.Client, visitor: httpx.Client) -> None:
    wrong, unknown = enter(visitor, "ada", OTHER), enter(visitor, "eve", OTHER)
    assert (wrong.status_code, wrong.json()) == (unknown.status_code, unknown.json())


@pytest.mark.parametrize("path", FORMS)
def test_no_form_of_an_account_goes_through_on_the_cookie_alone(joined: Callable, path: str) -> None:
    lead, other = joined("Lea", role="lead"), joined("Eve", role="lead")
    del lead.headers["X-CSRF-Token"]
    for csrf in ("", "made up", other.headers["X-CSRF-Token"]):
        sent = {"csrf": csrf, "login": "eve", "password": GOOD}
        assert lead.post(path, data=sent, headers=HTML).status_code == 403
    assert "You sign in as" not in lead.get("/account").text


@pytest.mark.parametrize("path", [*FORMS, *BEFORE])
def test_no_form_goes_through_from_a_page_of_another_site(ada: httpx.Client, path: str) -> None:
    """Nor may another site sign a browser in as somebody of its own."""
    for foreign in ({"Origin": "https://evil.example"}, {"Origin": "null"}, {"Sec-Fetch-Site": "cross-site"}):
        sent = {"login": "ada", "password": GOOD, "csrf": ada.headers["X-CSRF-Token"]}
        assert ada.post(path, data=sent, headers=foreign).status_code == 403


def test_a_token_of_a_program_changes_nothing_about_how_its_person_comes_in(
    project: Project, server: str, joined: Callable
) -> None:
    joined("Grace", role="lead")
    token = make_token(project, person_named(project, "l-001"), "ci", ["read", "invite"])
    with httpx.Client(base_url=server, headers={"Authorization": f"Bearer {token}"} | JSON) as program:
        assert program.get("/account").status_code == 403
        for path in FORMS[:-1]:
            assert program.post(path, json={"login": "eve", "password": GOOD}).status_code == 403
        assert program.get("/api/applicants").status_code == 200


def test_signing_out_everywhere_else_ends_every_other_session_at_once(ada: httpx.Client, visitor: httpx.Client) -> None:
    enter(visitor)
    assert who(visitor) == "r-001"
    assert ada.post("/account/sessions").headers["location"] == "/account?done=out"
    assert who(visitor) is None
    assert who(ada) == "r-001"


def test_nobody_signs_up_where_the_protocol_does_not_say_so(project: Project, visitor: httpx.Client) -> None:
    assert visitor.get("/sign-up", headers=HTML).status_code == 404
    assert "/sign-up" not in visitor.get("/sign-in", headers=HTML).text
    assert "/sign-up" not in visitor.get("/", headers=HTML).text
    assert visitor.post("/sign-up", json={"name": "Eve", "login": "eve", "password": GOOD}).status_code == 404
    assert not people(project)


def test_nobody_sets_out_to_a_provider_where_there_is_none(project: Project, visitor: httpx.Client) -> None:
    for path in ("/sign-in/with", "/sign-up/with", f"/join/{invite(project)}/with"):
        assert visitor.post(path, headers=HTML).status_code == 404
    assert visitor.get("/sign-in/back", headers=HTML).status_code == 404


@pytest.fixture
def sign_up(project: Project, request: pytest.FixtureRequest) -> Iterator[tuple[Project, httpx.Client]]:
    """A project that lets people sign up in the way of the parameter, and a browser."""
    path = project.folder / "protocol.yaml"
    path.write_text(f"sign_up: {request.param}\n" + path.read_text("utf-8"), "utf-8")
    with (
        Project.open(project.folder) as opened,
        serving(opened) as url,
        httpx.Client(base_url=url, timeout=20) as client,
    ):
        yield opened, client


def signs_up(client: httpx.Client, name: str = "Ada", login: str = "ada", password: str = GOOD) -> httpx.Response:
    return client.post("/sign-up", json={"name": name, "login": login, "password": password}, headers=JSON)


@pytest.mark.parametrize("sign_up", ["open"], indirect=True)
def test_where_it_is_open_who_signs_up_is_a_rater_and_in(sign_up: tuple[Project, httpx.Client]) -> None:
    project, client = sign_up
    assert signs_up(client).json()["role"] == "rater"
    assert who(client) == "r-001"
    assert signs_up(client, "Eve", "ADA").status_code == 409
    for given in ({"name": " "}, {"login": "two words"}, {"password": "short"}, {"name": "x" * 81}):
        assert signs_up(client, **{"login": "bo"} | given).status_code == 422
    page = client.post("/sign-up", data={"name": "Bo", "login": "bo", "password": "short"}, headers=HTML)
    assert page.status_code == 422
    assert 'value="Bo"' in page.text
    assert "12 to 200" in page.text
    assert [one.pseudonym for one in people(project)] == ["r-001"]


@pytest.mark.parametrize("sign_up", ["open"], indirect=True)
def test_an_address_signs_up_so_often_and_no_more(sign_up: tuple[Project, httpx.Client], monkeypatch) -> None:
    monkeypatch.setattr(guesses, "MOST_SIGN_UPS", 2)
    _, client = sign_up
    assert [signs_up(client, f"A{n}", f"a{n}").status_code for n in range(4)] == [200, 200, 429, 429]


@pytest.mark.parametrize("sign_up", ["approved"], indirect=True)
def test_where_it_is_approved_they_wait_and_a_lead_decides(sign_up: tuple[Project, httpx.Client]) -> None:
    project, client = sign_up
    assert signs_up(client).status_code == 202
    assert signs_up(client, "Bo", "bo").status_code == 202
    assert who(client) is None
    assert enter(client).status_code == 409, "right, but not let in yet"
    assert enter(client, "ada", OTHER).status_code == 401, "only who knows the password is told so"
    assert people(project) == ()
    with httpx.Client(base_url=client.base_url, timeout=20) as lead:
        joined = lead.post(f"/join/{invite(project, role='lead')}", json={"name": "Lea"}, headers=JSON).json()
        lead.headers["X-CSRF-Token"] = joined["csrf"]
        ada, bo = lead.get("/api/applicants").json()["applicants"]
        assert (ada["name"], ada["login"]) == ("Ada", "ada")
        let_in = lead.post("/api/applicants", json={"applicant": ada["id"], "action": "let in"}).json()
        assert let_in["joined"] == "r-001"
        assert [one["name"] for one in let_in["applicants"]] == ["Bo"]
        assert (
            lead.post("/api/applicants", json={"applicant": bo["id"], "action": "decline"}).json()["applicants"] == []
        )
        assert lead.post("/api/applicants", json={"applicant": bo["id"], "action": "let in"}).status_code == 404
    assert enter(client).status_code == 200
    assert who(client) == "r-001"
    assert enter(client, "bo").status_code == 401
    assert applicants(project) == ()
    assert signs_up(client, "Bo", "bo").status_code == 202, "who was declined is forgotten"


def test_whose_access_is_taken_away_comes_in_by_no_way(
    project: Project, ada: httpx.Client, visitor: httpx.Client, monkeypatch
) -> None:
    monkeypatch.setattr("middlemost.web.session.KNOWN_SECONDS", -1.0)
    link = invite(project, person=person_named(project, "r-001"))
    enter(visitor)
    close(project, "r-001")
    assert visitor.post(f"/join/{link}", json={}, headers=JSON).status_code in {403, 409}
    assert enter(visitor).status_code == 401
    reopen(project, "r-001")
    link = invite(project, person=person_named(project, "r-001"))
    assert visitor.post(f"/join/{link}", json={}, headers=JSON).json()["pseudonym"] == "r-001"
    assert enter(visitor).status_code == 401, "the password is gone"

"""Every address, every role, every method: who may do what is written down here once more, and nothing is left out."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from itertools import product

import httpx
import pytest
from fastapi.routing import APIRoute

from middlemost.core.roles import MAY, MAY_INVITE, ROLES
from middlemost.errors import MiddlemostError
from middlemost.project.folder import Project
from middlemost.project.people import invite, join
from middlemost.project.tokens import make_token, revoke_token
from middlemost.web import guesses
from middlemost.web.app import create_app

OPEN, SIGNED_IN = "open", "signed in"
NEEDS = {
    ("GET", "/"): OPEN,
    ("GET", "/join/{token}"): OPEN,
    ("POST", "/join/{token}"): OPEN,
    ("POST", "/join/{token}/with"): OPEN,
    ("GET", "/sign-in"): OPEN,
    ("POST", "/sign-in"): OPEN,
    ("POST", "/sign-in/with"): OPEN,
    ("GET", "/sign-in/back"): OPEN,
    ("GET", "/sign-up"): OPEN,
    ("POST", "/sign-up"): OPEN,
    ("POST", "/sign-up/with"): OPEN,
    ("GET", "/healthz"): OPEN,
    ("GET", "/account"): SIGNED_IN,
    ("POST", "/account/password"): SIGNED_IN,
    ("POST", "/account/password/remove"): SIGNED_IN,
    ("POST", "/account/sessions"): SIGNED_IN,
    ("POST", "/account/provider"): SIGNED_IN,
    ("POST", "/account/provider/remove"): SIGNED_IN,
    ("GET", "/api/applicants"): "invite",
    ("POST", "/api/applicants"): "invite",
    ("POST", "/sign-out"): SIGNED_IN,
    ("GET", "/guidelines"): SIGNED_IN,
    ("GET", "/files/{name:path}"): SIGNED_IN,
    ("GET", "/api/session"): SIGNED_IN,
    ("GET", "/rate"): "answer",
    ("POST", "/api/next"): "answer",
    ("POST", "/api/answers"): "answer",
    ("POST", "/api/skips"): "answer",
    ("POST", "/api/flags"): "answer",
    ("POST", "/api/take-back"): "answer",
    ("GET", "/api/progress"): "answer",
    ("GET", "/training"): "answer",
    ("GET", "/calibration"): "answer",
    ("POST", "/api/calibration/next"): "answer",
    ("POST", "/api/calibration/answers"): "answer",
    ("GET", "/feedback"): "answer",
    ("GET", "/api/own-feedback"): "answer",
    ("POST", "/api/own-feedback"): "answer",
    ("GET", "/answers"): "answer",
    ("GET", "/about-you"): "answer",
    ("POST", "/about-you"): "answer",
    ("POST", "/about-you/withdraw"): "answer",
    ("GET", "/api/own-answers"): "answer",
    ("POST", "/api/training/next"): "answer",
    ("POST", "/api/training/answers"): "answer",
    ("GET", "/api/admissions"): "read",
    ("POST", "/api/admissions"): "invite",
    ("GET", "/desk"): "read",
    ("GET", "/desk/raters"): "read",
    ("GET", "/desk/raters/{rater}/feedback"): "read",
    ("GET", "/desk/rounds"): "read",
    ("GET", "/desk/rounds/{number}"): "read",
    ("GET", "/api/calibrations"): "read",
    ("POST", "/api/calibrations"): "invite",
    ("GET", "/api/calibrations/{number}"): "read",
    ("POST", "/api/calibrations/{number}/notes"): "decide",
    ("POST", "/api/calibrations/{number}/close"): "invite",
    ("POST", "/api/feedback"): "invite",
    ("GET", "/api/feedback/{rater}"): "read",
    ("GET", "/desk/items"): "read",
    ("GET", "/desk/export"): "read",
    ("GET", "/desk/decide"): "decide",
    ("GET", "/desk/guidelines"): "read",
    ("GET", "/desk/sample"): "read",
    ("GET", "/desk/sample/next"): "decide",
    ("GET", "/api/guidelines.csv"): "read",
    ("GET", "/api/sample"): "read",
    ("POST", "/api/sample"): "decide",
    ("GET", "/desk/items/{item_id:path}"): "read",
    ("GET", "/api/standing"): "read",
    ("GET", "/api/items"): "read",
    ("GET", "/api/items.csv"): "read",
    ("GET", "/api/tables/{name}.csv"): "read",
    ("GET", "/api/exports"): "read",
    ("POST", "/api/exports"): "read",
    ("GET", "/api/exports/{number}"): "read",
    ("GET", "/api/exports/{number}/file"): "read",
    ("POST", "/api/reviews"): "decide",
    ("POST", "/api/invites"): "invite",
    ("POST", "/api/priorities"): "invite",
    ("GET", "/api/people"): "invite",
    ("POST", "/api/people"): "invite",
    ("GET", "/api/raters"): "invite",
    ("POST", "/api/raters"): "invite",
}
METHODS = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS")
REFUSED = {401, 403}


@pytest.fixture
def everybody(joined: Callable, visitor: httpx.Client) -> dict[str | None, httpx.Client]:
    """A client of each role, and of nobody."""
    return {None: visitor} | {role: joined(role.title(), role=role) for role in ROLES}


def status(client: httpx.Client, method: str, path: str) -> int:
    path = path.replace("{number}", "1").replace("{rater}", "r-001")
    real = path.replace("{item_id:path}", "i1").replace("{token}", "none").replace("{name:path}", "none.png")
    real = real.replace("{number}", "1").replace("{name}", "flags")
    return client.request(method, real, json={} if method == "POST" else None).status_code


def routes(project: Project) -> Iterator[tuple[str, str]]:
    for route in create_app(project).routes:
        if isinstance(route, APIRoute):
            yield from ((method, route.path) for method in route.methods)


def test_every_address_says_here_who_may_use_it(project: Project) -> None:
    assert set(routes(project)) == set(NEEDS)


def test_every_role_may_do_what_its_row_says_and_nothing_else(everybody, monkeypatch) -> None:
    monkeypatch.setattr(guesses, "MOST", 1_000)
    for (method, path), needed in NEEDS.items():
        for role, client in everybody.items():
            if path == "/sign-out" and role is not None:
                continue  # tried last, below: it ends the session
            found = status(client, method, path)
            if needed == OPEN:
                assert found != 403, (role, method, path)
            elif role is None:
                assert found == 401, (role, method, path)
            else:
                may = needed == SIGNED_IN or needed in MAY[role]
                assert (found not in REFUSED) is may, (role, method, path, found)
    for role, client in everybody.items():
        assert status(client, "POST", "/sign-out") == (401 if role is None else 303)


def test_no_address_answers_another_method(everybody, monkeypatch) -> None:
    monkeypatch.setattr(guesses, "MOST", 1_000)
    paths = {path for _, path in NEEDS}
    for path in sorted(paths):
        for method in METHODS:
            if (method, path) in NEEDS:
                continue
            for role, client in everybody.items():
                assert status(client, method, path) in {403, 404, 405}, (role, method, path)


def test_an_auditor_changes_nothing_that_was_collected(everybody) -> None:
    """To ask for an export is to read."""
    reads = {OPEN, SIGNED_IN, "read"}
    writes = [path for method, path in NEEDS if method == "POST" and NEEDS[method, path] not in reads]
    assert {status(everybody["auditor"], "POST", path) for path in writes} == {403}


def test_only_those_who_may_invite_see_names(everybody, joined: Callable) -> None:
    joined("Ada Lovelace")
    everybody["lead"].get("/api/standing")  # waits for the newest figures
    for role in ("adjudicator", "auditor"):
        assert "Lovelace" not in everybody[role].get("/desk/raters").text
        assert "Lovelace" not in everybody[role].get("/api/standing").text
    assert "Lovelace" in everybody["lead"].get("/desk/raters").text


@pytest.mark.parametrize("role", ["owner", "lead"])
def test_nobody_makes_a_link_to_a_role_above_their_own(everybody, role: str) -> None:
    for wanted in ("rater", "lead", "adjudicator", "auditor"):
        made = everybody[role].post("/api/invites", json={"role": wanted})
        assert (made.status_code == 201) is (wanted in MAY_INVITE[role])  # type: ignore[index]


def bearer(server: str, token: str) -> httpx.Client:
    return httpx.Client(base_url=server, headers={"Authorization": f"Bearer {token}"}, timeout=10)


def test_a_token_acts_for_its_person_within_its_scope_and_needs_no_second_secret(project: Project, server: str) -> None:
    grace = join(project, invite(project, role="lead"), "Grace").person
    with bearer(server, make_token(project, grace, "ci", ["read"])) as program:
        assert program.get("/api/session").json()["pseudonym"] == grace.pseudonym
        assert program.get("/api/items").status_code == 200
        refused = program.post("/api/invites", json={})
        assert refused.status_code == 403
        assert "scope" in refused.json()["detail"]
    with bearer(server, make_token(project, grace, "inviter", ["invite"])) as program:
        assert program.post("/api/invites", json={}).status_code == 201
        assert program.get("/api/items").status_code == 403


@pytest.mark.parametrize("scope", ["read", "answer", "decide", "invite"])
@pytest.mark.parametrize("role", ROLES)
def test_a_token_opens_what_both_its_scope_and_its_person_s_role_allow(
    project: Project, server: str, monkeypatch, role: str, scope: str
) -> None:
    monkeypatch.setattr(guesses, "MOST", 1_000)
    person = join(project, invite(project, role=role), "Kim").person
    if scope not in MAY[role]:
        with pytest.raises(MiddlemostError, match="may not"):
            make_token(project, person, "ci", [scope])
        return
    with bearer(server, make_token(project, person, "ci", [scope])) as program:
        for method, path in NEEDS:
            needed, found = NEEDS[method, path], status(program, method, path)
            if needed not in {OPEN, SIGNED_IN}:
                assert (found not in REFUSED) is (needed == scope), (method, path, found)
            assert found < 500, (method, path)
        for method, path in product(METHODS, sorted({path for _, path in NEEDS})):
            if (method, path) not in NEEDS:
                assert status(program, method, path) in {403, 404, 405}, (method, path)
        assert program.get("/api/session").status_code == 200, "signing out is for browsers"


def test_a_revoked_token_and_one_that_has_run_out_stand_for_nobody(project: Project, server: str) -> None:
    grace = join(project, invite(project, role="lead"), "Grace").person
    token = make_token(project, grace, "ci", ["read"])
    revoke_token(project, "ci")
    with bearer(server, token) as program:
        answered = program.get("/api/items")
        assert answered.status_code == 401
        assert answered.headers["content-type"] == "application/problem+json"


def test_guessing_tokens_and_links_is_slow(server: str, monkeypatch) -> None:
    monkeypatch.setattr(guesses, "MOST", 5)
    with bearer(server, "mm_guess") as program:
        assert [program.get("/api/items").status_code for _ in range(7)] == [401] * 5 + [429] * 2
        held = program.get("/join/guess", headers={"Authorization": "", "Accept": "application/json"})
        assert held.status_code == 429
        assert int(held.headers["retry-after"]) > 0


def test_a_cookie_does_not_help_a_token_that_is_not_valid(joined: Callable) -> None:
    grace = joined("Grace", role="lead")
    assert grace.get("/api/items", headers={"Authorization": "Bearer none"}).status_code == 401

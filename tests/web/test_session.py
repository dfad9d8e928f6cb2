"""Who may do what: joining, signing out, tokens, roles."""

from __future__ import annotations

from collections.abc import Callable

import httpx
import pytest
from fastapi import FastAPI
from fastapi.routing import APIRoute

from middlemost.project.folder import Project
from middlemost.project.people import invite, owner_invite
from middlemost.web.app import create_app

HTML = {"Accept": "text/html"}
OPEN = {"/join/{token}", "/join/{token}/with", "/sign-in", "/sign-in/with", "/sign-up", "/sign-up/with"}


def addresses(app: FastAPI) -> list[tuple[str, str]]:
    return sorted(
        (method, route.path) for route in app.routes if isinstance(route, APIRoute) for method in route.methods
    )


def call(client: httpx.Client, method: str, path: str) -> int:
    real = path.replace("{item_id:path}", "i1")
    return client.request(method, real, json={} if method == "POST" else None).status_code


def test_looking_at_an_invite_does_not_use_it_up(visitor: httpx.Client, project: Project) -> None:
    token = invite(project)
    for _ in range(3):
        assert visitor.get(f"/join/{token}", headers=HTML).status_code == 200
    assert visitor.post(f"/join/{token}", data={"name": "Ada"}, headers=HTML).status_code == 303
    assert visitor.get("/", headers=HTML).headers["location"] == "/rate"


def test_a_used_up_invite_says_so(visitor: httpx.Client, project: Project, joined: Callable) -> None:
    token = invite(project)
    visitor.post(f"/join/{token}", data={"name": "Ada"})
    again = visitor.post(f"/join/{token}", data={"name": "Eve"}, headers=HTML)
    assert again.status_code in {404, 409}
    assert "<h1>" in again.text


def test_the_cookie_is_out_of_reach_for_scripts_and_other_sites(visitor: httpx.Client, project: Project) -> None:
    cookie = visitor.post(f"/join/{invite(project)}", data={"name": "Ada"}).headers["set-cookie"].lower()
    assert "httponly" in cookie
    assert "samesite=lax" in cookie


def test_joining_without_a_name_asks_for_one(visitor: httpx.Client, project: Project) -> None:
    refused = visitor.post(f"/join/{invite(project)}", json={})
    assert refused.status_code == 422
    assert "called" in refused.json()["detail"].lower()


def test_after_signing_out_the_cookie_stands_for_nobody(joined: Callable, server: str) -> None:
    ada = joined("Ada")
    cookies = dict(ada.cookies)
    assert ada.get("/api/progress").status_code == 200
    assert ada.post("/sign-out").status_code == 303
    for cookie in (dict(ada.cookies), cookies):
        assert httpx.get(f"{server}/api/progress", cookies=cookie).status_code == 401


def test_signing_out_by_the_page_s_form_needs_its_token(joined: Callable) -> None:
    ada = joined("Ada")
    token = ada.headers.pop("X-CSRF-Token")
    assert ada.post("/sign-out", data={"csrf": "made up"}).status_code == 403
    assert ada.post("/sign-out", data={"csrf": token}).status_code == 303


def test_every_write_needs_the_session_s_token(joined: Callable, project: Project) -> None:
    ada, grace = joined("Ada"), joined("Grace", role="lead")
    writes = [path for method, path in addresses(create_app(project)) if method == "POST" and path not in OPEN]
    assert len(writes) >= 6
    for client in (ada, grace):
        client.headers["X-CSRF-Token"] = "made up"
        assert {call(client, "POST", path) for path in writes} == {403}


def test_another_site_s_page_cannot_make_a_browser_write(joined: Callable) -> None:
    ada = joined("Ada")
    for foreign in ({"Origin": "https://evil.example"}, {"Origin": "null"}, {"Sec-Fetch-Site": "cross-site"}):
        assert ada.post("/api/next", json={}, headers=foreign).status_code == 403
    assert ada.post("/api/next", json={}, headers={"Origin": str(ada.base_url).rstrip("/")}).status_code == 200


@pytest.mark.parametrize("foreign", [{"Origin": "http://["}, {"Host": "["}])
def test_an_address_that_cannot_be_read_is_refused_in_peace(visitor: httpx.Client, foreign: dict[str, str]) -> None:
    refused = visitor.post("/api/next", json={}, headers=foreign)
    assert refused.status_code in {400, 403}
    assert refused.headers["content-type"] == "application/problem+json"


def test_a_foreign_host_name_is_refused_where_only_this_machine_is_served(visitor: httpx.Client) -> None:
    assert visitor.get("/healthz").status_code == 200
    assert visitor.get("/healthz", headers={"Host": "evil.example"}).status_code == 403


def test_the_owner_s_link_works_once(visitor: httpx.Client, project: Project) -> None:
    token = owner_invite(project)
    assert visitor.post(f"/join/{token}", data={"name": "Olga"}, headers=HTML).headers["location"] == "/desk"
    assert visitor.get("/desk").status_code == 200
    assert owner_invite(project) is None


@pytest.mark.parametrize("path", ["/", "/join/nonsense", "/rate", "/nowhere"])
def test_a_person_is_told_on_a_page_what_is_wrong(visitor: httpx.Client, path: str) -> None:
    told = visitor.get(path, headers=HTML)
    assert told.status_code in {401, 404}
    assert told.headers["content-type"].startswith("text/html")
    assert "<h1>" in told.text

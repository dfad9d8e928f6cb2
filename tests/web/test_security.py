"""What an attacker would try on the server: floods, nests, foreign sessions, forged requests."""

from __future__ import annotations

import json
import socket
import time
from collections.abc import Callable
from itertools import product
from pathlib import Path
from urllib.parse import urlsplit

import httpx
import pytest
from fastapi.routing import APIRoute

from middlemost.project.folder import Project
from middlemost.project.people import invite
from middlemost.web.app import LARGEST_BODY, routes

GIGABYTE = 2**30
PIXEL = b"\x89PNG\r\n\x1a\n" + b"secret pixels"
POSTS = sorted(one.path for one in routes() if isinstance(one, APIRoute) and "POST" in one.methods)
GETS = sorted(one.path for one in routes() if isinstance(one, APIRoute) and "GET" in one.methods)


def real(path: str) -> str:
    return path.replace("{item_id:path}", "i1").replace("{token}", "none").replace("{name:path}", "none.png")


def memory() -> int:
    """What this process, in which the server runs, holds in memory, in bytes."""
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return pages * 4096


def opened(server: str) -> socket.socket:
    parts = urlsplit(server)
    line = socket.create_connection((parts.hostname, parts.port), timeout=10)
    line.settimeout(10)
    return line


def sent(line: socket.socket, head: str, piece: bytes = b"", most: int = 0) -> tuple[bytes, int]:
    """What the server answers to a head and as much of a body as it takes, and how much that was."""
    line.sendall(head.encode())
    n = 0
    try:
        while piece and n < most:
            line.sendall(piece)
            n += len(piece)
    except OSError:
        pass  # it has closed the line, as it should
    try:
        return line.recv(65536), n
    except OSError:
        return b"", n


def head(path: str, length: str, cookie: str = "") -> str:
    return f"POST {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\n{length}{cookie}\r\n"


@pytest.mark.parametrize("path", ["/api/answers", "/join/none", "/sign-out"])
def test_an_upload_of_a_gigabyte_is_refused_by_its_length(server: str, path: str) -> None:
    before, began = memory(), time.monotonic()
    with opened(server) as line:
        answered, _ = sent(line, head(path, f"Content-Length: {GIGABYTE}\r\n"))
    assert b" 413 " in answered.partition(b"\r\n")[0]
    assert time.monotonic() - began < 5, "without waiting for any of it"
    assert memory() - before < 50 * 2**20


@pytest.mark.parametrize("path", ["/api/answers", "/join/none"])
def test_an_upload_that_does_not_say_how_long_it_is_is_refused_as_it_grows(
    server: str, path: str, joined: Callable
) -> None:
    ada = joined("Ada")
    cookies = "; ".join(f"{name}={value}" for name, value in ada.cookies.items())
    extra = f"Cookie: {cookies}\r\nX-CSRF-Token: {ada.headers['X-CSRF-Token']}\r\nIdempotency-Key: 12345678\r\n"
    piece = b"10000\r\n" + b"a" * 65536 + b"\r\n"
    before = memory()
    with opened(server) as line:
        answered, n = sent(line, head(path, "Transfer-Encoding: chunked\r\n", extra), piece, GIGABYTE // 8)
    assert n < GIGABYTE // 8, "the line was closed long before"
    assert answered == b"" or b" 413 " in answered.partition(b"\r\n")[0]
    assert memory() - before < 50 * 2**20
    assert ada.next(1), "the others go on"


def test_lines_that_say_nothing_hold_nobody_up(server: str, joined: Callable) -> None:
    ada = joined("Ada")
    lines = [opened(server) for _ in range(100)]
    try:
        for line in lines:
            line.sendall(b"POST /api/next HTTP/1.1\r\nHost: 127.0.0.1\r\nX-Slow: ")
        assert ada.next(1)
    finally:
        for line in lines:
            line.close()


@pytest.mark.parametrize("role", ["rater", "lead"])
@pytest.mark.parametrize("nested", ["[" * 30_000 + "]" * 30_000, '{"a":' * 10_000 + "1" + "}" * 10_000])
def test_json_that_nests_without_end_is_refused_in_peace(joined: Callable, role: str, nested: str) -> None:
    assert len(nested) < LARGEST_BODY
    headers = {"Content-Type": "application/json", "Idempotency-Key": "12345678"}
    for path in POSTS:
        one = joined(f"{role} at {path}", role=role)
        for body in (nested, '{"value": ' + nested + "}"):
            answered = one.post(real(path), content=body[:LARGEST_BODY], headers=headers)
            assert answered.status_code < 500, path


@pytest.mark.parametrize("role", ["rater", "owner"])
def test_no_write_goes_through_on_the_cookie_alone(joined: Callable, role: str) -> None:
    """As a form on another site, or a page that guessed, would send it."""
    one = joined("Ada", role=role)
    mine = one.headers.pop("X-CSRF-Token")
    other = joined("Other", role=role).headers["X-CSRF-Token"]
    coming_in = ("/join/", "/sign-in", "/sign-up")  # who comes in has no session yet
    for path in (path for path in POSTS if not path.startswith(coming_in)):
        for header in ({}, {"X-CSRF-Token": other}, {"X-CSRF-Token": mine[:-1]}, {"X-CSRF-Token": ""}):
            assert one.post(real(path), json={}, headers=header).status_code == 403, path
        form = one.post(real(path), data={"csrf": other})
        assert form.status_code == 403, path
    assert one.get("/api/session").json()["csrf"] == mine, "still signed in"


def test_a_cookie_that_somebody_else_set_never_becomes_a_session(
    project: Project, server: str, visitor: httpx.Client, joined: Callable
) -> None:
    (name,) = joined("Ada").cookies.keys()
    planted = "x" * 43
    visitor.cookies.set(name, planted)
    reply = visitor.post(f"/join/{invite(project)}", json={"name": "Eve"}, headers={"Accept": "application/json"})
    given = reply.cookies[name]
    assert given != planted
    assert httpx.get(f"{server}/api/session", cookies={name: planted}).status_code == 401
    assert httpx.get(f"{server}/api/session", cookies={name: given}).status_code == 200


def test_a_session_of_before_gains_nothing_when_its_browser_joins_as_somebody_else(
    project: Project, server: str, joined: Callable
) -> None:
    ada = joined("Ada")
    ((name, before),) = ada.cookies.items()
    ada.post(f"/join/{invite(project, role='lead')}", json={"name": "Lea"}, headers={"Accept": "application/json"})
    now = ada.cookies[name]
    assert now != before
    assert httpx.get(f"{server}/api/session", cookies={name: before}).json()["role"] == "rater"
    assert httpx.get(f"{server}/api/session", cookies={name: now}).json()["role"] == "lead"


@pytest.mark.parametrize("cookie", ["", "\x7f", "é", "x" * 5000, "a;b", '"quoted"', "%00"])
def test_a_cookie_that_is_none_stands_for_nobody(server: str, joined: Callable, cookie: str) -> None:
    (name,) = joined("Ada").cookies.keys()
    headers = {"Cookie": f"{name}={cookie}".encode("latin-1")}
    answered = httpx.get(f"{server}/api/session", headers=headers)
    assert answered.status_code in (400, 401)


@pytest.mark.parametrize("role", ["rater", "owner"])
def test_every_page_and_every_refusal_forbids_scripts_of_others(joined: Callable, role: str) -> None:
    one = joined("Ada", role=role)
    for path, accept in product(GETS, ("text/html", "application/json")):
        answered = one.get(real(path), headers={"Accept": accept})
        policy = answered.headers["Content-Security-Policy"]
        assert "default-src 'none'" in policy, path
        assert "script-src 'self'" in policy, path
        assert "unsafe" not in policy, path
        assert answered.headers["X-Content-Type-Options"] == "nosniff", path


def test_what_a_refusal_says_of_the_request_is_data_and_never_markup(joined: Callable) -> None:
    lead = joined("Lea", role="lead")
    script = "<script>alert(1)</script>"
    page = lead.get(f"/desk/items/{script}", headers={"Accept": "text/html"})
    assert page.status_code == 404
    assert script not in page.text
    told = lead.post("/api/reviews", content=json.dumps({"item": script, "label": "kind", "reason": "x"}))
    assert told.headers["Content-Type"].startswith("application/problem+json")


WAYS_OUT = [
    "../secret.png", "%2e%2e/secret.png", "..%2fsecret.png", "%2e%2e%2fsecret.png", "%252e%252e%252fsecret.png",
    "..%5csecret.png", "..%c0%afsecret.png", "....//secret.png", "./../secret.png", "in/../../secret.png",
    "{outside}/secret.png", "/{outside}/secret.png", "%2f{outside}/secret.png", "file://{outside}/secret.png",
    "link.png", "folder/secret.png", "secret.png%00.png", "../secret.png?x=1", "~/secret.png",
]  # fmt: skip


@pytest.mark.parametrize("path", WAYS_OUT)
def test_no_path_however_written_leads_out_of_the_project_s_folder(
    server: str, joined: Callable, project: Project, path: str, tmp_path_factory: pytest.TempPathFactory
) -> None:
    """Sent as it stands: a client of HTTP would put it in order before."""
    outside = tmp_path_factory.mktemp("outside")
    for place in (outside, project.folder.parent):
        (place / "secret.png").write_bytes(PIXEL)
    (project.folder / "link.png").symlink_to(outside / "secret.png")
    (project.folder / "folder").symlink_to(outside, target_is_directory=True)
    (project.folder / "own.png").write_bytes(PIXEL)
    cookies = "; ".join(f"{name}={value}" for name, value in joined("Ada").cookies.items())

    def got(path: str) -> bytes:
        with opened(server) as line:
            request = f"GET /files/{path} HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\nCookie: {cookies}\r\n\r\n"
            line.sendall(request.encode("latin-1"))
            return b"".join(iter(lambda: line.recv(65536), b""))

    assert b"secret pixels" in got("own.png")
    refused = got(path.format(outside=str(outside).lstrip("/")))
    assert b"secret pixels" not in refused
    assert b" 4" in refused.partition(b"\r\n")[0]
    (project.folder.parent / "secret.png").unlink()

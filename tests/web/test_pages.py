"""Pages as they leave the server: headers, weight, text that stays text."""

from __future__ import annotations

import re
from collections.abc import Callable
from uuid import uuid4

import httpx
import pytest

from middlemost.core.nouns import Item
from middlemost.project.add import add
from middlemost.project.folder import Project
from middlemost.web.render import prose

NASTY = '<img src=x onerror="alert(1)"></script><b>&amp;'


@pytest.mark.parametrize("path", ["/", "/healthz", "/static/rate.js", "/nowhere", "/join/x"])
def test_every_response_carries_the_security_headers(visitor: httpx.Client, path: str) -> None:
    headers = visitor.get(path).headers
    policy = headers["content-security-policy"]
    assert "default-src 'none'" in policy
    assert "unsafe" not in policy
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["cache-control"] == ("no-cache" if path.startswith("/static/") else "no-store")


def test_pages_have_no_inline_script_and_no_inline_style(joined: Callable) -> None:
    ada, grace = joined("Ada"), joined("Grace", role="lead")
    ada.answer(ada.next()[0]["id"], "kind")
    grace.get("/api/standing")
    for client, path in ((ada, "/rate"), (grace, "/desk"), (grace, "/desk/raters"), (grace, "/desk/items/i1")):
        html = client.get(path).text
        assert not re.search(r"<script(?![^>]*src=)|<style|\sstyle=|\son\w+=", html), path


def test_the_label_page_weighs_at_most_150_kb(joined: Callable) -> None:
    ada = joined("Ada")
    html = ada.get("/rate").text
    parts = set(re.findall(r'(?:src|href)="(/static/[^"]+)"', html))
    parts |= {f"/static/{name}" for name in ("api.js", "keys.js", "outbox.js", "stopwatch.js", "supply.js")}
    weight = len(html.encode()) + sum(len(ada.get(part).raise_for_status().content) for part in parts)
    assert weight <= 150_000


def test_html_in_guidelines_is_shown_as_text(joined: Callable) -> None:
    ada = joined("Ada")
    for path in ("/rate", "/guidelines"):
        html = ada.get(path).text
        assert "<script>alert" not in html
        assert "&lt;script&gt;alert(1)&lt;/script&gt;" in html


def test_links_in_guidelines_cannot_run_scripts() -> None:
    assert "href" not in prose("[x](javascript:alert(1))")
    assert 'rel="noopener noreferrer"' in prose("[x](https://example.org)")


def test_html_in_items_names_and_reasons_is_shown_as_text_on_the_desk(joined: Callable, project: Project) -> None:
    add(project, [Item(NASTY, NASTY, {NASTY: NASTY})])
    ada, blaise, grace = joined(NASTY[:70]), joined("Blaise"), joined("Grace", role="lead")
    for rater, value in ((ada, "rude"), (blaise, "kind")):
        while lent := rater.next():
            for one in lent:
                rater.answer(one["id"], value)
    decided = grace.post("/api/reviews", json={"item": NASTY, "label": "kind", "reason": NASTY})
    assert decided.status_code == 201
    grace.get("/api/standing")
    quoted = httpx.URL("/desk/items/").copy_with(
        raw_path=b"/desk/items/" + re.sub(rb"[^\w]", lambda m: b"%%%02X" % ord(m[0]), NASTY.encode())
    )
    for path in ("/desk", "/desk/raters", quoted):
        page = grace.get(path)
        assert page.status_code == 200
        assert "<img" not in page.text
        assert "&lt;img src=x" in page.text


def test_stylesheets_and_scripts_are_served_and_nothing_else(visitor: httpx.Client) -> None:
    assert "--accent" in visitor.get("/static/tokens.css").text
    assert visitor.get("/static/rate.js").headers["content-type"].startswith("text/javascript")
    for path in ("/static/pages.py", "/static/../app.py", "/static/%2e%2e/app.py", "/static/..%2fapp.py"):
        assert visitor.get(path).status_code == 404


def test_a_body_that_is_too_large_is_refused(joined: Callable) -> None:
    ada = joined("Ada")
    refused = ada.post("/api/skips", json={"assignment": 1, "reason": "x" * 200_000})
    assert refused.status_code == 413
    assert "larger than" in refused.json()["detail"]
    unsized = ada.post(
        "/api/skips", content=(b"x" * 1000 for _ in range(200)), headers={"Content-Type": "application/json"}
    )
    assert unsized.status_code == 413
    assert unsized.headers["content-type"] == "application/problem+json"


@pytest.mark.parametrize("body", [b"", b"{", b"[1]", b"\xff\xfe", b'{"want": "many"}', b'{"want": 1e400}'])
def test_a_body_that_cannot_be_read_is_a_clear_refusal(joined: Callable, body: bytes) -> None:
    ada = joined("Ada")
    refused = ada.post("/api/next", content=body, headers={"Content-Type": "application/json"})
    assert 400 <= refused.status_code < 500
    assert refused.headers["content-type"] == "application/problem+json"


def test_a_mistake_of_the_server_shows_no_trace(joined: Callable, project: Project) -> None:
    ada, store = joined("Ada"), project.store
    object.__setattr__(project, "store", None)
    try:
        broken = ada.post(
            "/api/answers", json={"assignment": 1, "value": "x"}, headers={"Idempotency-Key": str(uuid4())}
        )
    finally:
        object.__setattr__(project, "store", store)
    assert broken.status_code == 500
    assert broken.headers["content-type"] == "application/problem+json"
    assert "Traceback" not in broken.text
    assert "NoneType" not in broken.text


def test_the_interface_describes_itself(visitor: httpx.Client) -> None:
    described = visitor.get("/openapi.json").json()
    assert described["openapi"].startswith("3.1")
    assert {"/api/next", "/api/answers", "/api/skips", "/api/take-back"} <= set(described["paths"])

"""What a provider, or somebody in its place, could send: nobody comes in by a token of which anything does not hold."""

from __future__ import annotations

import base64
import hmac
import json
import re
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from html import unescape
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any

import httpx
import pytest
from joserfc import jwt
from joserfc.jwk import ECKey, RSAKey

from middlemost.project.folder import Project
from middlemost.project.people import invite, join
from middlemost.store import identities
from middlemost.web.provider import LARGEST, Settings
from middlemost.web.serve import serving

HTML = {"Accept": "text/html"}
SECRET = "the secret that this server and the provider share"


KEY = RSAKey.generate_key(2048, {"kid": "one"})


@dataclass
class Liar:
    """A provider that says what the test wants; `keys` are those that it shows."""

    url: str = ""
    signing: Any = field(default_factory=lambda: KEY)
    algorithm: str = "RS256"
    shown: list[Any] = field(default_factory=list)
    claims: dict[str, Any] = field(default_factory=dict)
    header: dict[str, Any] = field(default_factory=dict)
    about: dict[str, Any] = field(default_factory=dict)
    token: Callable[[], str] | None = None
    answer: tuple[int, bytes] | None = None
    asked: list[str] = field(default_factory=list)
    nonce: str = ""

    def signed(self) -> str:
        now = int(time.time())
        usual = {"iss": self.url, "aud": "us", "sub": "ada", "exp": now + 60, "iat": now, "nonce": self.nonce}
        claims = {name: value for name, value in (usual | self.claims).items() if value is not None}
        header = {"alg": self.algorithm, "kid": self.signing.kid} | self.header
        header = {name: value for name, value in header.items() if value is not None}
        return jwt.encode(header, claims, self.signing, algorithms=[self.algorithm])

    def tell(self, path: str) -> tuple[int, bytes]:
        self.asked.append(path)
        if path == "/token":
            if self.answer:
                return self.answer
            return 200, json.dumps({"id_token": self.token() if self.token else self.signed()}).encode()
        if path == "/keys":
            keys = [one.as_dict(private=False) for one in self.shown or [self.signing]]
            return 200, json.dumps({"keys": keys}).encode()
        ends = {"authorization_endpoint": "/auth", "token_endpoint": "/token", "jwks_uri": "/keys"}
        about = {"issuer": self.url} | {name: self.url + end for name, end in ends.items()}
        return 200, json.dumps(about | self.about).encode()


@pytest.fixture
def liar() -> Iterator[Liar]:
    liar = Liar()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.rfile.read(int(self.headers.get("content-length", 0)))
            status, body = liar.tell(self.path)
            self.send_response(status)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        do_POST = do_GET  # noqa: N815

        def log_message(self, *about: object) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        liar.url = f"http://127.0.0.1:{server.server_port}"
        thread = Thread(target=server.serve_forever, args=(0.02,))
        thread.start()
        yield liar
        server.shutdown()
        thread.join()


@pytest.fixture
def browser(project: Project, liar: Liar) -> Iterator[httpx.Client]:
    """Ada's, whom the provider knows as `ada`."""
    ada = join(project, invite(project), "Ada").person
    project.store.write(identities.add, liar.url, "ada", person=ada.id, now=1.0)
    with (
        serving(project, provider=Settings(liar.url, "us", SECRET)) as url,
        httpx.Client(base_url=url, timeout=20, headers=HTML) as client,
    ):
        yield client


def come_back(browser: httpx.Client, liar: Liar, **said: str) -> httpx.Response:
    """Set out, and come straight back with a code."""
    away = browser.post("/sign-in/with")
    assert away.status_code == 200, away.text
    way = httpx.URL(unescape(re.findall(r'content="0;url=([^"]+)"', away.text)[0]))
    liar.nonce = liar.nonce or way.params["nonce"]
    return browser.get("/sign-in/back", params={"state": way.params["state"], "code": "code"} | said)


def is_in(browser: httpx.Client) -> bool:
    return browser.get("/api/session").status_code == 200


def test_a_token_of_which_all_holds_signs_in(browser: httpx.Client, liar: Liar) -> None:
    assert come_back(browser, liar).headers["location"] == "/rate"
    assert is_in(browser)


NOW = int(time.time())
HOSTILE: dict[str, dict[str, Any]] = {
    "a foreign issuer": {"iss": "https://evil.example"},
    "no issuer": {"iss": None},
    "for another server": {"aud": "them"},
    "for nobody in particular": {"aud": None},
    "for several, without saying to whom it was given": {"aud": ["us", "them"]},
    "given to another": {"aud": ["us", "them"], "azp": "them"},
    "run out": {"exp": NOW - 3600},
    "without an end": {"exp": None},
    "an end that is no time": {"exp": "tomorrow"},
    "an end that is true": {"exp": True},
    "made tomorrow": {"iat": NOW + 86_400},
    "not valid yet": {"nbf": NOW + 86_400},
    "another sign-in's nonce": {"nonce": "of another"},
    "no nonce": {"nonce": None},
    "a nonce that is no text": {"nonce": ["x"]},
    "nobody": {"sub": None},
    "an empty somebody": {"sub": ""},
    "a number": {"sub": 7},
    "somebody without end": {"sub": "a" * 300},
}


@pytest.mark.parametrize("case", HOSTILE)
def test_a_token_with_a_claim_that_does_not_hold_signs_nobody_in(browser: httpx.Client, liar: Liar, case: str) -> None:
    liar.claims = HOSTILE[case]
    refused = come_back(browser, liar)
    assert refused.status_code == 403
    assert "not to be believed" in refused.text
    assert not is_in(browser)


def unsigned(liar: Liar, algorithm: str) -> str:
    """The token with another algorithm in its head, and nothing after its body."""
    _, body, _ = liar.signed().split(".")
    return f"{coded(json.dumps({'alg': algorithm}).encode())}.{body}."


def coded(what: bytes) -> str:
    return base64.urlsafe_b64encode(what).rstrip(b"=").decode()


@pytest.mark.parametrize("algorithm", ["none", "None", "NONE", "nOnE", ""])
def test_a_token_that_nobody_signed_signs_nobody_in(browser: httpx.Client, liar: Liar, algorithm: str) -> None:
    liar.token = lambda: unsigned(liar, algorithm)
    assert come_back(browser, liar).status_code == 403
    assert not is_in(browser)


@pytest.mark.parametrize("with_", ["the public key", "the client's own secret"])
def test_a_token_signed_with_a_secret_signs_nobody_in(browser: httpx.Client, liar: Liar, with_: str) -> None:
    """Whoever knows the public key, or this server's secret, could have made it."""
    secret = liar.signing.as_pem(private=False) if with_ == "the public key" else SECRET.encode()

    def signed() -> str:
        _, body, _ = liar.signed().split(".")
        told = f"{coded(json.dumps({'alg': 'HS256', 'kid': 'one'}).encode())}.{body}"
        return f"{told}.{coded(hmac.new(secret, told.encode(), 'sha256').digest())}"

    liar.token = signed
    assert come_back(browser, liar).status_code == 403
    assert not is_in(browser)


def test_a_token_that_somebody_else_signed_under_the_same_name_signs_nobody_in(
    browser: httpx.Client, liar: Liar
) -> None:
    liar.shown, liar.signing = [liar.signing], RSAKey.generate_key(2048, {"kid": "one"})
    assert come_back(browser, liar).status_code == 403


def test_a_token_that_was_changed_after_it_was_signed_signs_nobody_in(browser: httpx.Client, liar: Liar) -> None:
    def changed() -> str:
        head, body, signature = liar.signed().split(".")
        claims = json.loads(base64.urlsafe_b64decode(body + "=="))
        return f"{head}.{coded(json.dumps(claims | {'sub': 'ada'}).encode())}.{signature}"

    liar.claims, liar.token = {"sub": "eve"}, changed
    assert come_back(browser, liar).status_code == 403


@pytest.mark.parametrize("token", ["", "x", "a.b.c", "." * 5, "é.é.é", "{}"])
def test_what_is_no_token_signs_nobody_in(browser: httpx.Client, liar: Liar, token: str) -> None:
    liar.token = lambda: token
    assert come_back(browser, liar).status_code == 403


def test_a_key_that_the_token_brings_along_is_not_used(browser: httpx.Client, liar: Liar) -> None:
    theirs = RSAKey.generate_key(2048, {"kid": "theirs"})
    liar.shown, liar.signing = [liar.signing], theirs
    liar.header = {"jwk": theirs.as_dict(private=False), "kid": None}
    assert come_back(browser, liar).status_code == 403


def test_new_keys_are_asked_for_once_when_a_token_is_signed_with_one_that_is_not_known(
    browser: httpx.Client, liar: Liar
) -> None:
    assert come_back(browser, liar).status_code == 303
    liar.signing, liar.nonce, liar.algorithm = ECKey.generate_key("P-256", {"kid": "two"}), "", "ES256"
    assert come_back(browser, liar).status_code == 303
    assert liar.asked.count("/keys") == 2
    liar.shown, liar.nonce = [liar.signing], ""
    liar.signing = ECKey.generate_key("P-256", {"kid": "of nobody"})
    assert come_back(browser, liar).status_code == 403
    assert liar.asked.count("/keys") == 3


@pytest.mark.parametrize(
    ("answer", "status"),
    [
        ((400, b'{"error": "invalid_grant"}'), 403),
        ((401, b'{"error": "invalid_client"}'), 503),
        ((200, b"<html>"), 403),
        ((200, b"[" * 100_000), 403),
        ((200, b'{"id_token": 7}'), 403),
        ((302, b""), 403),
        ((200, b" " * (LARGEST + 1)), 503),
    ],
)
def test_whatever_else_the_provider_answers_is_told_in_words(
    browser: httpx.Client, liar: Liar, answer: tuple[int, bytes], status: int
) -> None:
    liar.answer = answer
    refused = come_back(browser, liar)
    assert refused.status_code == status
    assert "<h1>" in refused.text
    assert not is_in(browser)


@pytest.mark.parametrize(
    "about",
    [
        {"issuer": "https://evil.example"},
        {"token_endpoint": "http://evil.example/token"},
        {"jwks_uri": "file:///etc/passwd"},
        {"authorization_endpoint": "javascript:alert(1)"},
        {"token_endpoint": None},
    ],
)
def test_a_provider_that_says_of_itself_what_cannot_be_is_not_used(
    browser: httpx.Client, liar: Liar, about: dict[str, Any]
) -> None:
    liar.about = about
    refused = browser.post("/sign-in/with")
    assert refused.status_code == 503
    assert "evil" not in refused.headers.get("location", "")


def test_a_provider_that_does_not_answer_stops_nobody_from_coming_in_otherwise(
    project: Project, free_port: int
) -> None:
    settings = Settings(f"http://127.0.0.1:{free_port}", "us", None)
    with serving(project, provider=settings) as url, httpx.Client(base_url=url, headers=HTML) as browser:
        refused = browser.post("/sign-in/with")
        assert refused.status_code == 503
        assert "does not answer" in refused.text
        assert browser.post(f"/join/{invite(project)}", data={"name": "Ada"}).status_code == 303


@pytest.mark.parametrize("error", ["access_denied", "temporarily_unavailable", "<script>alert(1)</script>"])
def test_what_the_provider_has_against_it_is_told_in_plain_words(browser: httpx.Client, liar: Liar, error: str) -> None:
    refused = come_back(browser, liar, error=error, error_description="<b>Bad</b>")
    assert refused.status_code == 403
    assert "did not sign you in" in refused.text
    assert "<script>alert" not in refused.text
    assert "Bad" not in refused.text
    assert "/token" not in liar.asked


def test_an_answer_in_the_name_of_another_provider_is_refused(browser: httpx.Client, liar: Liar) -> None:
    assert come_back(browser, liar, iss="https://evil.example").status_code == 403
    assert "/token" not in liar.asked


def test_a_way_back_that_nobody_began_is_refused_and_the_provider_is_not_asked(
    browser: httpx.Client, liar: Liar
) -> None:
    for said in ({}, {"state": "x", "code": "y"}, {"state": "é" * 5000}, {"code": "y"}):
        assert browser.get("/sign-in/back", params=said).status_code == 403
    assert liar.asked == []

"""Whoever vouches for people elsewhere (OpenID Connect): found by discovery, asked with a code and PKCE.

Every word of the provider is fetched by the server itself, over https or on this machine, within some seconds. Nothing
that a browser brings is believed but the code, and that is good for one use by who holds the verifier.
"""

from __future__ import annotations

import base64
import hashlib
import json
import time
from collections.abc import Mapping
from dataclasses import dataclass
from importlib.util import find_spec
from threading import Lock
from typing import Any
from urllib.parse import quote, urlencode, urlsplit

import httpx

from middlemost.errors import AccessError, SettingError, UnavailableError
from middlemost.project.identities import Identity, Journey
from middlemost.web import id_tokens
from middlemost.web.security import is_loopback

TIMEOUT = httpx.Timeout(5.0)
LARGEST = 512 * 1024
KNOWN_SECONDS = 3600.0
BACK = "/sign-in/back"
NEEDED = ("authorization_endpoint", "token_endpoint", "jwks_uri")

# RFC 6749, section 4.1.2.1, and OpenID Connect Core 1.0, section 3.1.2.6, in plain words.
SAID = {
    "access_denied": "you did not agree, or may not",
    "temporarily_unavailable": "it is busy",
    "server_error": "something went wrong there",
    "login_required": "you are not signed in there",
    "interaction_required": "it has something to ask you first",
    "consent_required": "you did not agree",
    "unauthorized_client": "this server is not registered there for signing in",
    "invalid_request": "it did not understand this server",
    "invalid_scope": "it does not tell this server who you are",
    "unsupported_response_type": "this server is not registered there for signing in with a code",
}


@dataclass(frozen=True)
class Settings:
    """What the environment says of a provider. `title`: its name for people; `base`: where browsers reach us."""

    issuer: str
    client: str
    secret: str | None
    title: str | None = None
    base: str | None = None


class Provider:
    """One provider. What it says of itself is remembered for an hour; another key of it is asked for when it comes."""

    def __init__(self, settings: Settings, base: str) -> None:
        """`base`: the address of this server. SettingError where it cannot be used, or the extra is missing."""
        if find_spec("joserfc") is None:
            mend = 'pip install "middlemost[oidc]"'
            raise SettingError("Signing in with a provider (MIDDLEMOST_OIDC_ISSUER) needs the extra `oidc`.", mend=mend)
        self.issuer, self._client, self._secret = settings.issuer, settings.client, settings.secret
        require_safe(self.issuer, "MIDDLEMOST_OIDC_ISSUER")
        require_safe(base, "MIDDLEMOST_URL")
        self.title = settings.title or urlsplit(self.issuer).netloc
        self.base = base.rstrip("/")
        self._back = self.base + BACK
        self._lock = Lock()
        self._said: tuple[float, Mapping[str, Any], Mapping[str, Any]] | None = None

    def way(self, journey: Journey) -> str:
        """The address at the provider that a browser is sent to. UnavailableError where it does not answer."""
        about, _ = self._known()
        challenge = base64.urlsafe_b64encode(hashlib.sha256(journey.verifier.encode()).digest()).rstrip(b"=").decode()
        asked = {
            "response_type": "code",
            "client_id": self._client,
            "redirect_uri": self._back,
            "scope": "openid profile",
            "state": journey.state,
            "nonce": journey.nonce,
            "code_challenge": challenge,
            "code_challenge_method": "S256",
        }
        address = str(about["authorization_endpoint"])
        return f"{address}{'&' if '?' in address else '?'}{urlencode(asked)}"

    def identify(self, journey: Journey, said: Mapping[str, str]) -> Identity:
        """Who came back with these parameters. AccessError, in words, where the provider refuses or is not believed."""
        if said.get("iss", self.issuer) != self.issuer:  # RFC 9207
            raise id_tokens.refused("it comes from another provider")
        if "error" in said:
            reason = SAID.get(said["error"], "it refused without a reason that is known here")
            raise AccessError(
                f"{self.title} did not sign you in: {reason}.", mend="Begin again, or come in another way."
            )
        if not said.get("code"):
            raise id_tokens.refused("there is no code")
        token = self._exchange(said["code"], journey.verifier)
        claims = id_tokens.read(token, self._keys, issuer=self.issuer, client=self._client, nonce=journey.nonce)
        names = (claims.get(name) for name in ("name", "preferred_username", "nickname"))
        name = next((one for one in names if isinstance(one, str) and one.strip()), None)
        return Identity(self.issuer, claims["sub"], name)

    def _exchange(self, code: str, verifier: str) -> str:
        """The ID token that a code is good for."""
        about, _ = self._known()
        sent = {
            "grant_type": "authorization_code",
            "code": code,
            "redirect_uri": self._back,
            "code_verifier": verifier,
        }
        headers = {}
        if self._secret and _takes_header(about):
            pair = f"{quote(self._client, safe='')}:{quote(self._secret, safe='')}"
            headers["Authorization"] = "Basic " + base64.b64encode(pair.encode()).decode()
        else:
            sent |= {"client_id": self._client} | ({"client_secret": self._secret} if self._secret else {})
        status, answer = self._ask("POST", str(about["token_endpoint"]), data=sent, headers=headers)
        token = answer.get("id_token")
        if status != httpx.codes.OK or not isinstance(token, str):
            reason = str(answer.get("error", "")) if isinstance(answer.get("error"), str) else ""
            if reason == "invalid_client":
                raise UnavailableError(f"{self.title} does not know this server: its client ID or secret is wrong.")
            raise id_tokens.refused("it gave nothing for the code")
        return token

    def _keys(self, fresh: bool) -> Mapping[str, Any]:
        return self._known(fresh=fresh)[1]

    def _known(self, *, fresh: bool = False) -> tuple[Mapping[str, Any], Mapping[str, Any]]:
        """What the provider says of itself, and its keys."""
        with self._lock:
            now = time.monotonic()
            if self._said is None or fresh or self._said[0] + KNOWN_SECONDS < now:
                about = self._discovered()
                status, keys = self._ask("GET", str(about["jwks_uri"]))
                if status != httpx.codes.OK or not isinstance(keys.get("keys"), list):
                    raise UnavailableError(f"{self.title} does not show its keys.")
                self._said = (now, about, keys)
            return self._said[1], self._said[2]

    def _discovered(self) -> Mapping[str, Any]:
        status, about = self._ask("GET", self.issuer.rstrip("/") + "/.well-known/openid-configuration")
        if status != httpx.codes.OK or about.get("issuer") != self.issuer:
            mend = f"Is it {about.get('issuer')!r}?" if isinstance(about.get("issuer"), str) else None
            raise UnavailableError(f"{self.issuer} does not say that it is an OpenID provider of this name.", mend=mend)
        for name in NEEDED:
            address = about.get(name)
            if not isinstance(address, str) or not is_safe(address):
                raise UnavailableError(f"{self.title} names no address for {name} that can be trusted.")
        return about

    def _ask(self, method: str, address: str, **sent: Any) -> tuple[int, dict[str, Any]]:
        """Status and body of what the provider answers; an empty body for what is no JSON object."""
        try:
            with (
                httpx.Client(timeout=TIMEOUT, follow_redirects=False, trust_env=False) as client,
                client.stream(method, address, **sent) as answer,
            ):
                body = b""
                for piece in answer.iter_bytes():
                    body += piece
                    if len(body) > LARGEST:
                        raise UnavailableError(f"{self.title} answers more than can be read.")
        except httpx.HTTPError as error:
            mend = "Try again, or come in another way."
            raise UnavailableError(f"{self.title} does not answer.", mend=mend, after=10) from error
        try:
            said = json.loads(body)
        except (ValueError, RecursionError):
            said = None
        return answer.status_code, said if isinstance(said, dict) else {}


def is_safe(address: str) -> bool:
    """Whether nobody on the way can change what is said there: https, or this machine.

    >>> is_safe("https://id.example.org"), is_safe("http://127.0.0.1:9000"), is_safe("http://id.example.org")
    (True, True, False)
    """
    try:
        parts = urlsplit(address)
        host = parts.hostname or ""
    except ValueError:
        return False
    return bool(host) and (parts.scheme == "https" or (parts.scheme == "http" and is_loopback(host)))


def require_safe(address: str, variable: str) -> None:
    """SettingError for an address that is neither https nor this machine's."""
    if not is_safe(address):
        mend = "It begins with https://, or leads to the same machine."
        raise SettingError(f"{variable} is {address!r}, which cannot be trusted.", mend=mend)


def _takes_header(about: Mapping[str, Any]) -> bool:
    """Whether a server says who it is in a header, as it does unless the provider wants it otherwise."""
    ways = about.get("token_endpoint_auth_methods_supported")
    return not isinstance(ways, list) or "client_secret_basic" in ways or "client_secret_post" not in ways

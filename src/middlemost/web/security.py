"""What holds for every request and response, whoever asks: hosts, origins, headers."""

from __future__ import annotations

from dataclasses import dataclass
from http import HTTPStatus
from ipaddress import ip_address
from urllib.parse import urlsplit

from starlette.datastructures import Headers, MutableHeaders
from starlette.requests import Request
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from middlemost.web.problems import problem

SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})
LOOPBACK = frozenset({"localhost", "127.0.0.1", "::1"})

HEADERS = {
    "Content-Security-Policy": (
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; "
        "form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
    ),
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    # Not no-referrer: browsers would then send "Origin: null" with our own forms.
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=()",
}


@dataclass(frozen=True)
class Guard:
    """Middleware. Refuses foreign hosts (DNS rebinding), foreign origins (forged requests), large bodies; adds headers.

    `hosts`: the names under which the server may be called; empty allows all, for a server that is not bound to this
    machine alone and cannot know its names. `largest`: how many bytes a body may have.
    """

    app: ASGIApp
    hosts: frozenset[str]
    largest: int

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Handle one request."""
        if scope["type"] != "http":
            return await self.app(scope, receive, send)

        async def send_with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                self._add_headers(MutableHeaders(scope=message), scope["path"])
            await send(message)

        headers = Headers(scope=scope)
        if refusal := self._refusal(headers, scope["method"]):
            return await problem(Request(scope), *refusal)(scope, receive, send_with_headers)
        return await self.app(scope, receive, send_with_headers)

    def _refusal(self, headers: Headers, method: str) -> tuple[HTTPStatus, str] | None:
        host = headers.get("host", "")
        name = hostname(f"//{host}")
        if host and name is None:
            return HTTPStatus.BAD_REQUEST, "The host name of this request cannot be read."
        if self.hosts and name not in self.hosts:
            return HTTPStatus.FORBIDDEN, "This server does not answer under that host name."
        if method not in SAFE_METHODS and not _same_origin(headers, host):
            return HTTPStatus.FORBIDDEN, "This request comes from another site's page."
        if int(headers.get("content-length", 0)) > self.largest:
            return HTTPStatus.REQUEST_ENTITY_TOO_LARGE, f"The request is larger than {self.largest} bytes."
        return None

    @staticmethod
    def _add_headers(headers: MutableHeaders, path: str) -> None:
        for name, value in HEADERS.items():
            headers[name] = value
        headers.setdefault("Cache-Control", "no-cache" if path.startswith("/static/") else "no-store")


def allowed_hosts(bound: str) -> frozenset[str]:
    """The host names to answer under for a server bound to `bound`; empty, which allows all, if others can reach it.

    >>> sorted(allowed_hosts("127.0.0.1")), sorted(allowed_hosts("0.0.0.0"))
    (['127.0.0.1', '::1', 'localhost'], [])
    """
    return LOOPBACK | {bound} if is_loopback(bound) else frozenset()


def is_loopback(host: str) -> bool:
    """Whether only this machine can reach `host`."""
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def hostname(address: str) -> str | None:
    """The host in an address, lower case, without port; None if there is none.

    >>> hostname("http://[::1]:8000"), hostname("null")
    ('::1', None)
    """
    try:
        return urlsplit(address).hostname
    except ValueError:
        return None


def _same_origin(headers: Headers, host: str) -> bool:
    origin = headers.get("origin")
    if origin is None:
        return headers.get("sec-fetch-site", "none") in {"none", "same-origin"}
    return _authority(origin) == host


def _authority(address: str) -> str | None:
    """Host and port in an address as they are written; None if it cannot be read."""
    try:
        return urlsplit(address).netloc
    except ValueError:
        return None

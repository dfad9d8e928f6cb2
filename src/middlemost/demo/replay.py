"""Raters without hands: real answers sent through the real HTTP interface, as a rater's page sends them."""

from __future__ import annotations

import time
import uuid
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

import httpx

from middlemost.errors import StateError

Script = Mapping[tuple[str, int], str]  # (item, round) -> answer


@dataclass(frozen=True)
class Signed:
    """Somebody signed in to a running server: a client that carries the session's cookie and CSRF token."""

    client: httpx.Client
    pseudonym: str

    def __enter__(self) -> Signed:
        return self

    def __exit__(self, *_: object) -> None:
        self.client.close()

    def post(self, path: str, body: dict[str, Any], **headers: str) -> dict[str, Any]:
        """Send `body` to `path` and return what comes back. Raises StateError with the server's own words."""
        response = self.client.post(path, json=body, headers=headers)
        if response.is_error:
            raise StateError(f"{path} answered {response.status_code}: {response.text[:500]}")
        found: dict[str, Any] = response.json() if response.content else {}
        return found


def sign_in(address: str, link: str, name: str) -> Signed:
    """Open a link of invitation and join as `name`."""
    client = httpx.Client(base_url=address, timeout=30, trust_env=False, headers={"Accept": "application/json"})
    response = client.post(urlsplit(link).path, data={"name": name})
    if response.is_error:
        client.close()
        raise StateError(f"{name} could not join: {response.status_code}: {response.text[:500]}")
    joined = response.json()
    client.headers["X-CSRF-Token"] = joined["csrf"]
    return Signed(client, joined["pseudonym"])


def replay(rater: Signed, script: Script, *, on_answer: Callable[[], None], want: int = 3) -> int:
    """Answer as `script` says whatever the server lends to `rater`, until it lends nothing more.

    Returns the number of answers that the server has acknowledged.
    """
    acknowledged = 0
    while lent := rater.post("/api/next", {"want": want})["assignments"]:
        for assignment in lent:
            value = script[assignment["item"]["id"], assignment["round"]]
            send(rater, assignment["id"], value)
            acknowledged += 1
            on_answer()
    return acknowledged


def send(rater: Signed, assignment: int, value: str) -> None:
    """Send one answer under a key of its own, again if the connection breaks: a retry never makes a second one."""
    key, body = uuid.uuid4().hex, {"assignment": assignment, "value": value}
    for pause in (0.1, 0.5, 2.0):
        try:
            rater.post("/api/answers", body, **{"Idempotency-Key": key})
        except httpx.TransportError:
            time.sleep(pause)
        else:
            return
    raise StateError("The server does not answer.", mend="See its messages above.")

"""Somebody who sends by hand: a test that has to see each refusal, where the client would ask again by itself."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

import httpx

from middlemost.errors import StateError


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

"""`hooks`: programs elsewhere are told of what happens, signed, again and again until they have it (Standard Webhooks).

What is told is the audit log: who (a pseudonym) did what, when, and about which item; never what was answered.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from ipaddress import ip_address
from typing import Any
from urllib.parse import urlsplit

import httpx
import sqlalchemy as sa

from middlemost.errors import InputError, Place, SettingError, did_you_mean
from middlemost.project.folder import Project
from middlemost.store import hooks as stored

KINDS = (
    "answered", "skipped", "flagged", "decided", "joined", "admitted", "asked for more", "added",
    "changed the protocol", "changed the guidelines",
)  # fmt: skip
TIMEOUT, LEASE = 15.0, 120.0
# Seconds to the next try after each that failed: for three days, then no more.
PAUSES = (5.0, 300.0, 1800.0, 7200.0, 18_000.0, 36_000.0, 50_400.0, 72_000.0, 86_400.0)
GONE = 410
PREFIX = "whsec_"
MOST_LOGGED = 1000


@dataclass(frozen=True)
class Hook:
    """Whom the project tells of which kinds of events. `ended_at`: since when no more."""

    name: str
    url: str
    kinds: tuple[str, ...]
    made_at: float
    ended_at: float | None


@dataclass(frozen=True)
class Delivery:
    """How telling somebody of an event went: `outcome` of the last of its `tries`, when the next is due if pending."""

    hook: str
    event: int
    did: str
    tries: int
    state: str
    due_at: float
    tried_at: float | None
    outcome: str | None


def add_hook(project: Project, name: str, url: str, kinds: Sequence[str]) -> str:
    """Tell the address `url` of what happens from now on; the secret that signs it, shown this once.

    SettingError for an unknown kind, InputError for an address that is neither https nor on this machine, StateError
    for a name that is taken.
    """
    for one in kinds:
        if one not in KINDS:
            raise SettingError(f"Nobody can be told of {one!r}.", mend=did_you_mean(one, KINDS, otherwise="They are: "))
    if not kinds or not 1 <= len(name.strip()) <= 80:
        raise SettingError("A webhook needs a name of up to 80 characters, and a kind.", mend=f"One of {KINDS}.")
    _require_safe(url)
    key = secrets.token_bytes(32)
    secret = PREFIX + base64.b64encode(key).decode()
    project.store.write(stored.add, name.strip(), url, secret, list(dict.fromkeys(kinds)), now=project.store.clock())
    return secret


def end_hook(project: Project, name: str) -> None:
    """Tell this one nothing more. MissingError if there is none."""
    project.store.write(stored.end, name, now=project.store.clock())


def hooks(project: Project) -> tuple[Hook, ...]:
    """All webhooks, those too that ended."""
    rows = project.store.read(stored.every)
    return tuple(Hook(row.name, row.url, tuple(row.kinds.split(",")), row.made_at, row.ended_at) for row in rows)


def deliveries(project: Project, most: int = 100) -> tuple[Delivery, ...]:
    """How telling went, newest first."""
    if not 1 <= most <= MOST_LOGGED:
        raise SettingError(f"most is {most}.", mend=f"It can be 1 to {MOST_LOGGED}.")
    return tuple(Delivery(*row) for row in project.store.read(stored.log, most))


def resend(project: Project, name: str) -> int:
    """Have what failed tried again; how many deliveries."""
    return project.store.write(stored.resend, name, now=project.store.clock())


def deliver(project: Project, client: httpx.Client) -> int:
    """Send what is due; how many deliveries were tried. Safe to be called by several processes at once."""
    if not project.store.read(stored.any_active):
        return 0
    sent = 0
    for one in project.store.write(stored.take, now=project.store.clock(), lasts=LEASE):
        until = project.store.clock() + LEASE - TIMEOUT
        try:
            project.store.write(stored.queue, one, now=project.store.clock())
            for row in project.store.read(stored.due, one.id, now=project.store.clock()):
                if project.store.clock() > until:
                    break
                _send(project, client, one, row)
                sent += 1
        finally:
            project.store.write(stored.let_go, one.id)
    return sent


def _send(project: Project, client: httpx.Client, one: Any, row: Any) -> None:
    now = project.store.clock()
    body = _body(row)
    try:
        reply = client.post(one.url, content=body, headers=signed(one.secret, f"evt_{row.event}", body, now))
        outcome, ok, gone = str(reply.status_code), reply.is_success, reply.status_code == GONE
    except (httpx.HTTPError, httpx.InvalidURL) as error:
        outcome, ok, gone = f"{type(error).__name__}: {error}"[:300], False, False
    project.store.write(_note, one.name, row, outcome, ok, gone, now)


def _note(connection: sa.Connection, name: str, row: Any, outcome: str, ok: bool, gone: bool, now: float) -> None:
    last = gone or row.tries >= len(PAUSES)
    state = "done" if ok else "failed" if last else "pending"
    due_at = now if state != "pending" else now + PAUSES[row.tries]
    stored.tried(connection, row.id, state, outcome, due_at=due_at, now=now)
    if gone:  # the one who is told says that they want to hear no more
        stored.end(connection, name, now=now, why="410 Gone")


def _body(row: Any) -> bytes:
    at = datetime.fromtimestamp(row.at, UTC).isoformat().replace("+00:00", "Z")
    under = {"guideline_version": row.guideline_version, "protocol_hash": row.protocol_hash}
    data = {"event": row.event, "actor": row.actor, "about": json.loads(row.detail)} | under
    return json.dumps({"type": row.did, "timestamp": at, "data": data}, ensure_ascii=False).encode()


def signed(secret: str, id: str, body: bytes, now: float) -> dict[str, str]:
    """The headers of a message as Standard Webhooks has them.

    >>> made = signed("whsec_AAAA", "evt_1", b"{}", 1614265330.0)
    >>> made["webhook-id"], made["webhook-timestamp"], made["webhook-signature"][:3]
    ('evt_1', '1614265330', 'v1,')
    """
    at = str(int(now))
    key = base64.b64decode(secret.removeprefix(PREFIX))
    seal = hmac.new(key, f"{id}.{at}.".encode() + body, hashlib.sha256).digest()
    return {
        "content-type": "application/json",
        "webhook-id": id,
        "webhook-timestamp": at,
        "webhook-signature": f"v1,{base64.b64encode(seal).decode()}",
    }


def _require_safe(url: str) -> None:
    """What is told goes over lines that nobody listens in on, and asks for nothing else on the way."""
    try:
        parts = urlsplit(url)
        host = parts.hostname or ""
    except ValueError:
        parts, host = urlsplit(""), ""
    if parts.scheme == "https" and host and not parts.username:
        return
    if parts.scheme == "http" and _here(host):
        return
    message = "A webhook's address begins with https://, or leads to this machine."
    raise InputError(message, place=Place(column="url", value=url), mend="As in https://hooks.example.org/labels.")


def _here(host: str) -> bool:
    try:
        return host == "localhost" or ip_address(host).is_loopback
    except ValueError:
        return False

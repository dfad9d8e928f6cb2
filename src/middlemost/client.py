"""A client of the server's interface: for programs that answer, decide, invite or watch.

    with Client.join("http://127.0.0.1:8700/join/...", name="a model") as rater:
        while lent := rater.next():
            for one in lent:
                rater.answer(one, "toxic")

    with Client("http://127.0.0.1:8700", token="mm_...") as lead:      # from `middlemost tokens`
        for item in lead.items("flagged"):
            print(item["item"], item["text"])

What the server refuses is raised as the error that the library raises for it. A server that is away, busy or restarting
is asked again, with growing pauses, for as long as `patience` says; an answer or a decision carries a key, so that a
retry never counts twice.
"""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType
from typing import Any, BinaryIO, Self
from urllib.parse import urlsplit
from uuid import uuid4

import httpx

from middlemost.errors import (
    AccessError,
    InputError,
    MiddlemostError,
    MissingError,
    Place,
    StateError,
    TooManyError,
    UnavailableError,
)

FIRST_PAUSE, LONGEST_PAUSE = 0.1, 5.0
LONGEST_WAIT = 2.0  # between two looks whether an export is there
LOOPBACK = {"127.0.0.1", "::1", "localhost"}
BUSY = {408, 425, 429, 502, 503, 504}
ERRORS: dict[int, type[MiddlemostError]] = {404: MissingError, 409: StateError, 413: InputError, 422: InputError}


@dataclass(frozen=True)
class Lent:
    """An item lent to the rater, for `expires_in` seconds from when it came. `shown`: what raters see beside its text.

    `given`: the rater's own earlier answer, where it is taken back to be corrected. `edition`: the protocol and
    guidelines that it was lent under; the answer carries it back.
    """

    id: int
    item: str
    text: str
    expires_in: float
    given: Any = None
    shown: Mapping[str, Any] = field(default_factory=dict)
    round: int = 1
    edition: str | None = None


@dataclass(frozen=True)
class Receipt:
    """The promise that an answer is on disk: `kept` is counted or surplus."""

    answer: int
    kept: str
    revision: int


class Client:
    """A session with one server. `token`: what a program acts by; `patience`: for how many seconds it tries again.

    >>> with Client("http://127.0.0.1:1", patience=0) as client:
    ...     try:
    ...         client.session()
    ...     except UnavailableError as error:
    ...         print(error.message)
    The server at http://127.0.0.1:1 does not answer.
    """

    def __init__(
        self,
        address: str,
        *,
        token: str | None = None,
        patience: float = 60.0,
        timeout: float = 30.0,
        transport: httpx.BaseTransport | None = None,
    ) -> None:
        headers = {"Accept": "application/json"} | ({"Authorization": f"Bearer {token}"} if token else {})
        near = urlsplit(address).hostname in LOOPBACK  # no proxy leads there
        self._http = httpx.Client(
            base_url=address, headers=headers, timeout=timeout, transport=transport, trust_env=not near
        )
        self.address, self.patience = address, patience

    @classmethod
    def join(cls, link: str, name: str | None = None, **settings: Any) -> Self:
        """Sign in by an invite link: as a new person called `name`, or as the one that the link is for."""
        parts = urlsplit(link)
        made = cls(f"{parts.scheme}://{parts.netloc}", **settings)
        try:
            # Not tried again: a link may be good for one use, and a lost reply does not say whether it was used.
            joined = made._ask("POST", f"{parts.path}?{parts.query}", {"name": name}, again=False)
        except BaseException:
            made.close()
            raise
        made._http.headers["X-CSRF-Token"] = joined["csrf"]
        return made

    def session(self) -> dict[str, Any]:
        """Who one is here: pseudonym, role."""
        return dict(self._ask("GET", "/api/session"))

    # -- raters

    def next(self, want: int = 3) -> list[Lent]:
        """What is lent to the rater, filled up to `want`; empty where there is nothing more to give."""
        batch = self._ask("POST", "/api/next", {"want": want, "tally": False})
        return [_lent(one, batch["edition"]) for one in batch["assignments"]]

    def answer(
        self, lent: Lent | int, value: object, *, key: str | None = None, active_ms: int | None = None
    ) -> Receipt:
        """Answer an item: with one value, or with a mapping of values by question. It is on disk when this returns."""
        said = {"values": dict(value)} if isinstance(value, Mapping) else {"value": value}
        edition = lent.edition if isinstance(lent, Lent) else None
        body = {"assignment": _id(lent), "active_ms": active_ms, "edition": edition} | said
        return Receipt(**self._ask("POST", "/api/answers", body, key=key or uuid4().hex))

    def skip(self, lent: Lent | int, reason: str) -> None:
        """Give an item back unanswered."""
        self._ask("POST", "/api/skips", {"assignment": _id(lent), "reason": reason})

    def flag(self, lent: Lent | int, note: str, *, key: str | None = None) -> None:
        """Tell the lead something of an item."""
        self._ask("POST", "/api/flags", {"assignment": _id(lent), "note": note}, key=key or uuid4().hex)

    def take_back(self, before: Lent | int | None = None) -> Lent | None:
        """The item answered last, or last before another, with the answer `given`; answer it again to correct it."""
        body = {"before": None if before is None else _id(before)}
        earlier = self._ask("POST", "/api/take-back", body)["assignment"]
        return None if earlier is None else _lent(earlier)

    def progress(self) -> dict[str, int]:
        """How many answers the rater has given (`done`), and how many there are `left`."""
        return dict(self._ask("GET", "/api/progress"))

    def judge_next(self) -> dict[str, Any]:
        """What the rater has to judge next in a calibration round: `task`, None where there is nothing."""
        return dict(self._ask("POST", "/api/calibration/next", {}))

    def judge(self, task: int, value: object, *, key: str | None = None) -> dict[str, Any]:
        """Judge an item of a calibration round, the `id` of its task; what comes next."""
        said = {"values": dict(value)} if isinstance(value, Mapping) else {"value": value}
        path, body = "/api/calibration/answers", {"exercise": task} | said
        return dict(self._ask("POST", path, body, key=key or uuid4().hex))

    def feedback(self) -> list[dict[str, Any]]:
        """What the rater is told, newest first."""
        return list(self._ask("GET", "/api/own-feedback")["feedback"])

    def acknowledge(self, feedback: int) -> None:
        """The rater has read the feedback of this number."""
        self._ask("POST", "/api/own-feedback", {"feedback": feedback})

    def own_answers(self) -> Iterator[dict[str, Any]]:
        """The rater's own answers, newest first."""
        return self._pages("/api/own-answers", "answers", "before", {})

    # -- leads

    def standing(self) -> dict[str, Any]:
        """Where the project stands: progress, agreement, raters, disputed items."""
        return dict(self._ask("GET", "/api/standing"))

    def items(self, state: str = "all", search: str = "") -> Iterator[dict[str, Any]]:
        """The items in a state (all, open, unanswered, complete, decided, flagged, gold, control)."""
        return self._pages("/api/items", "items", "after", {"state": state, "q": search})

    def decide(
        self, item: str, label: str, reason: str, *, scripted: bool = True, key: str | None = None
    ) -> dict[str, Any]:
        """Decide on an item: that fixes its label. `scripted`: no person looked at it just now."""
        body = {"item": item, "label": label, "reason": reason, "scripted": scripted}
        return dict(self._ask("POST", "/api/reviews", body, key=key or uuid4().hex))

    def invite(self, **settings: Any) -> str:
        """A new invite link; `settings`: uses, name, role, rounds, person."""
        return str(self._ask("POST", "/api/invites", settings, again=False)["link"])

    def prioritise(self, priorities: Mapping[str, int]) -> int:
        """Give items other priorities; how many have another place in line now."""
        return int(self._ask("POST", "/api/priorities", {"priorities": dict(priorities)})["items"])

    def raters(self, said: Mapping[str, Mapping[str, str | None]] | None = None) -> dict[str, dict[str, str]]:
        """What is said of raters; with `said`, after saying so."""
        if said is None:
            return dict(self._ask("GET", "/api/raters")["raters"])
        return dict(self._ask("POST", "/api/raters", {"raters": said})["raters"])

    def export(self, format: str, out: str | Path, *, key: str | None = None) -> Path:
        """Have the project written in a format, wait for it, and load it to the file `out`, or into that folder.

        `format`: one of those of `middlemost export`, or release. A file that is there is replaced, once the new one is
        whole; what a broken line has left is gone on with. StateError where it cannot be made.
        """
        made = self._ask("POST", "/api/exports", {"format": format}, key=key or uuid4().hex)
        pause = FIRST_PAUSE
        while made["state"] in ("waiting", "running"):
            time.sleep(pause)
            pause = min(1.5 * pause, LONGEST_WAIT)
            made = self._ask("GET", f"/api/exports/{made['id']}")
        if made["state"] == "failed":
            raise StateError(str(made["outcome"]))
        out = Path(out)
        whole = out / str(made["file"]) if out.is_dir() else out
        self._load(f"/api/exports/{made['id']}/file", whole, int(made["size"]))
        return whole

    def _load(self, path: str, whole: Path, size: int) -> None:
        part = whole.with_name(f".{whole.name}.{uuid4().hex[:8]}.part")
        try:
            with part.open("wb") as file:
                self._fill(path, file, size)
            part.replace(whole)
        except OSError as error:
            message = f"The file cannot be written: {error.strerror}."
            raise InputError(message, place=Place(str(whole))) from error
        finally:
            part.unlink(missing_ok=True)

    def _fill(self, path: str, file: BinaryIO, size: int) -> None:
        """Load until all is there; after each break from where it broke, for as long as `patience` says."""
        until, pause = time.monotonic() + self.patience, FIRST_PAUSE
        while (have := file.tell()) < size:
            trouble = self._load_more(path, file)
            if file.tell() > have:  # it goes on
                until, pause = time.monotonic() + self.patience, FIRST_PAUSE
            elif time.monotonic() + pause > until:
                raise trouble or UnavailableError(f"The server at {self.address} does not send the whole file.")
            if trouble is not None:
                time.sleep(pause)
                pause = min(2 * pause, LONGEST_PAUSE)

    def _load_more(self, path: str, file: BinaryIO) -> MiddlemostError | None:
        """Append what comes; what went wrong where that may pass."""
        try:
            rest = {"Range": f"bytes={file.tell()}-", "Accept-Encoding": "identity"}
            with self._http.stream("GET", path, headers=rest) as reply:
                if not reply.is_success:
                    reply.read()
                    refused = error_of(reply)
                    if _wait(reply) is None:
                        raise refused
                    return refused
                if reply.status_code != httpx.codes.PARTIAL_CONTENT:
                    file.seek(0)
                    file.truncate()
                file.writelines(reply.iter_raw())
        except httpx.TransportError:
            return UnavailableError(f"The server at {self.address} does not answer.")
        return None

    def calibrate(self, name: str, purpose: str, **settings: Any) -> int:
        """Begin a calibration round; its number. `settings`: sample or disputed, seed, raters, first."""
        body = {"name": name, "purpose": purpose} | settings
        return int(self._ask("POST", "/api/calibrations", body, again=False)["number"])

    def calibrations(self) -> list[dict[str, Any]]:
        """All calibration rounds."""
        return list(self._ask("GET", "/api/calibrations")["rounds"])

    def calibration(self, number: int) -> dict[str, Any]:
        """One round: who is done, agreement, all answers side by side."""
        return dict(self._ask("GET", f"/api/calibrations/{number}"))

    def say(self, number: int, item: str, label: str | None = None, why: str | None = None) -> None:
        """Say what is right of an item of a round, and why."""
        body = {"item": item, "label": label, "why": why}
        self._ask("POST", f"/api/calibrations/{number}/notes", body)

    def close_calibration(self, number: int, *, feedback: bool) -> None:
        """Close a round; with `feedback` its raters are told how it went."""
        self._ask("POST", f"/api/calibrations/{number}/close", {"feedback": feedback}, again=False)

    def tell(self, rater: str, note: str | None = None, items: Sequence[str] = ()) -> None:
        """Tell one rater of their answers to items that were decided, or a note."""
        self._ask("POST", "/api/feedback", {"rater": rater, "note": note, "items": list(items)}, again=False)

    def close(self) -> None:
        """Let go of the connections."""
        self._http.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def _pages(self, path: str, what: str, cursor: str, given: dict[str, Any]) -> Iterator[dict[str, Any]]:
        while True:
            found = self._ask("GET", path, params=given)
            yield from found[what]
            if found[cursor] is None:
                return
            given = given | {cursor: found[cursor]}

    def _ask(
        self,
        method: str,
        path: str,
        body: Mapping[str, Any] | None = None,
        *,
        key: str | None = None,
        params: Mapping[str, Any] | None = None,
        again: bool = True,
    ) -> Any:
        """One request; `again`: whether it may be made again where nobody knows what became of it."""
        headers = {"Idempotency-Key": key} if key else {}
        until, pause = time.monotonic() + self.patience, FIRST_PAUSE
        while True:
            try:
                reply = self._http.request(method, path, json=body, params=params, headers=headers)
            except httpx.TransportError as error:
                if not again or time.monotonic() + pause > until:
                    raise UnavailableError(f"The server at {self.address} does not answer.") from error
            else:
                if reply.is_success:
                    return reply.json()
                wait = _wait(reply)
                if wait is None or not again or time.monotonic() + max(wait, pause) > until:
                    raise error_of(reply)
                pause = max(wait, pause)
            time.sleep(pause)
            pause = min(2 * pause, LONGEST_PAUSE)


def _id(lent: Lent | int) -> int:
    return lent.id if isinstance(lent, Lent) else lent


def _lent(given: Mapping[str, Any], edition: str | None = None) -> Lent:
    shown = dict(given["item"])
    item, text = shown.pop("id"), shown.pop("text")
    return Lent(given["id"], item, text, given["expires_in"], given.get("given"), shown, given["round"], edition)


def _wait(reply: httpx.Response) -> float | None:
    """How many seconds to wait before the same request may do, None where it never will."""
    if reply.status_code not in BUSY:
        return None
    said = reply.headers.get("Retry-After", "")
    return float(said) if said.isdecimal() else 0.0


def error_of(reply: httpx.Response) -> MiddlemostError:
    """What a reply that refuses says (RFC 9457), as the error of the library that stands for it."""
    try:
        told = reply.json()
    except ValueError:
        told = {}
    told = told if isinstance(told, dict) else {}
    message, mend = str(told.get("detail") or f"The server answered {reply.status_code}."), told.get("mend")
    if reply.status_code in (401, 403):
        return AccessError(message, signed_in=reply.status_code == 403, mend=mend)
    if reply.status_code == 429:
        return TooManyError(message, after=int(_wait(reply) or 1))
    if kind := ERRORS.get(reply.status_code):
        fields = told.get("errors") or [{}]
        return kind(message, place=Place(column=fields[0].get("field")), mend=mend)
    return UnavailableError(message, mend=mend)

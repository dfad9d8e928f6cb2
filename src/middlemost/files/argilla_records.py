"""The records of an Argilla data set: what was shown, and what which user responded to which question."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, NoReturn
from uuid import NAMESPACE_OID, uuid5

from middlemost.errors import InputError, Place
from middlemost.files.json_lines import Where, json_objects, refuse
from middlemost.files.text import decode, read_bytes

SUBMITTED, DISCARDED, DRAFT = "submitted", "discarded", "draft"
NAMES = "raters"  # where our own export spells the users out
_SAVE = "Save the records in Argilla by dataset.records.to_json()."


@dataclass(frozen=True)
class Response:
    """What one user said of a record, by question; `at`: Unix seconds, None where nobody knows."""

    user: str
    status: str
    values: Mapping[str, Any]
    at: float | None = None


@dataclass(frozen=True)
class ArgillaRecord:
    """A record of the export."""

    where: Where
    id: str
    fields: Mapping[str, Any]
    metadata: Mapping[str, Any]
    responses: tuple[Response, ...]
    suggested: bool = False
    vectors: bool = False
    ours: bool = False

    def fail(self, message: str, mend: str, value: object = None) -> NoReturn:
        """Refuse the record."""
        refuse(self.where, message, mend, value)


def read_records(path: Path) -> list[ArgillaRecord]:
    """The records of a JSON (or JSON Lines) export. InputError with the record for what is none."""
    found: dict[str, ArgillaRecord] = {}
    for number, (where, given) in enumerate(json_objects(decode(read_bytes(path), str(path)), str(path)), 1):
        record = _record(where, given, number)
        if record.id in found:
            record.fail("Two records have this id.", "Export the records again.", record.id)
        found[record.id] = record
    if not found:
        raise InputError("There are no records in this file.", place=Place(str(path)), mend=_SAVE)
    return list(found.values())


def _record(where: Where, given: Mapping[str, Any], number: int) -> ArgillaRecord:
    fields, metadata = given.get("fields"), given.get("metadata") or {}
    if not isinstance(fields, dict):
        refuse(where, "This record has no `fields`.", _SAVE, fields)
    if not isinstance(metadata, dict):
        refuse(where, "`metadata` is an object.", _SAVE, metadata)
    named = str(given.get("id") or given.get("external_id") or number)
    responses = tuple(_responses(where, given.get("responses") or {}))
    known = _names(metadata, {one.user for one in responses})
    ours, users = known is not None, known or {}
    return ArgillaRecord(
        where,
        named,
        {name: value for name, value in fields.items() if value is not None},
        {name: value for name, value in metadata.items() if value is not None and not (ours and name == NAMES)},
        tuple(replace(one, user=users.get(one.user, f"Argilla {one.user}")) for one in responses),
        suggested=bool(given.get("suggestions")),
        vectors=bool(given.get("vectors")),
        ours=ours,
    )


def _names(metadata: Mapping[str, Any], users: set[str]) -> dict[str, str] | None:
    """The pseudonym of each user, where our own export names them."""
    listed = metadata.get(NAMES)
    if not isinstance(listed, list) or not all(isinstance(one, str) for one in listed):
        return None
    names = {str(uuid5(NAMESPACE_OID, one)): one for one in listed}
    return names if users <= names.keys() else None


def _responses(where: Where, given: object) -> Iterator[Response]:
    """By user, in the order in which they come: given by question (the library) or by user (the server)."""
    if isinstance(given, list):
        yield from (_by_user(where, one) for one in given)
    elif isinstance(given, dict):
        yield from _by_question(where, given)
    else:
        refuse(where, "`responses` is an object, by question.", _SAVE, given)


def _by_user(where: Where, given: object) -> Response:
    values = given.get("values") if isinstance(given, dict) else None
    if not isinstance(given, dict) or not isinstance(values or {}, dict):
        refuse(where, "A response has `user_id`, `status` and `values`.", _SAVE, given)
    said = {name: _value(where, one) for name, one in (values or {}).items()}
    at = _time(given.get("updated_at") or given.get("inserted_at"))
    return Response(_user(given), _status(where, given), said, at)


def _by_question(where: Where, given: Mapping[str, Any]) -> Iterator[Response]:
    said: dict[str, dict[str, Any]] = {}
    status: dict[str, str] = {}
    for name, some in given.items():
        for one in some if isinstance(some, list) else [some]:
            user, found = _user(one) if isinstance(one, dict) else "", _value(where, one)
            if name in said.setdefault(user, {}):
                refuse(where, f"A user answers {name!r} twice.", "Export the records again.", user)
            said[user][name] = found
            status[user] = _least(status.get(user, SUBMITTED), _status(where, one))
    yield from (Response(user, status[user], values) for user, values in said.items())


def _least(one: str, other: str) -> str:
    return max(one, other, key=(SUBMITTED, DRAFT, DISCARDED).index)


def _value(where: Where, given: object) -> Any:
    if not isinstance(given, dict) or "value" not in given:
        refuse(where, "A response has a `value`.", _SAVE, given)
    return given["value"]


def _user(given: Mapping[str, Any]) -> str:
    return str(given.get("user_id") or "nobody named")


def _status(where: Where, given: Mapping[str, Any]) -> str:
    status = str(given.get("status") or SUBMITTED)
    if status not in (SUBMITTED, DRAFT, DISCARDED):
        refuse(where, "A response is submitted, discarded or a draft.", _SAVE, status)
    return status


def _time(given: object) -> float | None:
    """Argilla's times are in UTC where they say no zone."""
    try:
        at = datetime.fromisoformat(str(given)) if given else None
    except ValueError:
        return None
    return None if at is None else (at if at.tzinfo else at.replace(tzinfo=UTC)).timestamp()

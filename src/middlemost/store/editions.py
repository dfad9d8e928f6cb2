"""The editions of the protocol and the guidelines that were in force, oldest first."""

from __future__ import annotations

import sqlalchemy as sa

from middlemost.store import events
from middlemost.store.schema import guideline, protocol


def adopt_guidelines(connection: sa.Connection, text: str, *, now: float) -> int:
    """The version number of guidelines that read `text`: the newest if they are unchanged, else a new one."""
    newest = connection.execute(sa.select(guideline).order_by(guideline.c.version.desc()).limit(1)).one_or_none()
    if newest is not None and newest.text == text:
        return int(newest.version)
    version = newest.version + 1 if newest else 1
    connection.execute(sa.insert(guideline), {"version": version, "text": text, "since": now})
    events.note(connection, "changed the guidelines", {"digest": events.digest(text)}, now=now)
    return int(version)


def adopt_protocol(connection: sa.Connection, hash: str, text: str, places: int, *, now: float) -> None:
    """Note that the protocol `text`, by which an item is to have `places` answers, is in force from now on."""
    if current_protocol(connection) != hash:
        connection.execute(sa.insert(protocol), {"hash": hash, "text": text, "since": now, "places": places})
        events.note(connection, "changed the protocol", {"answers_per_item": places}, now=now)


def current_protocol(connection: sa.Connection) -> str | None:
    """The hash of the protocol that was adopted last."""
    return connection.execute(sa.select(protocol.c.hash).order_by(protocol.c.number.desc()).limit(1)).scalar()


def in_force(connection: sa.Connection) -> tuple[str | None, int | None]:
    """The hash of the protocol and the version of the guidelines that were adopted last."""
    version = connection.execute(sa.select(sa.func.max(guideline.c.version))).scalar()
    return current_protocol(connection), version


def founded(connection: sa.Connection) -> float | None:
    """Since when the first protocol was in force (Unix seconds)."""
    return connection.execute(sa.select(sa.func.min(protocol.c.since))).scalar()


def current_guidelines(connection: sa.Connection) -> tuple[int, str] | None:
    """Version and text of the guidelines that were adopted last."""
    query = sa.select(guideline.c.version, guideline.c.text).order_by(guideline.c.version.desc()).limit(1)
    row = connection.execute(query).one_or_none()
    return None if row is None else (row.version, row.text)


def guidelines(connection: sa.Connection) -> dict[int, str]:
    """All versions of the guidelines."""
    return {row.version: row.text for row in connection.execute(sa.select(guideline).order_by(guideline.c.version))}


def edition(connection: sa.Connection, hash: str | None, version: int | None) -> tuple[str, str] | None:
    """The text of one protocol and of one version of the guidelines; None unless there are both."""
    declared = connection.execute(sa.select(protocol.c.text).where(protocol.c.hash == hash).limit(1)).scalar()
    read = connection.execute(sa.select(guideline.c.text).where(guideline.c.version == version)).scalar()
    return None if declared is None or read is None else (declared, read)


def protocols(connection: sa.Connection) -> dict[str, str]:
    """All protocols by hash."""
    return {row.hash: row.text for row in connection.execute(sa.select(protocol).order_by(protocol.c.number))}

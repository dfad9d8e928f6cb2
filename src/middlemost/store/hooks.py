"""Webhooks and their deliveries. What is told is the audit log, as far as it is sealed: nothing comes in before that.

One process at a time sends a hook's deliveries: it holds the hook for a while. Who dies while sending lets go of it by
that, and what was not noted as done is sent again: at least once, with the same id.
"""

from __future__ import annotations

from collections.abc import Sequence

import sqlalchemy as sa

from middlemost.errors import MissingError, StateError
from middlemost.store import events
from middlemost.store.schema import delivery, event, hook, seal
from middlemost.store.sql import Row, alone, insert

TAKEN = 100  # events turned into deliveries, and deliveries sent, in one go

_SEALED = sa.select(sa.func.coalesce(sa.func.max(seal.c.upto), 0)).scalar_subquery()
_ACTIVE = hook.c.ended_at.is_(None)


def add(connection: sa.Connection, name: str, url: str, secret: str, kinds: Sequence[str], *, now: float) -> int:
    """A new hook, told of what happens from now on. StateError if the name is taken."""
    alone(connection, "joining")
    if connection.execute(sa.select(hook.c.id).where(hook.c.name == name)).scalar() is not None:
        raise StateError(f"There is a webhook {name!r} already.", mend="Give this one another name.")
    newest = connection.execute(sa.select(sa.func.coalesce(sa.func.max(event.c.id), 0))).scalar_one()
    row = {"name": name, "url": url, "secret": secret, "kinds": ",".join(kinds), "upto": newest}
    number = insert(connection, sa.insert(hook), row | {"leased_until": 0.0, "made_at": now})
    events.note(connection, "added a webhook", {"webhook": name, "kinds": list(kinds)}, now=now)
    return number


def end(connection: sa.Connection, name: str, *, now: float, why: str | None = None) -> None:
    """Tell this hook nothing more. MissingError if there is none."""
    mine = sa.and_(hook.c.name == name, _ACTIVE)
    if connection.execute(sa.update(hook).where(mine).values(ended_at=now)).rowcount == 0:
        raise MissingError(f"There is no webhook {name!r}.")
    events.note(connection, "ended a webhook", {"webhook": name, "why": why}, now=now)


def every(connection: sa.Connection) -> list[Row]:
    """All hooks, those too that ended."""
    return list(connection.execute(sa.select(hook).order_by(hook.c.id)))


def any_active(connection: sa.Connection) -> bool:
    """Whether anybody is to be told of anything."""
    return bool(connection.execute(sa.select(sa.exists().where(_ACTIVE))).scalar_one())


def take(connection: sa.Connection, *, now: float, lasts: float) -> list[Row]:
    """The hooks that nobody else sends for just now: they are held for `lasts` seconds."""
    ahead = hook.c.leased_until > now + 2 * lasts  # held by a clock that was put back since
    free = sa.and_(_ACTIVE, sa.or_(hook.c.leased_until <= now, ahead))
    held = sa.update(hook).where(free).values(leased_until=now + lasts).returning(hook)
    return list(connection.execute(held))


def let_go(connection: sa.Connection, number: int) -> None:
    """Let others send for this hook."""
    connection.execute(sa.update(hook).where(hook.c.id == number).values(leased_until=0.0))


def queue(connection: sa.Connection, one: Row, *, now: float) -> None:
    """Make deliveries of what has happened since the hook was last told."""
    sealed = connection.execute(sa.select(_SEALED)).scalar_one()
    mine = sa.and_(event.c.id > one.upto, event.c.id <= sealed, event.c.did.in_(one.kinds.split(",")))
    found = connection.execute(sa.select(event.c.id).where(mine).order_by(event.c.id).limit(TAKEN)).scalars().all()
    if found:
        rows = [{"hook": one.id, "event": number, "tries": 0, "state": "pending", "due_at": now} for number in found]
        connection.execute(sa.insert(delivery), rows)
    upto = found[-1] if len(found) == TAKEN else max(sealed, one.upto)
    if upto > one.upto:
        connection.execute(sa.update(hook).where(hook.c.id == one.id).values(upto=upto))


def due(connection: sa.Connection, number: int, *, now: float) -> list[Row]:
    """The deliveries of a hook that are to be tried now, with their events, oldest first."""
    pending = sa.and_(
        delivery.c.hook == number, delivery.c.state == sa.literal_column("'pending'"), delivery.c.due_at <= now
    )
    query = (
        sa.select(delivery.c.id, delivery.c.tries, event.c.id.label("event"), event.c.at, event.c.actor, event.c.did)
        .add_columns(event.c.detail, event.c.guideline_version, event.c.protocol_hash)
        .join(event, event.c.id == delivery.c.event)
        .where(pending)
        .order_by(delivery.c.id)
        .limit(TAKEN)
    )
    return list(connection.execute(query))


def tried(connection: sa.Connection, number: int, state: str, outcome: str, *, due_at: float, now: float) -> None:
    """Note how sending went: `state` is pending where it is to be tried again at `due_at`."""
    values = {"tries": delivery.c.tries + 1, "state": state, "outcome": outcome, "due_at": due_at, "tried_at": now}
    connection.execute(sa.update(delivery).where(delivery.c.id == number).values(values))


def log(connection: sa.Connection, most: int) -> list[Row]:
    """The newest deliveries: hook, event, what happened, tries, state, due_at, tried_at, outcome."""
    query = (
        sa.select(hook.c.name.label("hook"), delivery.c.event, event.c.did, delivery.c.tries, delivery.c.state)
        .add_columns(delivery.c.due_at, delivery.c.tried_at, delivery.c.outcome)
        .join(hook, hook.c.id == delivery.c.hook)
        .join(event, event.c.id == delivery.c.event)
        .order_by(delivery.c.id.desc())
        .limit(most)
    )
    return list(connection.execute(query))


def resend(connection: sa.Connection, name: str, *, now: float) -> int:
    """Have the deliveries of a hook that failed tried once more; how many."""
    mine = sa.select(hook.c.id).where(hook.c.name == name).scalar_subquery()
    failed = sa.and_(delivery.c.hook == mine, delivery.c.state == "failed")
    return connection.execute(sa.update(delivery).where(failed).values(state="pending", due_at=now, tries=0)).rowcount

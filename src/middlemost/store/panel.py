"""Raters who came from a panel: who they are there. It is kept apart, and never leaves with a release."""

from __future__ import annotations

import secrets

import sqlalchemy as sa

from middlemost.core.nouns import Person
from middlemost.core.panels import Arrival, PanelName
from middlemost.store import people
from middlemost.store.schema import assignment, panelist, person
from middlemost.store.sql import Row, alone


def join(connection: sa.Connection, token: str, who: Arrival, *, now: float) -> Person:
    """Sign in a member of the panel that the link is for: the person they were before, or a new one.

    Only a new one uses the link up. StateError where it is used up.
    """
    alone(connection, "joining")
    allows, left = people.find_invite(connection, token, to_use=True, used_up=True)
    panel: PanelName = allows.panel or "prolific"
    before = connection.execute(
        sa.select(panelist.c.person).where(panelist.c.panel == panel, panelist.c.member == who.member)
    ).scalar()
    if before is not None:
        return people.one(connection, before)
    people.require_left(left)
    joined = people.join(connection, token, who.member, now=now)
    row = {"person": joined.id, "panel": panel, "code": allows.code or secrets.token_hex(5).upper()}
    connection.execute(sa.insert(panelist), row | vars(who))
    return joined


def code_of(connection: sa.Connection, rater: int) -> tuple[PanelName, str] | None:
    """The panel of a rater and their completion code; None for those of no panel."""
    row = connection.execute(sa.select(panelist).where(panelist.c.person == rater)).one_or_none()
    return None if row is None else (row.panel, row.code)


def every(connection: sa.Connection) -> list[Row]:
    """Everybody who came from a panel: id, pseudonym, rounds, panel, member, study, session, code, pages sent."""
    sent = (
        sa.select(sa.func.count())
        .where(assignment.c.rater == person.c.id, assignment.c.answer.is_not(None))
        .correlate(person)
        .scalar_subquery()
    )
    query = (
        sa.select(person.c.id, person.c.pseudonym, person.c.rounds, panelist.c.panel, panelist.c.member)
        .add_columns(panelist.c.study, panelist.c.session, panelist.c.code, sent.label("sent"))
        .join(person, person.c.id == panelist.c.person)
        .order_by(person.c.id)
    )
    return list(connection.execute(query))

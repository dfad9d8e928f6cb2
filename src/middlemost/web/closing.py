"""Everybody who has joined, and taking a person's access away."""

from __future__ import annotations

from typing import Literal

from fastapi import Request
from pydantic import BaseModel, Field

from middlemost.project.closing import close, closed, reopen
from middlemost.project.people import people
from middlemost.web.session import Inviter, TheProject, sessions_of


class Somebody(BaseModel):
    """A person; `closed`: their access was taken away."""

    pseudonym: str
    name: str
    role: str
    closed: bool


class Everybody(BaseModel):
    """Everybody who has joined, in the order in which they did."""

    people: list[Somebody]


class Access(BaseModel):
    """Take a person's access away, or give it back. What they answered stays."""

    person: str = Field(min_length=1, max_length=40)
    action: Literal["close", "reopen"]


def tell_people(project: TheProject, session: Inviter) -> Everybody:
    """Everybody who has joined, with their names and roles."""
    gone = closed(project)
    rows = (
        Somebody(pseudonym=p.pseudonym, name=p.name, role=p.role, closed=p.pseudonym in gone) for p in people(project)
    )
    return Everybody(people=list(rows))


def take_access(request: Request, project: TheProject, session: Inviter, given: Access) -> Everybody:
    """Take a person's access away, or give it back; how everybody stands then."""
    act = close if given.action == "close" else reopen
    sessions_of(request).forget(act(project, given.person, by=session.person))
    return tell_people(project, session)

"""Everybody who has joined, and taking a person's access away."""

from __future__ import annotations

from typing import Literal

from fastapi import Request
from pydantic import BaseModel, Field
from starlette.concurrency import run_in_threadpool

from middlemost.core.nouns import Person
from middlemost.core.roles import Role
from middlemost.project.closing import close, members, reopen
from middlemost.project.folder import Project
from middlemost.project.people import person_named
from middlemost.web.session import Inviter, TheProject, sessions_of, within_scope


class PersonRow(BaseModel):
    """A person; `closed`: their access was taken away."""

    pseudonym: str
    name: str
    role: Role
    closed: bool


class People(BaseModel):
    """Everybody who has joined, in the order in which they did."""

    people: list[PersonRow]


class AccessChange(BaseModel):
    """Take a person's access away, or give it back. What they answered stays."""

    person: str = Field(min_length=1, max_length=40)
    action: Literal["close", "reopen"]


def tell_people(project: TheProject, session: Inviter) -> People:
    """Everybody who has joined, with their names and roles."""
    everybody = members(project)
    rows = [PersonRow(pseudonym=p.pseudonym, name=p.name, role=p.role, closed=gone) for p, gone in everybody]
    return People(people=rows)


async def change_access(request: Request, project: TheProject, session: Inviter, given: AccessChange) -> People:
    """Take a person's access away, or give it back; how everybody stands then."""
    person, everybody = await run_in_threadpool(_change, project, session, given)
    # Here, where sessions are looked up too: nobody is remembered meanwhile as they were before.
    sessions_of(request).forget(person)
    return everybody


def _change(project: Project, session: Inviter, given: AccessChange) -> tuple[Person, People]:
    person = person_named(project, given.person)
    within_scope(session, person.role)
    act = close if given.action == "close" else reopen
    act(project, given.person, by=session.person)
    return person, tell_people(project, session)

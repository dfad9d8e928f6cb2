"""Who signed up and waits: leads let them in, or not."""

from __future__ import annotations

from dataclasses import asdict
from typing import Literal

from pydantic import BaseModel, Field

from middlemost.project.sign_up import applicants, decline, let_in
from middlemost.web.session import Inviter, TheProject


class Waiting(BaseModel):
    """One who waits since `made_at` (Unix seconds). They sign in by `login`, or by an account at `issuer`."""

    id: int
    name: str
    made_at: float
    login: str | None
    issuer: str | None


class Waitings(BaseModel):
    """Who waits to be let in, the longest first. `joined`: who has just been let in, by pseudonym."""

    applicants: list[Waiting]
    joined: str | None = None


class Verdict(BaseModel):
    """Let somebody in as a rater, or decline: then nothing of them is kept."""

    applicant: int = Field(ge=1, lt=2**31)
    action: Literal["let in", "decline"]


def tell_applicants(project: TheProject, session: Inviter) -> Waitings:
    """Who signed up and waits to be let in."""
    return Waitings(applicants=[Waiting(**asdict(one)) for one in applicants(project)])


def take_applicant(project: TheProject, session: Inviter, given: Verdict) -> Waitings:
    """Let somebody in who signed up, or decline; who waits still."""
    joined = None
    if given.action == "let in":
        joined = let_in(project, given.applicant, by=session.person).pseudonym
    else:
        decline(project, given.applicant, by=session.person)
    return tell_applicants(project, session).model_copy(update={"joined": joined})

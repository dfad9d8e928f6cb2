"""What leads ask of the server as JSON: the figures, decisions on items, invite links."""

from __future__ import annotations

from dataclasses import asdict, replace
from typing import Annotated, Literal

from fastapi import Header, Request
from pydantic import BaseModel, Field

from middlemost.core.estimate import Estimate
from middlemost.core.results import Agreement
from middlemost.errors import StateError
from middlemost.project.cost import Cost
from middlemost.project.course import Forecast, Window
from middlemost.project.people import LONGEST_NAME, MOST_ROUNDS, MOST_USES, invite, person_named
from middlemost.project.progress import Progress
from middlemost.project.review import review
from middlemost.project.sample import Sampled
from middlemost.project.standing import DisputedRow, Flag, QuestionRow, RaterRow, Standing
from middlemost.web.board import Board, Snapshot
from middlemost.web.session import Decider, Inviter, Reader, TheProject, within_scope

PATIENCE = 5.0
_KEY = "Made by the client, fresh for each request; a retry repeats it. Without one a retry is another request."
PerhapsKey = Annotated[str | None, Header(alias="Idempotency-Key", min_length=8, max_length=200, description=_KEY)]


class Figures(BaseModel):
    """The desk's figures at `at` (Unix seconds). `error` is the share of wrong labels, null without random gold.

    Raters have names only for those who may invite them. `cost` is null where the protocol declares no pay, `sample`
    where no items were drawn for the lead to decide.
    """

    at: float
    progress: Progress
    agreement: list[Agreement]
    error: Estimate | None
    raters: list[RaterRow]
    disputed: list[DisputedRow]
    n_disputed: int
    n_decided: int
    distribution: dict[str, int]
    labels: dict[str, int]
    note: str | None
    questions: list[QuestionRow]
    flags: list[Flag]
    n_flags: int
    over_time: list[Window]
    forecast: Forecast | None
    cost: Cost | None
    sample: Sampled | None


class Review(BaseModel):
    """A decision on an item. `scripted` marks one that no person made just now.

    `blind`: what the one who decides said of the item before they saw the others' answers.
    """

    item: str = Field(min_length=1, max_length=1000)
    label: str = Field(min_length=1, max_length=1000)
    reason: str = Field(min_length=1, max_length=2000)
    scripted: bool = False
    blind: str | None = Field(None, max_length=1000)


class Decided(BaseModel):
    """The decision as it is kept."""

    item: str
    label: str
    reason: str
    by: str
    at: float
    scripted: bool
    blind: str | None


class Invitation(BaseModel):
    """Whom a link is for. `person` (a pseudonym) makes it a new way in for somebody who has joined before."""

    uses: int = Field(1, ge=1, le=MOST_USES)
    name: Annotated[str, Field(min_length=1, max_length=LONGEST_NAME)] | None = None
    role: Literal["rater", "lead", "adjudicator", "auditor"] = "rater"
    rounds: int = Field(1, ge=1, le=MOST_ROUNDS)
    person: Annotated[str, Field(max_length=40)] | None = None


class Link(BaseModel):
    """An invite link; it is shown this once."""

    link: str


def tell_standing(request: Request, session: Reader) -> Figures:
    """Where the project stands, with everything acknowledged so far if that is quick to work out."""
    now = figures_of(request)
    shared = {name: getattr(now, name) for name in Figures.model_fields if name != "error"}
    shared["raters"] = now.raters if session.may("invite") else [replace(one, name="") for one in now.raters]
    return Figures(**shared, error=now.consensus.error if now.consensus else None)


def decide(project: TheProject, session: Decider, decision: Review, key: PerhapsKey = None) -> Decided:
    """Decide on an item: this fixes its label. The same key again makes no second decision."""
    decided = review(
        project,
        session.person,
        decision.item,
        decision.label,
        decision.reason,
        scripted=decision.scripted,
        blind=decision.blind,
        key=key,
    )
    return Decided(**asdict(decided))


def make_invite(request: Request, project: TheProject, session: Inviter, invitation: Invitation) -> Link:
    """Make an invite link."""
    person = person_named(project, invitation.person) if invitation.person else None
    # What may be handed out is judged by the role that the link gives: a lead cannot come back as the owner.
    role = person.role if person else invitation.role
    within_scope(session, role)
    token = invite(
        project,
        by=session.person,
        role=role,
        name=invitation.name,
        uses=invitation.uses,
        rounds=invitation.rounds,
        person=person,
    )
    return Link(link=str(request.base_url.replace(path=f"/join/{token}")))


def figures_of(request: Request) -> Standing:
    """Where the project stands, for programs. StateError while that is not known."""
    snapshot = snapshot_of(request, PATIENCE)
    if snapshot is None:
        raise StateError("The figures are being worked out.", mend="Ask again in some seconds.")
    return snapshot.standing


def snapshot_of(request: Request, patience: float) -> Snapshot | None:
    """The board's newest snapshot."""
    board: Board = request.app.state.board
    return board.read(patience)

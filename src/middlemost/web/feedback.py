"""Feedback: the page on which raters read what they are told of their answers, and the one on which leads tell them."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import Path
from pydantic import BaseModel, Field
from starlette.responses import HTMLResponse

from middlemost.project.feedback import (
    LONGEST_NOTE,
    MOST_PARTS,
    Feedback,
    Part,
    acknowledge,
    feedback_to,
    mistaken,
    send_feedback,
    sent_to,
)
from middlemost.project.folder import Project
from middlemost.web.desk import frame
from middlemost.web.rating import LARGEST_ID, Shown, shown_item
from middlemost.web.render import page
from middlemost.web.session import Inviter, Rater, Reader, TheProject

ItemId = Annotated[str, Field(min_length=1, max_length=1000)]
Pseudonym = Annotated[str, Path(max_length=40)]


class ToldOf(BaseModel):
    """One item of feedback: what its rater said, and how often the others said what, by question; what is right.

    `right` and `label` are null where nothing is known to be right. `late`: the answer came after the round was closed.
    """

    item: Shown
    own: dict[str, str]
    others: dict[str, dict[str, int]]
    right: bool | None
    label: str | None
    why: str | None
    late: bool


class Message(BaseModel):
    """What a rater is told: of a whole round (its name in `calibration`), of some items, or in the words of `note`.

    `read_at` (Unix seconds): when they said to have read it.
    """

    number: int
    at: float
    by: str
    note: str | None
    calibration: str | None
    purpose: str | None
    parts: list[ToldOf]
    read_at: float | None


class Messages(BaseModel):
    """All that a rater was told, newest first."""

    feedback: list[Message]


class HasRead(BaseModel):
    """Which feedback the rater has read."""

    feedback: int = Field(ge=1, le=LARGEST_ID)


class Sent(BaseModel):
    """Feedback for one rater: a note, and items that a lead decided on; with `calibration`, items of that round."""

    rater: str = Field(min_length=1, max_length=40)
    note: str | None = Field(None, max_length=LONGEST_NOTE)
    items: Annotated[list[ItemId], Field(max_length=MOST_PARTS)] = []
    calibration: int | None = Field(None, ge=1, lt=2**31)


def show_feedback(project: TheProject, session: Rater) -> HTMLResponse:
    """What the rater is told, newest first."""
    shown = page(
        "feedback.html.j2",
        protocol=project.protocol,
        person=session.person,
        csrf=session.csrf,
        told=[_shown(project, one) for one in feedback_to(project, session.person)],
    )
    return HTMLResponse(shown)


def tell_feedback(project: TheProject, session: Rater) -> Messages:
    """What the rater is told, newest first."""
    return Messages(feedback=[_message(project, one) for one in feedback_to(project, session.person)])


def take_read(project: TheProject, session: Rater, given: HasRead) -> HasRead:
    """Note that the rater has read it."""
    acknowledge(project, session.person, given.feedback)
    return given


def show_sent(project: TheProject, session: Reader, rater: Pseudonym) -> HTMLResponse:
    """What one rater was told, and how to tell them something."""
    shown = page(
        "desk/feedback.html.j2",
        **frame(project, session, "raters"),
        rater=rater,
        told=sent_to(project, rater),
        mistaken=mistaken(project, rater),
        longest=LONGEST_NOTE,
    )
    return HTMLResponse(shown)


def tell_sent(project: TheProject, session: Reader, rater: Pseudonym) -> Messages:
    """What one rater was told, newest first, and whether they have read it."""
    return Messages(feedback=[_message(project, one) for one in sent_to(project, rater)])


def send(project: TheProject, session: Inviter, given: Sent) -> Messages:
    """Tell one rater of their answers; what they were told then."""
    send_feedback(project, given.rater, given.note, given.items, calibration=given.calibration, by=session.person)
    return tell_sent(project, session, given.rater)


def _message(project: Project, one: Feedback) -> Message:
    return Message(**(vars(one) | {"parts": [ToldOf(**_part(project, part)) for part in one.parts]}))


def _shown(project: Project, one: Feedback) -> dict[str, Any]:
    return vars(one) | {
        "parts": [vars(part) | {"shown": shown_item(project.protocol, part.item)} for part in one.parts]
    }


def _part(project: Project, part: Part) -> dict[str, Any]:
    return vars(part) | {"item": shown_item(project.protocol, part.item)}

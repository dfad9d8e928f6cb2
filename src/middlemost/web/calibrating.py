"""Calibration rounds: raters judge the same items on the page of training; leads begin, look through and close them."""

from __future__ import annotations

from http import HTTPStatus
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Annotated, Literal

from fastapi import Path as InPath
from fastapi import Request
from pydantic import BaseModel, Field
from starlette.concurrency import run_in_threadpool
from starlette.responses import HTMLResponse, RedirectResponse, Response

from middlemost.agreement.names import TITLES
from middlemost.core.calibrating import Calibration
from middlemost.errors import InputError
from middlemost.project.calibrate import (
    LONGEST_NAME,
    LONGEST_PURPOSE,
    LONGEST_WHY,
    MOST_ITEMS,
    Chosen,
    Turn,
    begin,
    calibrations,
    close,
    judge,
    say,
    summons,
    turn,
)
from middlemost.project.calibrated import RoundDetail, calibrated, pulse
from middlemost.project.feedback import unread
from middlemost.project.folder import Project
from middlemost.project.qualify import Practice
from middlemost.web.desk import frame, option_texts
from middlemost.web.learning import Practised, Task, learning_page, task_of
from middlemost.web.rating import Key
from middlemost.web.render import page
from middlemost.web.session import Decider, Inviter, Rater, Reader, TheProject

LARGEST_FILE = 60_000

Number = Annotated[int, InPath(ge=1, lt=2**31)]
Name = Annotated[str, Field(min_length=1, max_length=40)]


class RoundStand(BaseModel):
    """Where a rater stands: `done` of the `total` items of the round that is open; closed: none is.

    `late`: the answer given just now came after its round was closed: it is kept, and not counted.
    """

    where: Literal["calibration", "calibrated", "closed"]
    done: int
    total: int
    late: bool


class RoundStep(BaseModel):
    """Where the rater stands in the round, and what comes next. There is no feedback while it is open."""

    course: RoundStand
    task: Task | None


class GivenFile(BaseModel):
    """A file with the columns of items, and perhaps `label` and `why`; its name says what it is (.csv, .jsonl)."""

    name: str = Field(pattern=r"^[^/\\\x00]{1,200}\.(csv|tsv|jsonl|ndjson)$")
    text: str = Field(max_length=LARGEST_FILE)


class Begun(BaseModel):
    """A round to begin: on so many items drawn at random by `seed`, on the most disputed, or on those of a file.

    `raters`: pseudonyms, all who are admitted if null. `first`: it goes before their next items.
    """

    name: str = Field(min_length=1, max_length=LONGEST_NAME)
    purpose: str = Field(min_length=1, max_length=LONGEST_PURPOSE)
    sample: int | None = Field(None, ge=1, le=MOST_ITEMS)
    disputed: int | None = Field(None, ge=1, le=MOST_ITEMS)
    file: GivenFile | None = None
    seed: int = Field(0, ge=0, lt=2**31)
    raters: Annotated[list[Name], Field(max_length=1000)] | None = None
    first: bool = False


class Calibrations(BaseModel):
    """All rounds, oldest first."""

    rounds: list[Calibration]


class Said(BaseModel):
    """What is right of an item of a round, and why; either may be null."""

    item: str = Field(min_length=1, max_length=1000)
    label: str | None = Field(None, max_length=1000)
    why: str | None = Field(None, max_length=LONGEST_WHY)


class Closing(BaseModel):
    """Whether raters are told how it went."""

    feedback: bool


# -- raters


def show_round(request: Request, project: TheProject, session: Rater) -> Response:
    """The page on which raters judge the items of a round; without one, to what there is to read, or to the items."""
    called = summons(project, session.person)
    if called is None:
        return RedirectResponse("/feedback" if unread(project, session.person) else "/rate", HTTPStatus.SEE_OTHER)
    about = {"title": "Calibration round", "asks": "/api/calibration", "summons": called}
    return HTMLResponse(learning_page(request, project, session, **about))


async def next_judged(project: TheProject, session: Rater) -> RoundStep:
    """What the rater has to judge next in the round that is open. Asking again changes nothing."""
    return _step(project, await run_in_threadpool(turn, project, session.person))


async def take_judged(project: TheProject, session: Rater, given: Practised, key: Key) -> RoundStep:
    """Keep an answer to an item of a round, even if it was closed meanwhile; what comes next, without feedback."""
    said = given.value if given.values is None else given.values
    sent = Practice(given.exercise, said, key, given.active_ms)
    return _step(project, await run_in_threadpool(judge, project, session.person, sent))


def _step(project: Project, found: Turn) -> RoundStep:
    called = found.summons
    if called is None or found.late:
        return RoundStep(course=RoundStand(where="closed", done=0, total=0, late=found.late), task=None)
    where: Literal["calibration", "calibrated"] = "calibration" if found.exercise else "calibrated"
    course = RoundStand(where=where, done=called.done, total=called.total, late=False)
    return RoundStep(course=course, task=task_of(project, found.exercise))


# -- leads


def show_rounds(project: TheProject, session: Reader) -> HTMLResponse:
    """All rounds, and how to begin one."""
    shown = page(
        "desk/rounds.html.j2",
        **frame(project, session, "rounds"),
        rounds=list(reversed(calibrations(project))),
        most={"items": MOST_ITEMS, "name": LONGEST_NAME, "purpose": LONGEST_PURPOSE, "file": LARGEST_FILE},
    )
    return HTMLResponse(shown)


def show_calibrated(request: Request, project: TheProject, session: Reader, number: Number) -> Response:
    """One round: who is done, how far raters agree, where they part; what is right; closing it."""
    mark = '"{}"'.format("-".join(map(str, pulse(project, number))))
    if request.headers.get("if-none-match") == mark:
        return Response(status_code=HTTPStatus.NOT_MODIFIED, headers={"ETag": mark})
    shown = page(
        "desk/round.html.j2",
        **frame(project, session, "rounds"),
        found=calibrated(project, number),
        coefficients=TITLES,
        names=option_texts(project),
        longest=LONGEST_WHY,
    )
    return HTMLResponse(shown, headers={"ETag": mark})


def tell_rounds(project: TheProject, session: Reader) -> Calibrations:
    """All calibration rounds."""
    return Calibrations(rounds=list(calibrations(project)))


def tell_round(project: TheProject, session: Reader, number: Number) -> RoundDetail:
    """One round: who is done, agreement, all answers side by side."""
    return calibrated(project, number)


def begin_round(project: TheProject, session: Inviter, given: Begun) -> Calibration:
    """Begin a calibration round."""
    with TemporaryDirectory() as folder:
        file = None if given.file is None else Path(folder) / given.file.name
        if file is not None and given.file is not None:
            file.write_text(given.file.text, "utf-8")
        try:
            return _begun(project, session, given, file)
        except InputError as error:
            raise _without(folder, error) from None


def _begun(project: Project, session: Inviter, given: Begun, file: Path | None) -> Calibration:
    return begin(
        project,
        given.name,
        given.purpose,
        Chosen(given.sample, given.disputed, file, given.seed),
        raters=given.raters,
        first=given.first,
        by=session.person,
    )


def take_said(project: TheProject, session: Decider, number: Number, given: Said) -> RoundDetail:
    """Say what is right of an item of an open round, and why; the round then."""
    say(project, number, given.item, given.label, given.why, by=session.person)
    return tell_round(project, session, number)


def close_round(project: TheProject, session: Inviter, number: Number, given: Closing) -> Calibration:
    """Close a round, with feedback to its raters or without."""
    return close(project, number, feedback=given.feedback, by=session.person)


def _without(folder: str, error: InputError) -> InputError:
    """A mistake in a file that was sent: where the server put it is nobody's business."""
    place = error.place
    line = f" (line {place.line})" if place and place.line else ""
    return InputError(f"{error.message.replace(folder, '')}{line}", mend=error.mend)

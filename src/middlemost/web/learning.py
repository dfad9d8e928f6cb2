"""Training and tests: the page on which raters go through them, and what leads say of who may begin."""

from __future__ import annotations

from typing import Any, Literal

from fastapi import Request
from pydantic import BaseModel, Field
from starlette.concurrency import run_in_threadpool
from starlette.responses import HTMLResponse, RedirectResponse, Response

from middlemost.core.nouns import Item
from middlemost.core.qualifying import Course, Exercise, Where
from middlemost.project.folder import Project
from middlemost.project.people import SignedIn
from middlemost.project.qualify import (
    LONGEST_REASON,
    Candidate,
    Feedback,
    Lesson,
    Practice,
    admit,
    candidates,
    lesson,
    practise,
    send_again,
)
from middlemost.web.rating import MODULES, Id, Key, Shown, shown_item
from middlemost.web.render import page, prose
from middlemost.web.session import Inviter, Rater, Reader, TheProject, sessions_of

TAKEN = ("api", "item", "keys", "questionnaire", "questions/parts", "stopwatch")


class Marks(BaseModel):
    """How many of how many answers were right in a try."""

    number: int
    right: int
    of: int


class Stand(BaseModel):
    """Where a rater stands: `done` of `total` exercises. `until` (Unix seconds): when the next try may begin."""

    where: Where
    done: int
    total: int
    number: int
    tries: int
    until: float | None
    last: Marks | None


class Told(BaseModel):
    """Whether an answer was right, what is right, and why; null where no answer is."""

    right: bool | None
    label: str | None
    why: str | None


class Task(BaseModel):
    """An exercise."""

    id: int
    item: Shown


class Step(BaseModel):
    """Where the rater stands, what comes next, and, in training, feedback on the answer just given."""

    course: Stand
    task: Task | None
    feedback: Told | None = None


class Practised(BaseModel):
    """An answer to an exercise: `value` answers the project's only question, `values` answers several by their ids."""

    exercise: Id
    value: Any = None
    values: dict[str, Any] | None = None
    active_ms: int | None = Field(None, ge=0, lt=2**31)


class Admission(BaseModel):
    """Let a rater begin although they have not passed, or send them through training and test once more."""

    rater: str = Field(min_length=1, max_length=40)
    action: Literal["admit", "again"]
    reason: str = Field(min_length=1, max_length=LONGEST_REASON)


class Standing(BaseModel):
    """Where one rater stands; `turn` counts how often they were asked to go through it all."""

    rater: str
    course: Stand
    turn: int
    admitted_at: float | None
    reason: str | None


class Standings(BaseModel):
    """Where all raters stand."""

    raters: list[Standing]


def show(request: Request, project: TheProject, session: Rater) -> Response:
    """The page on which raters are trained and tested."""
    if project.protocol.collection.qualification is None:
        return RedirectResponse("/rate", 303)
    return HTMLResponse(learning_page(request, project, session, title="Training", asks="/api/training", summons=None))


def learning_page(request: Request, project: Project, session: SignedIn, **about: object) -> str:
    """The page of exercises. `about`: its title, the address that it `asks`, the `summons` of a round or None."""
    return page(
        "learn.html.j2",
        **about,
        protocol=project.protocol,
        specs=[one.spec() for one in project.questions_for(session.person)],
        labels={one.id: one.text for one in project.protocol.main.options} if project.protocol.main else {},
        modules=[one for one in MODULES if one.removesuffix(".js") in TAKEN],
        keep=f"{sessions_of(request).cookie}:{project.founded}:{session.person.pseudonym}",
        guidelines=prose(project.guidelines),
        person=session.person,
        csrf=session.csrf,
    )


async def next_step(project: TheProject, session: Rater) -> Step:
    """What the rater has to go through next. Asking again changes nothing."""
    return _step(project, await run_in_threadpool(lesson, project, session.person))


async def take_practice(project: TheProject, session: Rater, given: Practised, key: Key) -> Step:
    """Keep an answer to an exercise: feedback on it in training, and what comes next."""
    said = given.value if given.values is None else given.values
    sent = Practice(given.exercise, said, key, given.active_ms)
    return _step(project, await run_in_threadpool(practise, project, session.person, sent))


def tell_admissions(project: TheProject, session: Reader) -> Standings:
    """Where all raters stand in training and test; nobody where the protocol asks for neither."""
    return Standings(raters=[standing_row(one) for one in candidates(project)])


def take_admission(project: TheProject, session: Inviter, given: Admission) -> Standings:
    """Let a rater begin, or send them through training and test once more; where all stand then."""
    act = admit if given.action == "admit" else send_again
    act(project, given.rater, given.reason, by=session.person)
    return tell_admissions(project, session)


def standing_row(one: Candidate) -> Standing:
    """A rater as the interface shows one."""
    return Standing(
        rater=one.rater, course=_stand(one.course), turn=one.turn, admitted_at=one.admitted_at, reason=one.reason
    )


def _step(project: Project, found: Lesson) -> Step:
    return Step(course=_stand(found.course), task=task_of(project, found.exercise), feedback=_told(found.feedback))


def task_of(project: Project, exercise: Exercise | None) -> Task | None:
    """An exercise as pages show it."""
    if exercise is None:
        return None
    shown = shown_item(project.protocol, Item(exercise.id, exercise.text, exercise.fields))
    return Task(id=exercise.seq, item=shown)


def _stand(one: Course) -> Stand:
    last = Marks(**vars(one.last)) if one.last else None
    return Stand(**(vars(one) | {"last": last}))


def _told(one: Feedback | None) -> Told | None:
    return Told(**vars(one)) if one else None

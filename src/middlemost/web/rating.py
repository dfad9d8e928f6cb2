"""The rater's page, and what it asks of the server: the next items, and to keep answers."""

from __future__ import annotations

from asyncio import wrap_future
from dataclasses import asdict
from http import HTTPStatus
from typing import Annotated, Any, Literal
from urllib.parse import quote

from fastapi import Header, Request, Response
from pydantic import BaseModel, BeforeValidator, Field
from starlette.concurrency import run_in_threadpool
from starlette.responses import FileResponse, HTMLResponse

from middlemost.core import nouns
from middlemost.core.calibrating import Summons
from middlemost.core.protocol import Protocol
from middlemost.core.questions import Ranking
from middlemost.core.shown import turns
from middlemost.errors import CalibratingError, ChangedError, NotAdmittedError
from middlemost.project.about import offer
from middlemost.project.answer import MOST_READ, answer_later, take_back
from middlemost.project.calibrate import summons
from middlemost.project.feedback import unread
from middlemost.project.flag import LONGEST_NOTE, flag_later
from middlemost.project.folder import Project
from middlemost.project.next import next_later, reached_limit, skip_later
from middlemost.project.own import guideline_changes
from middlemost.project.panel import completion_of
from middlemost.project.people import SignedIn
from middlemost.project.pictures import picture
from middlemost.project.progress import rater_progress
from middlemost.web.render import html, page, prose
from middlemost.web.session import Anyone, Rater, TheProject, current_of, sessions_of

SKIP_REASONS = (
    "I do not understand it",
    "It is broken or cut off",
    "It is in a language that I do not read",
    "I would rather not look at this",
)
LARGEST_ID = 2**63 - 1
MODULES = tuple(
    f"{name}.js" for name in "api item kept keys outbox questionnaire questions/parts reading stopwatch supply".split()
)

Id = Annotated[int, Field(ge=1, le=LARGEST_ID)]
KEY = "Made by the client, fresh for each answer; a retry repeats it."
Key = Annotated[str, Header(alias="Idempotency-Key", min_length=8, max_length=200, description=KEY)]


EDITION = "The edition that came with the items: under which protocol and guidelines the answer was given."
GIVEN = "Where it is taken back, the earlier answer; of a page with several questions, answers by question."


class Want(BaseModel):
    """How many assignments to hold; `tally` asks for the counts as well."""

    want: int = Field(3, ge=1, le=20)
    tally: bool = True


class Shown(BaseModel):
    """What a rater sees of an item: beside its text, what the protocol has it shown as, and the lists to be ranked.

    `covered`: only once they ask for it.
    """

    id: str
    text: str
    html: str | None = None
    turns: list[dict[str, str]] | None = None
    image: str | None = None
    lists: dict[str, list[dict[str, str]]] | None = None
    covered: bool = False


class Lent(BaseModel):
    """An item lent to the rater: until when (Unix seconds), and how many seconds that is from now."""

    id: int
    item: Shown
    round: int
    expires_at: float
    expires_in: float
    given: Any = Field(None, description=GIVEN)


class Tally(BaseModel):
    """How many answers the rater has given, and how many there still are to give."""

    done: int
    left: int


class Limit(BaseModel):
    """Why nothing more is given: the most of its kind was reached. `until` (Unix seconds) is null where it lasts."""

    what: Literal["items", "a_day", "a_session"]
    most: int
    until: float | None


class Code(BaseModel):
    """The code that a rater of a panel shows there, now that they are done, and where to go with it."""

    code: str
    link: str | None
    panel: str


class Batch(BaseModel):
    """What the rater holds, oldest first. `done` and `left` are absent where they were not asked for.

    `edition`: the protocol and guidelines in force; answers carry it back. Where it is another one than a page was made
    under, the page is to be loaded again.

    `limit` says why there are not more of them, where a limit of the protocol is the reason; `training`, that there is
    training or a test to go through first; `calibration`, that a round waits. `completion` is for raters of a panel who
    are done. `unread`: how much feedback they have not read; with the counts.
    """

    assignments: list[Lent]
    edition: str
    limit: Limit | None = None
    training: bool = False
    calibration: Summons | None = None
    unread: int | None = None
    completion: Code | None = None
    done: int | None = None
    left: int | None = None


def _bounded(given: object) -> list[str]:
    """What is noted beside an answer is never a reason to refuse it: what it cannot be is dropped."""
    return [one for one in given[:MOST_READ] if isinstance(one, str)] if isinstance(given, list) else []


READ = "Sections of the guidelines that were read while the item was open; what is none of them is dropped."


class GivenAnswer(BaseModel):
    """A page on its way in: `value` answers the project's only question, `values` answers several by their ids."""

    assignment: Id
    value: Any = Field(None, description="The answer to the only question, in the form of its type.")
    values: dict[str, Any] | None = Field(None, description="Answers by question; what is not answered is left out.")
    edition: str | None = Field(None, max_length=100, description=EDITION)
    started_at: float | None = Field(None, ge=0, le=1e11, allow_inf_nan=False)
    active_ms: int | None = Field(None, ge=0, lt=2**31)
    read: Annotated[list[str], BeforeValidator(_bounded)] = Field([], max_length=MOST_READ, description=READ)


class Kept(BaseModel):
    """The promise that the answer is on disk."""

    answer: int
    kept: nouns.Kept
    revision: int


class Skip(BaseModel):
    """Why an item is passed over."""

    assignment: Id
    reason: str = Field(min_length=1, max_length=500)


class Flag(BaseModel):
    """What the lead should know of an item."""

    assignment: Id
    note: str = Field(min_length=1, max_length=LONGEST_NOTE)


class Flagged(BaseModel):
    """That the lead sees it."""

    flagged: Id


class Skipped(BaseModel):
    """That the item will not come again."""

    skipped: Id


class Before(BaseModel):
    """Which answer is asked for: the last one, the one given before assignment `before`, or that to `assignment`."""

    before: Id | None = None
    assignment: Id | None = None


class TakenBack(BaseModel):
    """The assignment answered last, with the answer that was `given`; null if there is none."""

    assignment: Lent | None


async def show(request: Request, project: TheProject, session: Rater) -> HTMLResponse:
    """The page on which raters answer."""
    questions = project.protocol.questions
    types = dict.fromkeys(f"questions/{one.type}.js" for one in questions)
    shown = page(
        "rate.html.j2",
        protocol=project.protocol,
        specs=[one.spec() for one in project.questions_for(session.person)],
        modules=(*MODULES, *types),
        keep=f"{sessions_of(request).cookie}:{project.founded}:{session.person.pseudonym}",
        guidelines=prose(project.guidelines),
        guideline_version=project.guideline_version,
        changes=guideline_changes(project, session.person),
        offer=offer(project, session.person),
        skip_reasons=SKIP_REASONS,
        person=session.person,
        edition=project.edition,
        csrf=session.csrf,
    )
    return HTMLResponse(shown)


async def lend(project: TheProject, session: Rater, wanted: Want) -> Batch:
    """What the rater holds, filled up to `want` assignments; none before training is gone through and the test passed.

    None before a calibration round that goes first, either. Asking again changes nothing.
    """
    try:
        held = await wrap_future(next_later(project, session.person, wanted.want))
    except NotAdmittedError:
        return Batch(assignments=[], edition=project.edition, training=True, done=0, left=0)
    except CalibratingError:
        return _counted(project, session, Batch(assignments=[], edition=project.edition))
    batch = Batch(assignments=[_lent(project, one) for one in held], edition=project.edition)
    if len(held) < wanted.want and (limit := reached_limit(project, session.person, len(held))):
        batch.limit = Limit(**asdict(limit))
    if not held and (shown := completion_of(project, session.person)):
        batch.completion = Code(**asdict(shown))
    return _counted(project, session, batch) if wanted.tally else batch


def _counted(project: Project, session: SignedIn, batch: Batch) -> Batch:
    """With the counts, the round that waits for the rater, and what there is for them to read."""
    tally = rater_progress(project, session.person)
    batch.done, batch.left = tally.done, tally.left
    batch.unread = unread(project, session.person)
    if (called := summons(project, session.person)) and called.done < called.total:
        batch.calibration = called
    return batch


async def take_answer(request: Request, session: Rater, given: GivenAnswer, key: Key, response: Response) -> Kept:
    """Keep an answer; it is on disk when this returns. 200 if the key was seen before, 201 if it is new."""
    submission, current = _submission(given, key), current_of(request)
    try:
        receipt = await wrap_future(answer_later(current.project, session.person, submission))
    except ChangedError:
        if not await run_in_threadpool(current.follow):
            raise
        receipt = await wrap_future(answer_later(current.project, session.person, submission))
    if receipt.repeated:
        response.status_code = HTTPStatus.OK
    return Kept(answer=receipt.answer, kept=receipt.kept, revision=receipt.revision)


def _submission(given: GivenAnswer, key: str) -> nouns.Submission:
    said = given.value if given.values is None else given.values
    when, read = (given.started_at, given.active_ms), tuple(given.read)
    return nouns.Submission(given.assignment, said, key, *when, edition=given.edition, read=read)


async def take_skip(project: TheProject, session: Rater, skip: Skip) -> Skipped:
    """Give an item back unanswered; it does not come again to this rater."""
    await wrap_future(skip_later(project, session.person, skip.assignment, skip.reason))
    return Skipped(skipped=skip.assignment)


async def take_flag(project: TheProject, session: Rater, raised: Flag, key: Key) -> Flagged:
    """Tell the lead something of an item; it stays the rater's to answer."""
    await wrap_future(flag_later(project, session.person, raised.assignment, raised.note, key))
    return Flagged(flagged=raised.assignment)


async def give_back(project: TheProject, session: Rater, which: Before) -> TakenBack:
    """The rater's own earlier answer, to be corrected by another one for the same assignment. A read."""
    earlier = take_back(project, session.person, which.before, which.assignment)
    return TakenBack(assignment=_lent(project, earlier) if earlier else None)


async def tell_progress(project: TheProject, session: Rater) -> Tally:
    """How far the rater is."""
    tally = rater_progress(project, session.person)
    return Tally(done=tally.done, left=tally.left)


def shown_item(protocol: Protocol, item: nouns.Item) -> Shown:
    """An item as pages show it."""
    shown = Shown(id=item.id, text=item.text, covered=bool(protocol.harm and protocol.harm.covers(item.fields)))
    if protocol.show == "markdown":
        shown.html = str(html(item.text))
    elif protocol.show == "conversation":
        shown.turns = turns(item.fields)
    elif protocol.show == "image":
        shown.image = f"/files/{quote(str(item.fields.get('image')))}"
    ranked = [one for one in protocol.questions if isinstance(one, Ranking) and one.field]
    if ranked:
        shown.lists = {str(one.field): _entries(one, item) for one in ranked}
    return shown


def _entries(question: Ranking, item: nouns.Item) -> list[dict[str, str]]:
    return [{"id": name, "text": text} for name, text in question.entries(item).items()]


def show_picture(project: TheProject, session: Anyone, name: str) -> FileResponse:
    """An image of the project's folder."""
    path, kind = picture(project, name)
    return FileResponse(path, media_type=kind, headers={"Cache-Control": "private, max-age=86400"})


def _given(project: Project, lent: nouns.Assignment) -> object:
    """The earlier answer as it was sent: one value where there is one question."""
    if lent.given is None or len(project.protocol.questions) > 1:
        return lent.given
    return lent.given.get(project.protocol.question.id)


def _lent(project: Project, lent: nouns.Assignment) -> Lent:
    return Lent(
        id=lent.id,
        item=shown_item(project.protocol, lent.item),
        round=max(1, lent.round),  # that of control items would give them away
        expires_at=lent.expires_at,
        expires_in=max(0.0, lent.expires_at - project.store.clock()),
        given=_given(project, lent),
    )

"""The desk's page of items drawn at random for somebody to decide on, blind first; and the same for programs."""

from __future__ import annotations

from http import HTTPStatus
from typing import Annotated
from urllib.parse import quote

from fastapi import Request
from pydantic import BaseModel, Field
from starlette.responses import HTMLResponse, RedirectResponse, Response

from middlemost.core.words import plural
from middlemost.project.sample import MOST, SEEDS, USUAL, Sample, awaiting, draw, require_decidable, sample
from middlemost.store.samples import Draw
from middlemost.view.pages import count
from middlemost.web.desk import frame
from middlemost.web.headline import Headline
from middlemost.web.leading import snapshot_of
from middlemost.web.render import page
from middlemost.web.session import Decider, Reader, TheProject


class ToDraw(BaseModel):
    """How many items to draw; without a `seed` one is drawn."""

    n: Annotated[int, Field(ge=1, le=MOST)] = USUAL
    seed: Annotated[int, Field(ge=0, lt=SEEDS)] | None = None


class OneDraw(BaseModel):
    """A draw of `n` items out of `frame`; `decided` of them are, blind. `counts`: they are gold, drawn at random."""

    draw: int
    seed: int
    frame: int
    n: int
    by: str | None
    at: float
    decided: int
    counts: bool


class Draws(BaseModel):
    """All draws, oldest first; the items that wait to be decided, in their order; how many could be drawn now."""

    draws: list[OneDraw]
    awaiting: list[str]
    frame: int


def show_sample(request: Request, project: TheProject, session: Reader) -> Response:
    """What was drawn, how far it is decided, and the form to draw more."""
    require_decidable(project)
    found = sample(project)
    snapshot = snapshot_of(request, 0.3)
    error = snapshot.standing.consensus.error if snapshot and snapshot.standing.consensus else None
    shown = page(
        "desk/sample.html.j2",
        **frame(project, session, "sample"),
        found=found,
        headline=headline(found),
        error=error,
        usual=min(USUAL, found.frame),
        most=min(MOST, found.frame),
    )
    return HTMLResponse(shown)


def show_next_drawn(project: TheProject, session: Decider) -> Response:
    """To the next drawn item that waits, without the others' answers; back to the sample where none does."""
    following = next(iter(awaiting(project)), None)
    address = "/desk/sample" if following is None else f"/desk/items/{quote(following, safe='')}?blind=1"
    return RedirectResponse(address, HTTPStatus.SEE_OTHER)


def tell_sample(project: TheProject, session: Reader) -> Draws:
    """The draws of items for somebody to decide on, and which of them wait."""
    require_decidable(project)
    found = sample(project)
    draws = [_made(one, counts=one.id in found.counting) for one in found.draws]
    return Draws(draws=draws, awaiting=list(found.awaiting), frame=found.frame)


def take_draw(project: TheProject, session: Decider, wanted: ToDraw) -> OneDraw:
    """Draw items at random from those with answers, to be decided on blind; they are lent to raters no more."""
    return _made(draw(project, session.person, wanted.n, wanted.seed), counts=False)


def _made(one: Draw, *, counts: bool) -> OneDraw:
    return OneDraw(
        draw=one.id,
        seed=one.seed,
        frame=one.frame,
        n=one.n,
        by=one.by,
        at=one.at,
        decided=one.decided,
        counts=counts,
    )


def headline(found: Sample) -> Headline:
    """How far the sample is, and what it says by that."""
    now = found.progress
    if now is None:
        return Headline("No sample has been drawn yet.", _WHY)
    if found.awaiting:
        said = f"{count(now.decided)} of {plural(now.n, 'drawn item')} decided."
        return Headline(
            said,
            f"They count once all of them are: the easy ones first would make it look better. {_so_far(now.counts)}",
        )
    why = "What was said blind is gold now, drawn at random: it says how many labels are wrong."
    return Headline(f"All {count(now.n)} drawn items are decided: the sample counts.", why)


def _so_far(counts: int) -> str:
    return (
        f"Until then the sample before, of {plural(counts, 'item')}, goes on counting."
        if counts
        else "Until then nothing of it does."
    )


_WHY = (
    "Decisions on disputed items settle these and say nothing of the rest. What you say of items drawn at random, "
    "before you see the answers, says how many of all labels are wrong."
)

"""What raters see of their own work: the list of their answers, each of which they can correct."""

from __future__ import annotations

from typing import Annotated

from fastapi import Query
from pydantic import BaseModel
from starlette.responses import HTMLResponse

from middlemost.project.own import MOST, OwnAnswer, own_answers
from middlemost.web.render import page
from middlemost.web.session import Rater, TheProject

SHOWN = 50

Before = Annotated[int | None, Query(ge=1, lt=2**62)]


class OwnAnswers(BaseModel):
    """A rater's own answers, newest first. `before` is the cursor of the next page, null on the last."""

    answers: list[OwnAnswer]
    before: int | None


def show_own(project: TheProject, session: Rater, before: Before = None) -> HTMLResponse:
    """The list of one's own answers."""
    found = own_answers(project, session.person, before, SHOWN + 1)
    shown = page(
        "own.html.j2",
        protocol=project.protocol,
        answers=found[:SHOWN],
        following=found[SHOWN - 1].number if len(found) > SHOWN else None,
        begun=before is not None,
    )
    return HTMLResponse(shown)


def tell_own(
    project: TheProject, session: Rater, before: Before = None, most: Annotated[int, Query(ge=1, le=MOST - 1)] = SHOWN
) -> OwnAnswers:
    """One's own answers as they stand, newest first, in pages."""
    found = own_answers(project, session.person, before, most + 1)
    return OwnAnswers(answers=list(found[:most]), before=found[most - 1].number if len(found) > most else None)

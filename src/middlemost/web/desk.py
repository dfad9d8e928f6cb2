"""The desk: the pages on which a lead sees where the project stands and decides."""

from __future__ import annotations

from collections.abc import Container
from dataclasses import replace
from http import HTTPStatus
from typing import Annotated
from urllib.parse import quote

import polars as pl
from fastapi import Query, Request
from starlette.responses import HTMLResponse, RedirectResponse, Response

from middlemost.agreement.names import TITLES
from middlemost.core.questions.base import texts
from middlemost.core.results import Consensus
from middlemost.core.roles import MAY_INVITE, WHAT_FOR
from middlemost.core.values import CODE, NUMBER
from middlemost.project.breakdown import PICTURED
from middlemost.project.closing import closed
from middlemost.project.folder import Project
from middlemost.project.people import MOST_ROUNDS, MOST_USES, SignedIn
from middlemost.project.qualify import candidates, words
from middlemost.project.sample import awaiting
from middlemost.project.sign_up import applicants
from middlemost.project.standing import DisputedRow, ItemDetail, QuestionRow, RaterRow, Standing, item_detail
from middlemost.web.groups import who
from middlemost.web.headline import headline
from middlemost.web.leading import snapshot_of
from middlemost.web.rating import shown_item
from middlemost.web.render import page
from middlemost.web.session import Decider, Reader, TheProject

# A page waits this long for figures that show the newest answers; then it shows the last ones and follows by itself.
PATIENCE = 0.3
DISPUTED_SHOWN = 12
FLAGS_SHOWN = 12
ENDS = 10  # pairs of raters from either end of a list that is too long
MOST_LISTED = 30  # different answers that a table can show

Said = Annotated[str, Query(max_length=200)]


def show_today(request: Request, project: TheProject, session: Reader) -> Response:
    """The first page: one sentence, then what it rests on."""
    snapshot = snapshot_of(request, PATIENCE)
    if snapshot is None:
        return HTMLResponse(page("desk/waiting.html.j2", **frame(project, session, "today")))
    now, labels, drawn = snapshot.standing, option_texts(project), awaiting(project)
    main = project.protocol.main.id if project.protocol.main else None
    return _live(
        request,
        now,
        page(
            "desk/today.html.j2",
            **frame(project, session, "today"),
            now=now,
            headline=headline(now, project.protocol.paradigm),
            coefficients=TITLES,
            raters=[rater_row(one) for one in now.raters],
            disputed=[disputed_row(one, labels, session, drawn) for one in now.disputed[:DISPUTED_SHOWN]],
            others=[question_row(one, project) for one in now.questions if one.id != main],
            flags_shown=FLAGS_SHOWN,
            folder=project.folder,
        ),
    )


def show_raters(request: Request, project: TheProject, session: Reader) -> Response:
    """Everybody who answers, and how to invite more."""
    snapshot = snapshot_of(request, PATIENCE)
    raters = snapshot.standing.raters if snapshot else ()
    limits = {"most_uses": MOST_USES, "most_rounds": MOST_ROUNDS}
    roles = {"may_invite": MAY_INVITE[session.person.role], "what_for": WHAT_FOR}
    courses = {one.rater: (one.course.where, words(one.course)) for one in candidates(project)}
    shown = page(
        "desk/raters.html.j2",
        **frame(project, session, "raters"),
        **limits,
        **roles,
        raters=raters,
        courses=courses,
        gone=closed(project),
        applicants=applicants(project) if session.may("invite") else (),
        **matrix(snapshot.standing.pairs if snapshot else None),
        **who(snapshot.standing if snapshot else None, session),
    )
    return _live(request, snapshot.standing, shown) if snapshot else HTMLResponse(shown)


def show_next(request: Request, project: TheProject, session: Decider) -> Response:
    """To the most disputed item that nobody has decided on, without the others' answers; to the list where none is."""
    snapshot = snapshot_of(request, PATIENCE)
    following = next_undecided(snapshot.standing) if snapshot else None
    address = "/desk/items?state=disputed" if following is None else f"/desk/items/{quote(following, safe='')}?blind=1"
    return RedirectResponse(address, HTTPStatus.SEE_OTHER)


def show_item(
    request: Request, project: TheProject, session: Reader, item_id: str, said: Said = "", blind: bool = False
) -> Response:
    """One item with all its answers side by side, and the form to decide on it.

    Adjudicators first say what they think without the others' answers (`said`); leads do so where they ask for it.
    """
    detail, drawn = item_detail(project, item_id), awaiting(project)
    waits = item_id in drawn
    if _is_blind(project, session, detail, blind=blind, waits=waits) and said not in project.options:
        shown = page(
            "desk/blind.html.j2",
            **frame(project, session, "item"),
            item=detail.item,
            shown=shown_item(project.protocol, detail.item),
            waiting=len(drawn) if waits else 0,
            again=bool(detail.decisions),
        )
        return HTMLResponse(shown)
    snapshot = snapshot_of(request, 0.0)
    concluded = _concluded(snapshot.standing.consensus if snapshot else None, item_id)
    following = next_undecided(snapshot.standing, item_id) if snapshot else None
    shown = page(
        "desk/item.html.j2",
        **frame(project, session, "item"),
        detail=detail,
        shown=shown_item(project.protocol, detail.item),
        concluded=concluded,
        following=following,
        waits=waits,
        drawn=[one for one in drawn if one != item_id],
        names=option_texts(project),
        earlier=sum(not one.latest for one in detail.answers),
        said=said if said in project.options else "",
    )
    return HTMLResponse(shown)


def _is_blind(project: Project, session: SignedIn, detail: ItemDetail, *, blind: bool, waits: bool) -> bool:
    """Whether the others' answers are held back until one has said what one thinks.

    Of an item that was drawn at random, and waits for that, they are for everybody who may decide.
    """
    mine = any(one.by == session.person.pseudonym for one in detail.decisions)
    decides = session.may("decide") and project.options and project.protocol.paradigm == "prescriptive"
    return bool(decides and (waits or (not mine and (blind or session.person.role == "adjudicator"))))


def matrix(pairs: pl.DataFrame | None) -> dict[str, object]:
    """How far each two raters agree: as a square where that can be read, else the pairs that agree least and most."""
    if pairs is None:
        return {"square": None, "pairs": []}
    names = sorted({*pairs["first"], *pairs["second"]})
    rows = [[one["first"], one["second"], one["kappa"], one["agrees"], one["n_shared"]] for one in pairs.to_dicts()]
    if len(names) > PICTURED:
        return {"square": None, "pairs": rows if len(rows) <= 2 * ENDS else rows[:ENDS] + rows[-ENDS:]}
    known = {(a, b): kappa for first, second, kappa, *_ in rows for a, b in ((first, second), (second, first))}
    square = [[known.get((a, b)) for b in names] for a in names]
    return {"square": square, "names": names, "pairs": rows}


def rater_row(row: RaterRow) -> dict[str, object]:
    """A rater as the shared table wants one."""
    return {
        "rater": row.rater,
        "n_answers": row.n_answers,
        "accuracy": row.accuracy,
        "low": row.low,
        "high": row.high,
        "seconds": row.median_seconds,
    }


def disputed_row(
    row: DisputedRow, labels: dict[str, str], session: SignedIn, drawn: Container[str] = ()
) -> dict[str, object]:
    """A disputed item in the words that raters read, `labels` by option id.

    Adjudicators are to say what they think before they see the others' answers, and so is everybody of `drawn` items:
    these answers are held back.
    """
    if row.item in drawn or (session.person.role == "adjudicator" and row.decision is None):
        row = replace(row, votes={}, label=None, confidence=None)
    return {
        "item": row.item,
        "text": row.text,
        "votes": {labels.get(value, value): n for value, n in row.votes.items()},
        "label": row.label and labels.get(row.label, row.label),
        "confidence": row.confidence,
        "unsaid": row.label is not None and row.label not in row.votes,
        "decision": row.decision,
        "decided": row.decision and labels.get(row.decision.label, row.decision.label),
    }


def question_row(row: QuestionRow, project: Project) -> dict[str, object]:
    """A question beside the one that is decided on: its figures, and what was said in the words that raters read."""
    question = project.question(row.id)
    listed = row.counts if len(row.counts) <= MOST_LISTED else {}
    named = texts(question.declared())
    counts = [{"id": said, "text": named.get(said, said), "n": n} for said, n in listed.items()]
    return {"row": row, "counts": counts, "what": "answer" if question.kind in (CODE, NUMBER) else "label"}


def next_undecided(now: Standing, item_id: str | None = None) -> str | None:
    """The most disputed item that nobody has decided on, other than this one."""
    return next((one.item for one in now.disputed if one.decision is None and one.item != item_id), None)


def _concluded(consensus: Consensus | None, item_id: str) -> dict[str, object] | None:
    if consensus is None:
        return None
    rows = consensus.labels.filter(pl.col("item") == item_id)
    return {**rows.row(0, named=True), "calibrated": consensus.calibrated} if rows.height else None


def option_texts(project: Project) -> dict[str, str]:
    """What raters read of the answers that are decided on, by option id."""
    return texts(project.protocol.main.options) if project.protocol.main else {}


def frame(project: Project, session: SignedIn, here: str) -> dict[str, object]:
    """What every page of the desk shows round its own part."""
    return {"protocol": project.protocol, "person": session.person, "csrf": session.csrf, "here": here}


def _live(request: Request, now: Standing, shown: str) -> Response:
    """The page with a mark of its figures, so that a page that asks again is told when nothing has changed."""
    mark = f'"{now.at!r}"'
    if request.headers.get("if-none-match") == mark:
        return Response(status_code=HTTPStatus.NOT_MODIFIED, headers={"ETag": mark})
    return HTMLResponse(shown, headers={"ETag": mark})

"""The desk's list of items: as a page, as JSON, as a file."""

from __future__ import annotations

from typing import Annotated
from urllib.parse import urlencode

from fastapi import Query, Request
from pydantic import BaseModel
from starlette.responses import HTMLResponse, Response, StreamingResponse

from middlemost.files.spreadsheet import lines
from middlemost.project.browse import MOST, Found, browse, every
from middlemost.project.sample import awaiting
from middlemost.project.standing import disputed
from middlemost.web.desk import disputed_row, frame, option_texts
from middlemost.web.leading import snapshot_of
from middlemost.web.render import page
from middlemost.web.session import Reader, TheProject

SHOWN = 50
STATES = {
    "all": "all",
    "disputed": "disputed",
    "open": "still open",
    "unanswered": "without answers",
    "complete": "with all answers",
    "decided": "decided",
    "flagged": "flagged",
    "gold": "gold",
}
PATIENCE = 0.3

State = Annotated[str, Query(max_length=20)]
Search = Annotated[str, Query(max_length=200)]
After = Annotated[int, Query(ge=0, lt=2**31)]


class Items(BaseModel):
    """Items in order. `after` is the cursor of the next page, null on the last.

    `searched`: a search ended after so many items, before it had looked at all; the next page goes on.
    """

    items: list[Found]
    after: int | None
    searched: int | None


def show_items(
    request: Request, project: TheProject, session: Reader, state: State = "all", q: Search = "", after: After = 0
) -> Response:
    """Find items: by what has become of them, by words, the most disputed first."""
    shown = _disputed(request, project, session, after) if state == "disputed" else _listed(project, state, q, after)
    return HTMLResponse(
        page("desk/items.html.j2", **frame(project, session, "items"), states=STATES, state=state, search=q, **shown)
    )


def _listed(project: TheProject, state: str, search: str, after: int) -> dict[str, object]:
    found = browse(project, state, search, after, SHOWN)
    following = None if found.after is None else _address(state, search, found.after)
    return {"items": found.items, "searched": found.searched, "following": following, "begun": after > 0}


def _disputed(request: Request, project: TheProject, session: Reader, after: int) -> dict[str, object]:
    """The most disputed first, as the newest figures have them."""
    snapshot = snapshot_of(request, PATIENCE)
    if snapshot is None:
        return {"disputed": [], "n_disputed": 0, "following": None, "begun": False, "waiting": True}
    now = snapshot.standing
    labels, drawn = option_texts(project), awaiting(project)
    shown = [disputed_row(one, labels, session, drawn) for one in disputed(project, now, after, SHOWN)]
    following = _address("disputed", "", after + SHOWN) if after + SHOWN < now.n_disputed else None
    return {
        "disputed": shown,
        "n_disputed": now.n_disputed,
        "following": following,
        "begun": after > 0,
        "waiting": False,
    }


def _address(state: str, search: str, after: int) -> str:
    given = {"state": state, "q": search, "after": after}
    return "/desk/items?" + urlencode({name: value for name, value in given.items() if value})


def tell_items(
    project: TheProject,
    session: Reader,
    state: State = "all",
    q: Search = "",
    after: After = 0,
    most: Annotated[int, Query(ge=1, le=MOST)] = SHOWN,
) -> Items:
    """A page of items in a state (all, open, unanswered, complete, decided, flagged, gold), with words in them."""
    found = browse(project, state, q, after, most)
    return Items(items=list(found.items), after=found.after, searched=found.searched)


def give_items(project: TheProject, session: Reader, state: State = "all", q: Search = "") -> Response:
    """The same list, all of it, as CSV."""
    browse(project, state, q, most=1)  # a mistake is told before the first byte is
    headers = {"Content-Disposition": 'attachment; filename="items.csv"'}
    rows = ((one.item, one.text, one.answered, one.places) for one in every(project, state, q))
    content = lines(("item", "text", "answers", "places"), rows)
    return StreamingResponse(content, media_type="text/csv; charset=utf-8", headers=headers)

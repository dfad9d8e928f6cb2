"""The desk's tables as CSV."""

from __future__ import annotations

from fastapi import Request, Response
from starlette.responses import StreamingResponse

from middlemost.errors import MissingError, did_you_mean
from middlemost.files.spreadsheet import lines
from middlemost.project.people import SignedIn
from middlemost.project.tables import AT_HAND, FROM_FIGURES, TABLES, Table
from middlemost.web.leading import figures_of
from middlemost.web.session import Reader, TheProject


def give_table(request: Request, project: TheProject, session: Reader, name: str) -> Response:
    """A table of the desk, whole: raters, pairs, agreement, agreement-over-time, questions, disputed, flags, decisions.

    Raters have names only for those who may invite. A text that a spreadsheet would run has an apostrophe before it.
    """
    table = _table(request, project, session, name)
    headers = {"Content-Disposition": f'attachment; filename="{name}.csv"'}
    content = lines(table.columns, map(tuple, table.rows))
    return StreamingResponse(content, media_type="text/csv; charset=utf-8", headers=headers)


def _table(request: Request, project: TheProject, session: SignedIn, name: str) -> Table:
    if name in AT_HAND:
        return AT_HAND[name](project)
    if name in FROM_FIGURES:
        blind = session.person.role == "adjudicator"
        return FROM_FIGURES[name](project, figures_of(request), session.may("invite"), blind)
    raise MissingError(f"There is no table {name!r}.", mend=did_you_mean(name, TABLES, otherwise="There are: "))

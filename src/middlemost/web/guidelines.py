"""The desk's page on the guidelines: what raters read before they answer, and whether disputes follow."""

from __future__ import annotations

import csv
import io
from typing import Annotated

from fastapi import Query, Request
from starlette.responses import HTMLResponse, Response

from middlemost.core.estimate import Estimate
from middlemost.core.protocol import Paradigm
from middlemost.core.words import plural
from middlemost.errors import shorten
from middlemost.project.folder import Project
from middlemost.project.reading import LEAST, Guidance, SectionRow, guidance, table
from middlemost.view.pages import count, percent
from middlemost.web.desk import frame
from middlemost.web.headline import Headline
from middlemost.web.leading import snapshot_of
from middlemost.web.render import by_section, page
from middlemost.web.session import Reader, TheProject

PATIENCE = 0.3
PATIENCE_OF_PROGRAMS = 5.0

Version = Annotated[int | None, Query(ge=1, lt=2**31, description="Of the guidelines; the one in force if absent.")]


def show_guidance(request: Request, project: TheProject, session: Reader, version: Version = None) -> Response:
    """The guidelines section by section, with what was read of them beside each."""
    found = _found(request, project, version, PATIENCE)
    shown = page(
        "desk/guidelines.html.j2",
        **frame(project, session, "guidelines"),
        found=found,
        headline=headline(found, project.protocol.paradigm),
        parts_of=by_section(found.text),
        current=project.guideline_version,
    )
    return HTMLResponse(shown)


def give_guidance(request: Request, project: TheProject, session: Reader, version: Version = None) -> Response:
    """What was read of each section of the guidelines before answers, and whether disputes follow, as CSV."""
    lines = io.StringIO()
    csv.writer(lines).writerows(table(_found(request, project, version, PATIENCE_OF_PROGRAMS)))
    headers = {"Content-Disposition": 'attachment; filename="guidelines.csv"'}
    return Response(lines.getvalue(), media_type="text/csv; charset=utf-8", headers=headers)


def _found(request: Request, project: Project, version: int | None, patience: float) -> Guidance:
    snapshot = snapshot_of(request, patience)
    return guidance(project, snapshot.standing if snapshot else None, version)


def headline(found: Guidance, paradigm: Paradigm) -> Headline:
    """What a lead came for: the section that precedes disputes, or why none can be named."""
    if not found.read:
        why = "What raters have open for a second while they are at an item is noted with their answer to it."
        return Headline("Nobody has read the guidelines before an answer yet.", f"{why} {_volume(found)}")
    went = _went_most(found)
    if found.clearest and found.baseline and found.clearest.share:
        name, prescriptive = f"“{shorten(found.clearest.title, 60)}”", paradigm == "prescriptive"
        said = f"{name} precedes disputes." if prescriptive else f"Opinions differ after {name}."
        return Headline(said, f"{_excess(found.clearest, found.baseline)} {went}")
    if found.too_few:
        few = f"No section was read before answers to {LEAST} different items that two raters answered"
        return Headline("Nothing can be said yet.", f"{few}, or too few answers went without reading. {went}")
    what = "disputes" if paradigm == "prescriptive" else "difference"
    return Headline(
        "No section stands out.", f"After none of them is there clearly more {what} than without any. {went}"
    )


def _excess(row: SectionRow, baseline: Estimate) -> str:
    here, there = _with_interval(row.share), _with_interval(baseline)
    often = "fewer than 1 of 1,000 projects" if (row.p or 0) < 0.001 else f"{percent(row.p or 0)} of projects"
    measured = f"Of the answers after reading it {here} went to items on which raters differ, of those without {there}."
    return f"{measured} Chance alone would do that in {often}."


def _with_interval(share: Estimate | None) -> str:
    if share is None:
        return "none"
    return f"{percent(share.value, 0)} ({percent(share.low or 0.0, 0)} to {percent(share.high or 1.0, 0)})"


def _went_most(found: Guidance) -> str:
    most = found.most_read
    if most is None:
        return ""
    read = f"Something was read before {count(found.read)} of {plural(found.answers, 'answer')}"
    return f"{read}, “{shorten(most.title, 60)}” most often ({count(most.answers)})."


def _volume(found: Guidance) -> str:
    return f"There {'is' if found.answers == 1 else 'are'} {plural(found.answers, 'answer')} under this version."

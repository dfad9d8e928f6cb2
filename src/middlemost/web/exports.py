"""Taking a project along: exports that are made while nobody waits, as a page and for programs."""

from __future__ import annotations

from dataclasses import asdict
from hashlib import sha256
from http import HTTPStatus
from pathlib import Path
from typing import Annotated, Any

from fastapi import Path as InPath
from fastapi import Query, Request, Response
from pydantic import BaseModel, Field
from starlette.responses import FileResponse, HTMLResponse

from middlemost.project.jobs import Job, State
from middlemost.project.taking_along import ALL, KEPT_SECONDS, ask_for_export, export_of, exports, file_of, sentence
from middlemost.web.desk import frame
from middlemost.web.leading import PerhapsKey
from middlemost.web.render import page
from middlemost.web.session import Reader, TheProject
from middlemost.web.workshop import Workshop

SHOWN, MOST = 20, 100
LARGEST = 2**31 - 1
TYPES = {
    ".csv": "text/csv; charset=utf-8",
    ".jsonl": "application/jsonl",
    ".json": "application/json",
    ".parquet": "application/vnd.apache.parquet",
    ".zip": "application/zip",
}
FILES: dict[int | str, dict[str, Any]] = {
    200: {"content": {kind.partition(";")[0]: {} for kind in TYPES.values()}, "description": "The file."},
    206: {"description": "A part of it, where the request has Range."},
}

Number = Annotated[int, InPath(ge=1, le=LARGEST)]


class Wanted(BaseModel):
    """In which format: one of those of `middlemost export`, or `release`."""

    format: str = Field(min_length=1, max_length=40, description=", ".join(ALL))


class Export(BaseModel):
    """An export: `done` of `total` items are written, null while nobody knows. Times are Unix seconds.

    `outcome` says why it failed, or what could not be taken along. `file` is null until it is there.
    """

    id: int
    format: str
    state: State
    done: int
    total: int | None
    by: str | None
    made_at: float
    started_at: float | None
    finished_at: float | None
    tries: int
    outcome: str | None
    file: str | None
    size: int | None


class Exports(BaseModel):
    """Exports, newest first. `before` is the cursor of the next page, null on the last."""

    exports: list[Export]
    before: int | None


def show_exports(request: Request, project: TheProject, session: Reader) -> Response:
    """The formats to choose from, and what has been made."""
    formats = {one: sentence(one) for one in ALL}
    newest = exports(project, most=SHOWN)
    days = int(KEPT_SECONDS / 86_400)
    shown = page(
        "desk/export.html.j2", **frame(project, session, "export"), formats=formats, exports=newest.jobs, days=days
    )
    mark = f'"{sha256(shown.encode()).hexdigest()}"'
    if request.headers.get("if-none-match") == mark:
        return Response(status_code=HTTPStatus.NOT_MODIFIED, headers={"ETag": mark})
    return HTMLResponse(shown, headers={"ETag": mark})


def ask_export(
    request: Request, response: Response, project: TheProject, session: Reader, wanted: Wanted, key: PerhapsKey = None
) -> Export:
    """Have the project written in a format: what `Location` names says when it is there."""
    job = ask_for_export(project, wanted.format, by=session.person, key=key)
    workshop: Workshop = request.app.state.workshop
    workshop.wake()
    response.headers["Location"] = f"/api/exports/{job.id}"
    return _told(job)


def tell_exports(
    project: TheProject,
    session: Reader,
    before: Annotated[int | None, Query(ge=1, le=LARGEST)] = None,
    most: Annotated[int, Query(ge=1, le=MOST)] = SHOWN,
) -> Exports:
    """A page of exports, newest first. They are removed a week after they were made."""
    found = exports(project, before, most)
    return Exports(exports=[_told(one) for one in found.jobs], before=found.before)


def tell_export(project: TheProject, session: Reader, number: Number) -> Export:
    """How far an export has come."""
    return _told(export_of(project, number))


def give_export(project: TheProject, session: Reader, number: Number) -> Response:
    """The file of an export, or with Range a part of it. 409 until it is there, 404 where another machine has it."""
    path: Path = file_of(project, number)
    return FileResponse(path, media_type=TYPES.get(path.suffix, "application/octet-stream"), filename=path.name)


def _told(job: Job) -> Export:
    told = {name: value for name, value in asdict(job).items() if name in Export.model_fields}
    return Export(**told, format=str(job.settings["format"]))

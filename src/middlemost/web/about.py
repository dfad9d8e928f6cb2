"""What raters say of themselves, if they like: the page on which they do, change it, and take it back."""

from __future__ import annotations

from http import HTTPStatus
from typing import Literal

from fastapi import Request
from starlette.concurrency import run_in_threadpool
from starlette.responses import HTMLResponse, RedirectResponse

from middlemost.core.about import LEAST
from middlemost.errors import MissingError
from middlemost.project.about import offer, tell, told, withdraw
from middlemost.web.render import page
from middlemost.web.session import Rater, TheProject

ADDRESS = "/about-you"
Done = Literal["saved", "withdrawn"]


def show(project: TheProject, session: Rater, done: Done | None = None) -> HTMLResponse:
    """What is asked, why and for whom, with what the rater has said so far."""
    asked, said = project.protocol.about_raters, told(project, session.person)
    if asked is None and said is None and done is None:
        raise MissingError("This project asks raters nothing about themselves.")
    shown = page(
        "about.html.j2",
        protocol=project.protocol,
        asked=asked,
        said=said,
        again=bool(said and offer(project, session.person)),
        done=done,
        least=LEAST,
        csrf=session.csrf,
    )
    return HTMLResponse(shown)


async def take(request: Request, project: TheProject, session: Rater) -> RedirectResponse:
    """Keep what the form says, in place of what was kept before; what was left open is not kept."""
    async with request.form() as form:
        said = {name: str(value) for name, value in form.items() if name != "csrf" and value}
    values = {name.removeprefix("about-"): value for name, value in said.items()}
    await run_in_threadpool(tell, project, session.person, values)
    return _back("saved")


async def take_back(project: TheProject, session: Rater) -> RedirectResponse:
    """Delete it all."""
    await run_in_threadpool(withdraw, project, session.person)
    return _back("withdrawn")


def _back(done: Done) -> RedirectResponse:
    return RedirectResponse(f"{ADDRESS}?done={done}", HTTPStatus.SEE_OTHER)

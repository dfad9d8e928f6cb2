"""Coming in and going out: the first page, invite links, signing out, the guidelines."""

from __future__ import annotations

from http import HTTPStatus
from json import JSONDecodeError
from typing import Literal

from fastapi import Request
from pydantic import BaseModel
from starlette.concurrency import run_in_threadpool
from starlette.datastructures import QueryParams
from starlette.responses import HTMLResponse, JSONResponse, RedirectResponse, Response

from middlemost.core.panels import CONVENTIONS, Arrival, PanelName
from middlemost.core.roles import MAY, Role
from middlemost.errors import InputError
from middlemost.project.panel import join_panel
from middlemost.project.people import LONGEST_NAME, SignedIn, join, peek_invite
from middlemost.web.problems import wants_page
from middlemost.web.render import page, prose
from middlemost.web.session import Anyone, TheProject, sessions_of, title_of


class Session(BaseModel):
    """Who is signed in. `csrf` goes into the header X-CSRF-Token of every request that changes something."""

    pseudonym: str
    role: Role
    csrf: str


class Health(BaseModel):
    """That the server answers."""

    status: Literal["ok"] = "ok"


async def home(request: Request, project: TheProject) -> Response:
    """To the page that the one who asks came for."""
    session = sessions_of(request).find(request)
    if session is None:
        shown = page("closed.html.j2", protocol=project.protocol)
        return HTMLResponse(shown, HTTPStatus.UNAUTHORIZED)
    return RedirectResponse(start_of(session.person.role), HTTPStatus.SEE_OTHER)


async def show_invite(request: Request, project: TheProject, token: str) -> Response:
    """What an invite link offers. Looking does not use it up, so that previews of links in chats do no harm."""
    session = sessions_of(request).find(request)
    with sessions_of(request).guesses.of_links(request):
        offered = peek_invite(project, token, used_up=True)
    shown = page(
        "join.html.j2",
        invite=offered,
        paradigm=project.protocol.paradigm,
        already=session and session.person,
        longest=LONGEST_NAME,
        provider=title_of(request),
        token=token,
        panel=CONVENTIONS[offered.panel] if offered.panel else None,
        arrival=_arrival(offered.panel, request.query_params) if offered.panel else None,
    )
    return HTMLResponse(shown)


async def join_by_invite(request: Request, project: TheProject, token: str) -> Response:
    """Sign in by an invite link: a form with `name`, or the same as JSON; by a panel's, with what its link says."""
    name = await _given_name(request)
    with sessions_of(request).guesses.of_links(request):
        panel = peek_invite(project, token, used_up=True).panel
        if panel:
            session = await run_in_threadpool(join_panel, project, token, _arrival(panel, request.query_params))
        else:
            session = await run_in_threadpool(join, project, token, name)
    return welcome(request, session)


def welcome(request: Request, session: SignedIn) -> Response:
    """What somebody gets who has just come in: their cookie, and the way to their page; programs get their token."""
    response: Response
    if wants_page(request):
        response = RedirectResponse(start_of(session.person.role), HTTPStatus.SEE_OTHER)
    else:
        response = JSONResponse(
            {"csrf": session.csrf, "pseudonym": session.person.pseudonym, "role": session.person.role}
        )
    sessions_of(request).sign_in(request, response, session)
    return response


async def leave(request: Request, session: Anyone) -> Response:
    """Sign out."""
    sessions = sessions_of(request)
    await run_in_threadpool(sessions.sign_out, session)
    response = RedirectResponse("/", HTTPStatus.SEE_OTHER)
    response.delete_cookie(sessions.cookie)
    return response


async def show_guidelines(project: TheProject, session: Anyone) -> HTMLResponse:
    """The raters' guidelines."""
    shown = page(
        "guidelines.html.j2",
        project_name=project.protocol.name,
        version=project.guideline_version,
        guidelines=prose(project.guidelines),
        home=start_of(session.person.role),
    )
    return HTMLResponse(shown)


async def session(session: Anyone) -> Session:
    """Who is signed in."""
    return Session(pseudonym=session.person.pseudonym, role=session.person.role, csrf=session.csrf)


async def health() -> Health:
    """That the server answers."""
    return Health()


def start_of(role: Role) -> str:
    """The page that a role begins on."""
    return "/rate" if "answer" in MAY[role] else "/desk"


def _arrival(panel: PanelName, said: QueryParams) -> Arrival:
    how = CONVENTIONS[panel]
    return Arrival(*(said.get(name, "").strip() for name in (how.member, how.study, how.session)))


async def _given_name(request: Request) -> str | None:
    if request.headers.get("content-type", "").startswith("application/json"):
        try:
            body = await request.json()
        except (JSONDecodeError, UnicodeDecodeError, RecursionError):
            raise InputError("The request's body is not JSON.") from None
        name = body.get("name") if isinstance(body, dict) else None
    else:
        name = (await request.form()).get("name")
    return name.strip() or None if isinstance(name, str) else None

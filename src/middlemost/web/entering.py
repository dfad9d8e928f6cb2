"""Coming in without a link: signing in by login and password, signing up where the protocol lets people."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from http import HTTPStatus
from json import JSONDecodeError

from fastapi import Request
from starlette.responses import HTMLResponse, JSONResponse, Response

from middlemost.errors import InputError, MiddlemostError, TooManyError, UnavailableError
from middlemost.project.folder import Project
from middlemost.project.passwords import LONGEST, LONGEST_LOGIN, SHORTEST, sign_in
from middlemost.project.people import LONGEST_NAME
from middlemost.project.sign_up import require_sign_up, sign_up
from middlemost.web.door import welcome
from middlemost.web.hashing import Hashing
from middlemost.web.problems import status_of, wants_page
from middlemost.web.render import page
from middlemost.web.session import TheProject, sessions_of, title_of

LIMITS = {"shortest": SHORTEST, "longest": LONGEST, "longest_login": LONGEST_LOGIN, "longest_name": LONGEST_NAME}
WAITS = "You wait to be let in. Whoever leads this project sees that you do; then you sign in by what you just gave."


@dataclass(frozen=True)
class Trouble:
    """What was wrong with a form: `field` is where, `words` says what."""

    field: str | None
    words: str


async def show_sign_in(request: Request, project: TheProject) -> HTMLResponse:
    """Where one signs in."""
    return _form(request, project, "sign_in.html.j2")


async def take_sign_in(request: Request, project: TheProject) -> Response:
    """Sign in by `login` and `password`, as a form or the same as JSON."""
    sessions, given = sessions_of(request), await given_words(request)
    try:
        with sessions.guesses.of_links(request):
            hashing = hashing_of(request)
            session = await hashing.run(sign_in, project, given.get("login", ""), given.get("password", ""))
    except MiddlemostError as error:
        return _again(request, project, "sign_in.html.j2", given, error)
    return welcome(request, session)


async def show_sign_up(request: Request, project: TheProject) -> HTMLResponse:
    """Where one signs up, if anybody may."""
    require_sign_up(project)
    return _form(request, project, "sign_up.html.j2")


async def take_sign_up(request: Request, project: TheProject) -> Response:
    """Sign up with `name`, `login` and `password`, as a form or the same as JSON: 202 for one who has to be let in."""
    given = await given_words(request)
    words = [given.get(name, "") for name in ("name", "login", "password")]
    try:
        require_sign_up(project)
        sessions_of(request).sign_ups.check(request)
        session = await hashing_of(request).run(sign_up, project, *words)
        sessions_of(request).sign_ups.failed(request)
    except MiddlemostError as error:
        return _again(request, project, "sign_up.html.j2", given, error)
    return welcome(request, session) if session else waiting(request, project)


def waiting(request: Request, project: Project) -> Response:
    """What somebody is told who has signed up and is to be let in."""
    if not wants_page(request):
        return JSONResponse({"waits": True, "detail": WAITS}, HTTPStatus.ACCEPTED)
    return HTMLResponse(page("waiting.html.j2", protocol=project.protocol, words=WAITS), HTTPStatus.ACCEPTED)


def hashing_of(request: Request) -> Hashing:
    """Where this server hashes passwords."""
    hashing: Hashing = request.app.state.hashing
    return hashing


async def given_words(request: Request) -> dict[str, str]:
    """The texts in a form, or in a JSON object."""
    if request.headers.get("content-type", "").startswith("application/json"):
        try:
            body = await request.json()
        except (JSONDecodeError, UnicodeDecodeError, RecursionError):
            raise InputError("The request's body is not JSON.") from None
        body = body if isinstance(body, dict) else {}
    else:
        body = await request.form()
    return {str(name): value for name, value in body.items() if isinstance(value, str)}


def trouble_of(error: MiddlemostError) -> Trouble:
    """An error as a form shows it."""
    column = error.place.column if error.place else None
    return Trouble(column if isinstance(column, str) else None, f"{error.message} {error.mend or ''}".strip())


def headers_of(error: MiddlemostError) -> dict[str, str]:
    """When to try again."""
    return {"Retry-After": str(error.after)} if isinstance(error, TooManyError | UnavailableError) else {}


def _form(request: Request, project: Project, template: str, **values: object) -> HTMLResponse:
    usual = {"protocol": project.protocol, "provider": title_of(request), "given": None, "trouble": None}
    return HTMLResponse(page(template, **usual | LIMITS | values))


def _again(
    request: Request, project: Project, template: str, given: Mapping[str, str], error: MiddlemostError
) -> Response:
    """The form once more, with what is wrong, and all but the password as it was; for programs, the problem."""
    if not wants_page(request) or (template == "sign_up.html.j2" and project.protocol.sign_up == "closed"):
        raise error
    response = _form(request, project, template, given=given, trouble=trouble_of(error))
    response.status_code = status_of(error)
    response.headers.update(headers_of(error))
    return response

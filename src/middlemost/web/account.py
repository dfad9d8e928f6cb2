"""How one comes in: the page on which people see to their password, their account elsewhere and their sessions."""

from __future__ import annotations

from typing import Literal

from fastapi import Request
from starlette.concurrency import run_in_threadpool
from starlette.responses import HTMLResponse, RedirectResponse, Response

from middlemost.errors import MiddlemostError
from middlemost.project.folder import Project
from middlemost.project.identities import connected, disconnect
from middlemost.project.passwords import login_of, remove_password, set_password
from middlemost.project.people import SignedIn, open_sessions, sign_out_elsewhere
from middlemost.web.door import start_of
from middlemost.web.entering import LIMITS, given_words, hashing_of, headers_of, trouble_of
from middlemost.web.problems import status_of, wants_page
from middlemost.web.provider import Provider
from middlemost.web.render import page
from middlemost.web.session import Browser, TheProject, provider_of, sessions_of

Done = Literal["set", "changed", "removed", "out", "connected", "disconnected"]
DONE: dict[Done, str] = {
    "set": "From now on you can sign in with your login and password.",
    "changed": "Your password is changed. You are signed out everywhere else.",
    "removed": "Your login and password are removed.",
    "out": "You are signed out everywhere else.",
    "connected": "Your account is connected: you can sign in with it.",
    "disconnected": "Your account is no longer connected.",
}


def show_account(request: Request, project: TheProject, session: Browser, done: Done | None = None) -> HTMLResponse:
    """How one comes in, and where one is signed in."""
    return _account(request, project, session, done=DONE[done] if done else None)


async def take_password(request: Request, project: TheProject, session: Browser) -> Response:
    """Set or change one's login and password; `old` is the password so far."""
    given = await given_words(request)
    words = [given.get(name, "") for name in ("login", "password", "old")]
    try:
        had = await run_in_threadpool(login_of, project, session.person)
        await hashing_of(request).run(set_password, project, session, *words)
    except MiddlemostError as error:
        return await run_in_threadpool(_again, request, project, session, "password", given.get("login"), error)
    sessions_of(request).forget(session.person, but=session)
    return _done("changed" if had else "set")


async def drop_password(request: Request, project: TheProject, session: Browser) -> Response:
    """Remove one's login and password; `old` is the password."""
    old = (await given_words(request)).get("old", "")
    try:
        await hashing_of(request).run(remove_password, project, session, old)
    except MiddlemostError as error:
        return await run_in_threadpool(_again, request, project, session, "remove", None, error)
    return _done("removed")


async def end_sessions(request: Request, project: TheProject, session: Browser) -> Response:
    """Sign out everywhere else."""
    await run_in_threadpool(sign_out_elsewhere, project, session)
    sessions_of(request).forget(session.person, but=session)
    return _done("out")


async def drop_provider(request: Request, project: TheProject, session: Browser) -> Response:
    """No longer be known by one's account at the provider."""
    await run_in_threadpool(disconnect, project, session.person, provider_of(request).issuer)
    return _done("disconnected")


def _done(what: Done) -> Response:
    return RedirectResponse(f"/account?done={what}", 303)


def _again(
    request: Request, project: Project, session: SignedIn, form: str, login: str | None, error: MiddlemostError
) -> Response:
    """The page once more, with what is wrong at the form that it is about; for programs, the problem."""
    if not wants_page(request):
        raise error
    response = _account(request, project, session, form=form, login=login, trouble=trouble_of(error))
    response.status_code = status_of(error)
    response.headers.update(headers_of(error))
    return response


def _account(request: Request, project: Project, session: SignedIn, **values: object) -> HTMLResponse:
    provider: Provider | None = request.app.state.provider
    shown = page(
        "account.html.j2",
        protocol=project.protocol,
        person=session.person,
        csrf=session.csrf,
        home=start_of(session.person.role),
        login_now=login_of(project, session.person),
        sessions=open_sessions(project, session),
        provider=provider.title if provider else None,
        connected=connected(project, session.person, provider.issuer) if provider else None,
        **LIMITS | {"done": None, "form": None, "login": None, "trouble": None} | values,
    )
    return HTMLResponse(shown)

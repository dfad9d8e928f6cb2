"""To the provider and back: signing in, signing up, joining and connecting by an account elsewhere.

A browser sets out by a form of ours, and is sent on by a page, not by a redirect: what a form leads to is held by our
own policy to this server, whatever the provider then leads to. It comes back to one fixed address.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from http import HTTPStatus
from typing import TypeVar

from anyio import to_thread
from fastapi import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response

from middlemost.core.entering import Errand, Purpose
from middlemost.core.nouns import Person
from middlemost.errors import AccessError, StateError
from middlemost.project.folder import Project
from middlemost.project.identities import (
    JOURNEY_SECONDS,
    Identity,
    Journey,
    arrive,
    come_back,
    connect,
    set_out,
)
from middlemost.web.door import welcome
from middlemost.web.entering import given_words, waiting
from middlemost.web.provider import BACK
from middlemost.web.render import page
from middlemost.web.security import hostname
from middlemost.web.session import Browser, TheProject, provider_of, sessions_of

LONGEST = 4096  # characters that a code, a state or a cookie can have

T = TypeVar("T")


async def sign_in_with(request: Request, project: TheProject) -> Response:
    """Set out to sign in."""
    return await _set_out(request, project, "sign in")


async def sign_up_with(request: Request, project: TheProject) -> Response:
    """Set out to sign up; `name` is how one is to be called, what the provider says if absent."""
    sessions_of(request).sign_ups.check(request)
    return await _set_out(request, project, "sign up", name=(await given_words(request)).get("name"))


async def join_with(request: Request, project: TheProject, token: str) -> Response:
    """Set out to join by an invite link."""
    provider_of(request)
    name = (await given_words(request)).get("name")
    with sessions_of(request).guesses.of_links(request):
        return await _set_out(request, project, "join", name=name, invite=token)


async def connect_with(request: Request, project: TheProject, session: Browser) -> Response:
    """Set out to connect an account with the person who is signed in."""
    return await _set_out(request, project, "connect", person=session.person)


async def _set_out(
    request: Request,
    project: Project,
    purpose: Purpose,
    *,
    name: str | None = None,
    person: Person | None = None,
    invite: str = "",
) -> Response:
    provider = provider_of(request)
    if hostname(provider.base) != hostname(str(request.base_url)):
        message = f"{provider.title} sends you back to {provider.base}, where this browser would not be known."
        raise StateError(message, mend=f"Open {provider.base} and begin there.")

    def begin() -> tuple[Journey, str]:
        journey = set_out(project, purpose, name=name, person=person, invite=invite)
        return journey, provider.way(journey)

    journey, way = await _asking(request, begin)
    response = HTMLResponse(page("away.html.j2", protocol=project.protocol, provider=provider.title, way=way))
    response.set_cookie(
        _cookie(request),
        journey.browser,
        max_age=int(JOURNEY_SECONDS),
        path=BACK,
        httponly=True,
        samesite="lax",
        secure=request.url.scheme == "https",
    )
    return response


async def come_from_provider(request: Request, project: TheProject) -> Response:
    """Where the provider sends a browser back to, with a code or with what is wrong."""
    provider, said = provider_of(request), request.query_params
    journey = Journey(said.get("state", "")[:LONGEST], request.cookies.get(_cookie(request), "")[:LONGEST])
    with sessions_of(request).guesses.of_links(request):
        errand = await _asking(request, partial(come_back, project, journey))
    who = await _asking(request, partial(provider.identify, journey, {name: said[name][:LONGEST] for name in said}))
    response = await _finish(request, project, errand, journey, who)
    response.delete_cookie(_cookie(request), path=BACK)
    return response


async def _finish(request: Request, project: Project, errand: Errand, journey: Journey, who: Identity) -> Response:
    sessions = sessions_of(request)
    if errand.purpose == "connect":
        there = sessions.find(request)
        if there is None or there.scope is not None or there.person.id != errand.person:
            raise AccessError("You are signed in as somebody else by now.", mend="Begin again under Signing in.")
        await _asking(request, partial(connect, project, there.person, who))
        return RedirectResponse("/account?done=connected", HTTPStatus.SEE_OTHER)
    if errand.purpose == "sign up":
        sessions.sign_ups.check(request)
        sessions.sign_ups.failed(request)
    session = await _asking(request, partial(arrive, project, errand, journey, who))
    return welcome(request, session) if session else waiting(request, project)


async def _asking(request: Request, act: Callable[[], T]) -> T:
    """Do `act` in one of a few threads for it: a provider that is slow holds up nobody else."""
    return await to_thread.run_sync(act, limiter=request.app.state.asking)


def _cookie(request: Request) -> str:
    return f"{sessions_of(request).cookie}_away"

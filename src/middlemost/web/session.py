"""Who is asking: a session in a cookie, and a second secret for whatever changes something."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from hashlib import sha256
from hmac import compare_digest
from time import monotonic
from typing import Annotated

from fastapi import Depends
from starlette.requests import Request
from starlette.responses import Response

from middlemost.core.nouns import Person
from middlemost.core.roles import MAY, Right, Role
from middlemost.errors import AccessError, MissingError
from middlemost.project.folder import Project
from middlemost.project.people import SESSION_SECONDS, SignedIn, sign_out, signed_in
from middlemost.project.tokens import by_token
from middlemost.web.current import Current
from middlemost.web.guesses import Guesses, SignUps
from middlemost.web.provider import Provider
from middlemost.web.security import SAFE_METHODS

KNOWN_SECONDS = 10.0
MOST_KNOWN = 10_000
LONGEST_TOKEN = 200


class Sessions:
    """The sessions of one project. What the store said of a token holds for some seconds, or until it signs out."""

    def __init__(self, project: Project) -> None:
        self._project = project
        self._known: dict[str, tuple[SignedIn, float]] = {}
        self.guesses, self.sign_ups = Guesses(), SignUps()
        # Browsers keep cookies by host without the port: two projects on one machine must not share a name.
        self.cookie = f"middlemost_{sha256(str(project.folder.resolve()).encode()).hexdigest()[:10]}"

    def find(self, request: Request) -> SignedIn | None:
        """Who the request comes from, None if it has no cookie, or one that stands for nobody.

        A program's token goes before a cookie. AccessError where it stands for nobody, TooManyError after many such.
        """
        if given := request.headers.get("authorization"):
            return self._by_token(request, given)
        token = request.cookies.get(self.cookie)
        if not token or len(token) > LONGEST_TOKEN:
            return None
        found, until = self._known.get(token, (None, 0.0))
        if found and monotonic() < until:
            return found
        return self._look_up(token)

    def _by_token(self, request: Request, given: str) -> SignedIn:
        kind, _, token = given.partition(" ")
        known, until = self._known.get(token, (None, 0.0))
        if known and known.scope is not None and monotonic() < until:
            return known
        self.guesses.check(request)
        found = by_token(self._project, token) if kind.lower() == "bearer" and len(token) <= LONGEST_TOKEN else None
        if found is None:
            self.guesses.failed(request)
            mend = "Ask the project's owner for one: middlemost tokens."
            raise AccessError("This token is not valid, or not any more.", signed_in=False, mend=mend)
        self._remember(token, found)
        return found

    def sign_in(self, request: Request, response: Response, session: SignedIn) -> None:
        """Give the browser its cookie."""
        secure = request.url.scheme == "https"
        response.set_cookie(
            self.cookie, session.token, max_age=int(SESSION_SECONDS), httponly=True, samesite="lax", secure=secure
        )

    def forget(self, person: Person, but: SignedIn | None = None) -> None:
        """Look up anew whoever was known as this person, by another session than the one that is excepted."""
        kept = but.token if but else None
        known = self._known.items()
        self._known = {token: one for token, one in known if token == kept or one[0].person.id != person.id}

    def sign_out(self, session: SignedIn) -> None:
        """End the session: from now on nobody is known by its token."""
        sign_out(self._project, session.token)
        self._known.pop(session.token, None)

    def _look_up(self, token: str) -> SignedIn | None:
        self._known.pop(token, None)
        found = signed_in(self._project, token)
        if found:
            self._remember(token, found)
        return found

    def _remember(self, token: str, found: SignedIn) -> None:
        if len(self._known) >= MOST_KNOWN:
            self._known.clear()
        self._known[token] = (found, monotonic() + KNOWN_SECONDS)


async def project_of(request: Request) -> Project:
    """The project that this server serves. Not async, it would be called in a thread of its own at each request."""
    return current_of(request).project


def current_of(request: Request) -> Current:
    """The same, for who has to look whether another protocol is in force."""
    current: Current = request.app.state.current
    return current


def sessions_of(request: Request) -> Sessions:
    """The sessions of this server."""
    sessions: Sessions = request.app.state.sessions
    return sessions


def provider_of(request: Request) -> Provider:
    """Who vouches for people elsewhere. MissingError where nobody does."""
    provider: Provider | None = request.app.state.provider
    if provider is None:
        raise MissingError("Nobody can sign in here by an account elsewhere.")
    return provider


def title_of(request: Request) -> str | None:
    """What people call the provider; None where there is none."""
    provider: Provider | None = request.app.state.provider
    return provider.title if provider else None


def require(right: Right | None = None) -> Callable[[Request], Awaitable[SignedIn]]:
    """A dependency: somebody signed in who has the `right` (None: anybody); a write must carry the session's token."""

    async def required(request: Request) -> SignedIn:
        session = sessions_of(request).find(request)
        if session is None:
            mend = "Sign in, or open the link that you were given once more."
            raise AccessError("You are not signed in.", signed_in=False, mend=mend)
        if right is not None and not session.may(right):
            raise AccessError(_reason(right, session))
        if request.method not in SAFE_METHODS and session.scope is None:  # no browser sends a program's token
            await _check_token(request, session)
        return session

    return required


async def in_browser(session: Annotated[SignedIn, Depends(require())]) -> SignedIn:
    """A dependency: somebody who is there themselves. A program's token does not change how its person comes in."""
    if session.scope is not None:
        raise AccessError("A token does not allow it: sign in with a browser.")
    return session


def within_scope(session: SignedIn, role: Role) -> None:
    """AccessError where a program's token would decide on the access of somebody who may do more than itself.

    Raters aside: else whoever has the token could let themselves in by a link, and do what its scope does not allow.
    """
    if session.scope is not None and role != "rater" and not MAY[role] <= session.scope:
        raise AccessError(f"The scope of this token does not reach to a person who is {role}.")


async def _check_token(request: Request, session: SignedIn) -> None:
    given = request.headers.get("x-csrf-token")
    if given is None and request.headers.get("content-type", "").startswith("application/x-www-form-urlencoded"):
        given = str((await request.form()).get("csrf", ""))
    if not compare_digest((given or "").encode(), session.csrf.encode()):
        mend = "Load the page again; a program sends, as X-CSRF-Token, what it got when it joined."
        raise AccessError("The request does not carry this session's token.", mend=mend)


def _reason(right: Right, session: SignedIn) -> str:
    if session.person.may(right):
        return "The scope of this token does not allow it."
    return _REASONS[right]


_REASONS: dict[Right, str] = {
    "answer": "This is for raters. Whoever sees the others' answers does not answer: raters are blind to each other.",
    "read": "This is for those who lead the project.",
    "decide": "This is for those who decide on items.",
    "invite": "This is for those who lead the project.",
    "hold": "This is for the project's owner.",
}


TheProject = Annotated[Project, Depends(project_of)]
Anyone = Annotated[SignedIn, Depends(require())]
Browser = Annotated[SignedIn, Depends(in_browser)]
Rater = Annotated[SignedIn, Depends(require("answer"))]
Reader = Annotated[SignedIn, Depends(require("read"))]
Decider = Annotated[SignedIn, Depends(require("decide"))]
Inviter = Annotated[SignedIn, Depends(require("invite"))]

"""From the error tree to what a client is told: RFC 9457 problem details, or the same words on a page for people."""

from __future__ import annotations

import logging
from http import HTTPStatus
from typing import cast

from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from middlemost.errors import (
    AccessError,
    InputError,
    MiddlemostError,
    MissingError,
    SettingError,
    StateError,
    TooManyError,
    UnavailableError,
    shorten,
)
from middlemost.web.render import page

log = logging.getLogger("middlemost.web")

STATUS: tuple[tuple[type[MiddlemostError], HTTPStatus], ...] = (
    (MissingError, HTTPStatus.NOT_FOUND),
    (UnavailableError, HTTPStatus.SERVICE_UNAVAILABLE),
    (StateError, HTTPStatus.CONFLICT),
    (TooManyError, HTTPStatus.TOO_MANY_REQUESTS),
    (AccessError, HTTPStatus.FORBIDDEN),
    (InputError, HTTPStatus.UNPROCESSABLE_ENTITY),
    (SettingError, HTTPStatus.UNPROCESSABLE_ENTITY),
)

PLAIN = {
    HTTPStatus.NOT_FOUND: "There is nothing at this address.",
    HTTPStatus.METHOD_NOT_ALLOWED: "This address does not answer this kind of request.",
    HTTPStatus.REQUEST_ENTITY_TOO_LARGE: "The request is too large.",
    HTTPStatus.BAD_REQUEST: "The request could not be read.",
}

TITLES = {
    HTTPStatus.UNAUTHORIZED: "Please sign in",
    HTTPStatus.FORBIDDEN: "Not for you",
    HTTPStatus.NOT_FOUND: "Not found",
    HTTPStatus.CONFLICT: "That does not fit",
    HTTPStatus.UNPROCESSABLE_ENTITY: "That could not be used",
    HTTPStatus.INTERNAL_SERVER_ERROR: "Something went wrong here",
    HTTPStatus.SERVICE_UNAVAILABLE: "Not just now",
    HTTPStatus.TOO_MANY_REQUESTS: "Too often",
}


async def domain(request: Request, error: Exception) -> Response:
    """An error that we raised on purpose."""
    error = cast(MiddlemostError, error)
    mend = error.mend or ("Open the link that you were given once more." if _unknown(error) else None)
    headers = {"Retry-After": str(error.after)} if isinstance(error, UnavailableError | TooManyError) else None
    return problem(request, status_of(error), _in_words(error), mend=mend, errors=_fields(error), headers=headers)


async def invalid(request: Request, error: Exception) -> Response:
    """A request whose body, header or path has the wrong form: names the first field and lists all."""
    found = [
        {"field": ".".join(str(part) for part in one["loc"][1:]), "message": one["msg"]}
        for one in cast(RequestValidationError, error).errors()
    ]
    detail = "; ".join(f"{one['field'] or 'body'}: {one['message']}" for one in found)
    return problem(request, HTTPStatus.UNPROCESSABLE_ENTITY, shorten(detail, 500), errors=found)


async def http(request: Request, error: Exception) -> Response:
    """What the framework refuses by itself: unknown addresses, methods, bodies that are too large."""
    error = cast(HTTPException, error)
    status = HTTPStatus(error.status_code)
    return problem(request, status, PLAIN.get(status, str(error.detail)), headers=dict(error.headers or {}))


async def unforeseen(request: Request, error: Exception) -> Response:
    """A mistake of ours: the trace goes to the log (the server writes it), never to the client."""
    log.error("%s %s failed", request.method, request.url.path)
    detail = "This is a mistake of the server, not yours. Nothing that was acknowledged is lost."
    mend = "Try again; the server's log has the details."
    return problem(request, HTTPStatus.INTERNAL_SERVER_ERROR, detail, mend=mend)


def status_of(error: MiddlemostError) -> HTTPStatus:
    """The status that stands for `error`.

    >>> status_of(MissingError("no such item")), status_of(AccessError("who?", signed_in=False))
    (<HTTPStatus.NOT_FOUND: 404>, <HTTPStatus.UNAUTHORIZED: 401>)
    """
    if _unknown(error):
        return HTTPStatus.UNAUTHORIZED
    return next((status for kind, status in STATUS if isinstance(error, kind)), HTTPStatus.INTERNAL_SERVER_ERROR)


def problem(
    request: Request,
    status: HTTPStatus,
    detail: str,
    *,
    mend: str | None = None,
    errors: list[dict[str, str]] | None = None,
    headers: dict[str, str] | None = None,
) -> Response:
    """One problem, for a program or for a person, whichever asks."""
    if status == HTTPStatus.REQUEST_ENTITY_TOO_LARGE:
        headers = (headers or {}) | {"Connection": "close"}  # else the server would go on taking what it throws away
    if wants_page(request):
        title = TITLES.get(status, status.phrase)
        shown = page("problem.html.j2", title=title, detail=detail, mend=mend, status=int(status))
        return Response(shown, status, headers, "text/html")
    body = {"type": "about:blank", "title": status.phrase, "status": int(status), "detail": detail}
    extra = {"mend": mend, "errors": errors}
    body |= {name: value for name, value in extra.items() if value}
    return JSONResponse(body, status, headers, "application/problem+json")


def wants_page(request: Request) -> bool:
    """Whether a person's browser asks, for a page."""
    return "text/html" in request.headers.get("accept", "") and not request.url.path.startswith("/api/")


def _in_words(error: MiddlemostError) -> str:
    value = error.place.value if error.place else None
    return error.message if value is None else f"{error.message} It was {shorten(value)!r}."


def _fields(error: MiddlemostError) -> list[dict[str, str]] | None:
    """Which question or field it is about, for programs."""
    if isinstance(error, InputError) and error.place and isinstance(error.place.column, str):
        return [{"field": error.place.column, "message": error.message}]
    return None


def _unknown(error: MiddlemostError) -> bool:
    return isinstance(error, AccessError) and not error.signed_in

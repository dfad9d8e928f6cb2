"""The application: its routes and its middleware, in plain sight."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from functools import cache
from importlib.metadata import version
from typing import Any

from anyio import CapacityLimiter
from fastapi import FastAPI
from fastapi.exceptions import RequestValidationError
from fastapi.routing import APIRoute
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.middleware.body_limit import RequestBodyLimitMiddleware
from starlette.responses import FileResponse, Response, StreamingResponse
from starlette.routing import BaseRoute, Mount

from middlemost.errors import MiddlemostError
from middlemost.project.folder import Project
from middlemost.web import (
    about,
    account,
    applying,
    assigning,
    calibrating,
    closing,
    desk,
    door,
    entering,
    exports,
    feedback,
    guidelines,
    identifying,
    items,
    leading,
    learning,
    own,
    problems,
    rating,
    sample,
    tables,
)
from middlemost.web.assets import Assets
from middlemost.web.board import Board
from middlemost.web.courier import Courier
from middlemost.web.current import Current
from middlemost.web.description import PROBLEMS, described
from middlemost.web.hashing import Hashing
from middlemost.web.provider import Provider
from middlemost.web.security import Guard
from middlemost.web.session import Sessions
from middlemost.web.workshop import Workshop

LARGEST_BODY = 64 * 1024
ASKING_AT_ONCE = 8  # threads that wait for the provider
CSV: dict[int | str, dict[str, Any]] = {200: {"content": {"text/csv": {}}}}


def create_app(project: Project, *, hosts: frozenset[str] = frozenset(), provider: Provider | None = None) -> FastAPI:
    """The server of `project` as an ASGI application; `hosts` are the names it answers under (empty: any).

    `provider`: by whose accounts people can sign in too.
    """
    app = FastAPI(
        title="middlemost",
        version=version("middlemost"),
        routes=[*routes()],
        middleware=[
            Middleware(Guard, hosts=hosts, largest=LARGEST_BODY),
            Middleware(
                RequestBodyLimitMiddleware, max_body_size=LARGEST_BODY
            ),  # bodies that do not say how long they are
        ],
        exception_handlers={
            MiddlemostError: problems.domain,
            RequestValidationError: problems.invalid,
            HTTPException: problems.http,
            Exception: problems.unforeseen,
        },
        lifespan=lifespan,
        docs_url=None,  # their pages load scripts from the network
        redoc_url=None,
        telemetry={"tracing": False, "metrics": False, "logs": False, "auto_configure": False},
    )
    app.openapi = lambda: described(app.routes)  # type: ignore[method-assign]
    app.state.current = current = Current(project)
    app.state.sessions = Sessions(project)
    app.state.provider = provider
    app.state.hashing = Hashing()
    app.state.asking = CapacityLimiter(ASKING_AT_ONCE)
    app.state.board = Board(current)
    app.state.courier = Courier(project)
    app.state.workshop = Workshop(current)
    return app


@cache
def routes() -> tuple[BaseRoute, ...]:
    """Every address that the server answers."""
    return (
        get_page("/", door.home),
        get_page("/join/{token}", door.show_invite),
        post_page("/join/{token}", door.join_by_invite),
        post_page("/join/{token}/with", identifying.join_with),
        get_page("/sign-in", entering.show_sign_in),
        post_page("/sign-in", entering.take_sign_in),
        post_page("/sign-in/with", identifying.sign_in_with),
        get_page("/sign-in/back", identifying.come_from_provider),
        get_page("/sign-up", entering.show_sign_up),
        post_page("/sign-up", entering.take_sign_up),
        post_page("/sign-up/with", identifying.sign_up_with),
        post_page("/sign-out", door.leave),
        get_page("/account", account.show_account),
        post_page("/account/password", account.take_password),
        post_page("/account/password/remove", account.drop_password),
        post_page("/account/sessions", account.end_sessions),
        post_page("/account/provider", identifying.connect_with),
        post_page("/account/provider/remove", account.drop_provider),
        get_page("/rate", rating.show),
        get_page("/training", learning.show),
        get_page("/calibration", calibrating.show_round),
        get_page("/answers", own.show_own),
        get_page("/about-you", about.show),
        post_page("/about-you", about.take),
        post_page("/about-you/withdraw", about.take_back),
        get_page("/feedback", feedback.show_feedback),
        get_page("/files/{name:path}", rating.show_picture),
        get_page("/guidelines", door.show_guidelines),
        get_page("/desk", desk.show_today),
        get_page("/desk/raters", desk.show_raters),
        get_page("/desk/raters/{rater}/feedback", feedback.show_sent),
        get_page("/desk/rounds", calibrating.show_rounds),
        get_page("/desk/rounds/{number}", calibrating.show_calibrated),
        get_page("/desk/items", items.show_items),
        get_page("/desk/export", exports.show_exports),
        get_page("/desk/decide", desk.show_next),
        get_page("/desk/guidelines", guidelines.show_guidance),
        get_page("/desk/sample", sample.show_sample),
        get_page("/desk/sample/next", sample.show_next_drawn),
        get_page("/desk/items/{item_id:path}", desk.show_item),
        get("/api/session", door.session),
        post("/api/next", rating.lend),
        post("/api/answers", rating.take_answer, status_code=201),
        post("/api/skips", rating.take_skip),
        post("/api/flags", rating.take_flag, status_code=201),
        post("/api/take-back", rating.give_back),
        get("/api/progress", rating.tell_progress),
        get("/api/own-answers", own.tell_own),
        post("/api/training/next", learning.next_step),
        post("/api/training/answers", learning.take_practice),
        post("/api/calibration/next", calibrating.next_judged),
        post("/api/calibration/answers", calibrating.take_judged),
        get("/api/own-feedback", feedback.tell_feedback),
        post("/api/own-feedback", feedback.take_read),
        get("/api/calibrations", calibrating.tell_rounds),
        post("/api/calibrations", calibrating.begin_round, status_code=201),
        get("/api/calibrations/{number}", calibrating.tell_round),
        post("/api/calibrations/{number}/notes", calibrating.take_said),
        post("/api/calibrations/{number}/close", calibrating.close_round),
        post("/api/feedback", feedback.send, status_code=201),
        get("/api/feedback/{rater}", feedback.tell_sent),
        get("/api/admissions", learning.tell_admissions),
        post("/api/admissions", learning.take_admission),
        get("/api/standing", leading.tell_standing),
        get("/api/items", items.tell_items),
        get("/api/items.csv", items.give_items, response_class=StreamingResponse, responses=CSV),
        get("/api/tables/{name}.csv", tables.give_table, response_class=StreamingResponse, responses=CSV),
        get("/api/exports", exports.tell_exports),
        post("/api/exports", exports.ask_export, status_code=202),
        get("/api/exports/{number}", exports.tell_export),
        get("/api/exports/{number}/file", exports.give_export, response_class=FileResponse, responses=exports.FILES),
        get("/api/guidelines.csv", guidelines.give_guidance, response_class=Response, responses=CSV),
        get("/api/sample", sample.tell_sample),
        post("/api/sample", sample.take_draw, status_code=201),
        post("/api/reviews", leading.decide, status_code=201),
        post("/api/invites", leading.make_invite, status_code=201),
        post("/api/priorities", assigning.take_priorities),
        get("/api/applicants", applying.tell_applicants),
        post("/api/applicants", applying.take_applicant),
        get("/api/people", closing.tell_people),
        post("/api/people", closing.change_access),
        get("/api/raters", assigning.tell_raters),
        post("/api/raters", assigning.take_raters),
        get("/healthz", door.health),
        Mount("/static", Assets(), name="static"),
    )


def get(path: str, endpoint: Any, **settings: Any) -> APIRoute:
    """An address of the JSON interface that is read."""
    return APIRoute(path, endpoint, methods=["GET"], **_with_problems(settings))


def post(path: str, endpoint: Any, **settings: Any) -> APIRoute:
    """An address of the JSON interface that changes something."""
    return APIRoute(path, endpoint, methods=["POST"], **_with_problems(settings))


def _with_problems(settings: dict[str, Any]) -> dict[str, Any]:
    return settings | {"responses": PROBLEMS | settings.get("responses", {})}


def get_page(path: str, endpoint: Any) -> APIRoute:
    """A page."""
    return get(path, endpoint, response_model=None, include_in_schema=False)


def post_page(path: str, endpoint: Any) -> APIRoute:
    """What a page's form is sent to."""
    return post(path, endpoint, response_model=None, include_in_schema=False)


@asynccontextmanager
async def lifespan(app: FastAPI) -> AsyncIterator[None]:
    """The threads of the board, the courier and the workshop run as long as the server does."""
    beside: tuple[Board | Courier | Workshop, ...] = (app.state.board, app.state.courier, app.state.workshop)
    for one in beside:
        one.start()
    try:
        yield
    finally:
        for one in reversed(beside):
            one.stop()

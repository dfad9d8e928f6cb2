"""The application: its routes and its middleware, in plain sight."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from importlib.metadata import version
from typing import Any

from fastapi import FastAPI
from fastapi.exceptions import RequestValidationError
from fastapi.routing import APIRoute
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.middleware.body_limit import RequestBodyLimitMiddleware
from starlette.responses import StreamingResponse
from starlette.routing import BaseRoute, Mount

from middlemost.errors import MiddlemostError
from middlemost.project.folder import Project
from middlemost.web import assigning, calibrating, desk, door, feedback, items, leading, learning, own, problems, rating
from middlemost.web.assets import Assets
from middlemost.web.board import Board
from middlemost.web.courier import Courier
from middlemost.web.description import PROBLEMS, described
from middlemost.web.security import Guard
from middlemost.web.session import Sessions

LARGEST_BODY = 64 * 1024
CSV: dict[int | str, dict[str, Any]] = {200: {"content": {"text/csv": {}}}}


def create_app(project: Project, *, hosts: frozenset[str] = frozenset()) -> FastAPI:
    """The server of `project` as an ASGI application; `hosts` are the names it answers under (empty: any)."""
    app = FastAPI(
        title="middlemost",
        version=version("middlemost"),
        routes=routes(),
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
    app.state.project = project
    app.state.sessions = Sessions(project)
    app.state.board = Board(project)
    app.state.courier = Courier(project)
    return app


def routes() -> list[BaseRoute]:
    """Every address that the server answers."""
    return [
        get_page("/", door.home),
        get_page("/join/{token}", door.show_invite),
        post_page("/join/{token}", door.join_by_invite),
        post_page("/sign-out", door.leave),
        get_page("/rate", rating.show),
        get_page("/training", learning.show),
        get_page("/calibration", calibrating.show_round),
        get_page("/answers", own.show_own),
        get_page("/feedback", feedback.show_feedback),
        get_page("/files/{name:path}", rating.show_picture),
        get_page("/guidelines", door.show_guidelines),
        get_page("/desk", desk.show_today),
        get_page("/desk/raters", desk.show_raters),
        get_page("/desk/raters/{rater}/feedback", feedback.show_sent),
        get_page("/desk/rounds", calibrating.show_rounds),
        get_page("/desk/rounds/{number}", calibrating.show_calibrated),
        get_page("/desk/items", items.show_items),
        get_page("/desk/decide", desk.show_next),
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
        post("/api/reviews", leading.decide, status_code=201),
        post("/api/invites", leading.make_invite, status_code=201),
        post("/api/priorities", assigning.take_priorities),
        get("/api/raters", assigning.tell_raters),
        post("/api/raters", assigning.take_raters),
        get("/healthz", door.health),
        Mount("/static", Assets(), name="static"),
    ]


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
    """The threads of the board and of the courier run as long as the server does."""
    board: Board = app.state.board
    courier: Courier = app.state.courier
    board.start()
    courier.start()
    try:
        yield
    finally:
        courier.stop()
        board.stop()

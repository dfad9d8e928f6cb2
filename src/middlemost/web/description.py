"""The interface described for machines: OpenAPI 3.1, as the server gives it and as it lies in the documentation."""

from __future__ import annotations

from collections.abc import Sequence
from importlib.metadata import version
from typing import Any

from fastapi.openapi.utils import get_openapi
from pydantic import BaseModel, Field
from starlette.routing import BaseRoute

Described = dict[str, Any]
SUMMARY = "Collect answers, see where they stand, decide, invite. Errors are problem details (RFC 9457)."


class Mistake(BaseModel):
    """One field or question that cannot be used."""

    field: str
    message: str


class Problem(BaseModel):
    """What is wrong (RFC 9457), and in `mend` how to go on, where that is known."""

    type: str = Field(description="about:blank: the status says what kind of problem it is.")
    title: str
    status: int
    detail: str
    mend: str | None = None
    errors: list[Mistake] | None = None


def _problem(description: str) -> Described:
    schema = {"$ref": "#/components/schemas/Problem"}
    return {"description": description, "content": {"application/problem+json": {"schema": schema}}}


# What every address of the JSON interface may answer beside what it is for.
PROBLEMS: dict[int | str, Described] = {
    "4XX": _problem("The request cannot be done: not signed in, not allowed, not there, not fitting, not to be read."),
    "5XX": _problem("A mistake of the server, or the database is away: nothing was written."),
}


def described(routes: Sequence[BaseRoute]) -> Described:
    """The OpenAPI document of these routes."""
    document = get_openapi(title="middlemost", version=version("middlemost"), summary=SUMMARY, routes=routes)
    parts = document.setdefault("components", {})
    schemas = parts.setdefault("schemas", {})
    for unused in ("HTTPValidationError", "ValidationError"):  # the framework's own form, which we never send
        schemas.pop(unused, None)
    problem = Problem.model_json_schema(ref_template="#/components/schemas/{model}")
    schemas |= problem.pop("$defs", {}) | {"Problem": problem}
    how = "From middlemost tokens make. A browser has a cookie and X-CSRF-Token instead."
    parts["securitySchemes"] = {"token": {"type": "http", "scheme": "bearer", "description": how}}
    for path, operations in document["paths"].items():
        for operation in operations.values():
            operation["responses"].pop("422", None)
            if path != "/healthz":
                operation["security"] = [{"token": []}]
    return document

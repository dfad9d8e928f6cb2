"""What machines are told of the interface, and that it is so."""

from __future__ import annotations

import json
from pathlib import Path

import httpx
import pytest
import schemathesis
from hypothesis import HealthCheck, given, settings
from schemathesis import GenerationMode
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from middlemost.project.folder import Project
from middlemost.project.people import invite, join
from middlemost.project.tokens import make_token
from middlemost.web.app import routes
from middlemost.web.description import described

CHECKS = [not_a_server_error, status_code_conformance, content_type_conformance, response_schema_conformance]
DOCUMENT = Path(__file__).parents[2] / "docs" / "openapi.json"


def test_the_description_in_the_documentation_is_the_server_s() -> None:
    assert json.loads(DOCUMENT.read_text("utf-8")) == described(routes()), "middlemost openapi > docs/openapi.json"


def test_the_server_gives_its_description(visitor: httpx.Client) -> None:
    told = visitor.get("/openapi.json").json()
    assert told["openapi"].startswith("3.1")
    assert told == described(routes())


def test_every_operation_tells_what_it_does_and_how_it_refuses() -> None:
    document = described(routes())
    for path, operations in document["paths"].items():
        for operation in operations.values():
            assert operation["description"].endswith("."), path
            assert {"4XX", "5XX"} <= set(operation["responses"]), path
            assert "422" not in operation["responses"], path


@pytest.mark.long
@pytest.mark.parametrize(("role", "scope"), [("rater", ["answer"]), ("owner", ["read", "decide", "invite"])])
@pytest.mark.parametrize("mode", [GenerationMode.POSITIVE, GenerationMode.NEGATIVE], ids=["fitting", "unfitting"])
def test_no_request_that_can_be_thought_of_brings_the_server_down(
    project: Project, server: str, role: str, scope: list[str], mode: GenerationMode
) -> None:
    """Schemathesis: whatever is sent, answers have the status, type and form that the description says."""
    person = join(project, invite(project, role=role), "Ada").person  # type: ignore[arg-type]
    headers = {"Authorization": f"Bearer {make_token(project, person, 'test', scope)}"}
    tried = 0
    for found in schemathesis.openapi.from_url(f"{server}/openapi.json").get_all_operations():
        operation = found.ok()
        if mode is GenerationMode.NEGATIVE and not operation.body and not list(operation.iter_parameters()):
            continue  # where nothing is sent nothing can be unfitting

        @settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck), database=None)
        @given(case=operation.as_strategy(generation_mode=mode))
        def attempt(case: schemathesis.Case) -> None:
            nonlocal tried
            tried += 1
            case.call_and_validate(headers=headers, checks=CHECKS)

        attempt()
    assert tried > 300

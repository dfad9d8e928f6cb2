"""The types of question. `QUESTIONS` is the table: schema, validation, the rater's page and the docs follow it.

To add a type: a file here with a subclass of `Question`, its row below, and a module of its name in
`web/static/questions/` that shows it. CONTRIBUTING.md walks through it.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Annotated, Any, Union

from pydantic import Discriminator, Tag

from middlemost.core.questions.base import Question, When
from middlemost.core.questions.choice import Choice
from middlemost.core.questions.multichoice import MultiChoice
from middlemost.core.questions.ranking import Ranking
from middlemost.core.questions.scale import Scale
from middlemost.core.questions.spans import Spans
from middlemost.core.questions.text import Text

QUESTIONS: dict[str, type[Question]] = {
    "choice": Choice,
    "multichoice": MultiChoice,
    "scale": Scale,
    "spans": Spans,
    "ranking": Ranking,
    "text": Text,
}


def _type(given: Any) -> str:
    said = given.get("type", "choice") if isinstance(given, Mapping) else getattr(given, "type", "choice")
    return str(said)


if TYPE_CHECKING:
    AnyQuestion = Question
else:
    AnyQuestion = Annotated[
        Union[tuple(Annotated[row, Tag(name)] for name, row in QUESTIONS.items())],  # noqa: UP007
        Discriminator(_type),
    ]

__all__ = [
    "QUESTIONS",
    "AnyQuestion",
    "Choice",
    "MultiChoice",
    "Question",
    "Ranking",
    "Scale",
    "Spans",
    "Text",
    "When",
]

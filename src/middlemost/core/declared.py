"""What every part of the protocol is made of."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from typing import Annotated, TypeVar

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

T = TypeVar("T")
Id = Annotated[
    str,
    StringConstraints(min_length=1, max_length=100, strip_whitespace=True),
    Field(json_schema_extra={"type": ["string", "integer"]}),
]
Words = Annotated[str, StringConstraints(min_length=1, strip_whitespace=True)]


class Declared(BaseModel):
    """A part of the protocol: frozen, and a key that it does not know is a mistake."""

    model_config = ConfigDict(extra="forbid", frozen=True)


@dataclass(frozen=True)
class Mistake:
    """What is wrong with a declaration whose parts are each in order.

    `path` leads from it to the value that is wrong, or with `at_key` to the key.
    """

    path: tuple[str | int, ...]
    message: str
    mend: str | None = None
    at_key: bool = False

    def within(self, *path: str | int) -> Mistake:
        """The same mistake, seen from further out."""
        return replace(self, path=(*path, *self.path))


class Option(Declared):
    """One of the answers to a question, or one of the labels that spans and ranks are given to."""

    id: Id = Field(description="What is stored and released when a rater chooses this answer.")
    label: Words | None = Field(None, description="What raters read; the id if absent.")
    hint: Words | None = Field(None, description="A few words beside the label, say the guideline's section.")

    @property
    def text(self) -> str:
        """What raters read."""
        return self.label or self.id


def doubled(items: Iterable[T], name: Callable[[T], str], key: str, what: str) -> Iterator[Mistake]:
    """Those of the list `key` that repeat the id of one before."""
    seen: set[str] = set()
    for number, item in enumerate(items):
        if name(item) in seen:
            yield Mistake((key, number, "id"), f"Two {what} have the same id.", "Give each its own.")
        seen.add(name(item))

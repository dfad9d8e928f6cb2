"""An answer in the rater's own words."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator
from typing import Any, ClassVar, Literal

from pydantic import Field

from middlemost.core.declared import Mistake
from middlemost.core.nouns import Item
from middlemost.core.questions.base import Question
from middlemost.core.values import TEXT, Kind

LONGEST = 10_000


class Text(Question):
    """A question whose answer is written."""

    kind: ClassVar[Kind] = TEXT
    example: ClassVar[str] = """\
- id: why
  type: text
  ask: What made you decide so?
  required: no
  min: 10                       # characters
  max: 500
"""

    type: Literal["text"]
    min: int = Field(1, ge=1, le=LONGEST, description="The fewest characters.")
    max: int = Field(2000, ge=1, le=LONGEST, description="The most characters.")

    def accept(self, given: object, item: Item) -> str:
        """The text, without spaces round it, lines ended as everywhere."""
        if not isinstance(given, str):
            self._refuse("The answer is a text.", given)
        said = given.replace("\r\n", "\n").replace("\r", "\n").strip()
        if wrong := next((sign for sign in said if _unwritable(sign)), None):
            self._refuse(f"The character U+{ord(wrong):04X} cannot be kept.")
        if len(said) < self.min:
            self._refuse(f"The text has {len(said)} characters; it needs at least {self.min}.")
        if len(said) > self.max:
            self._refuse(f"The text has {len(said)} characters; it may have at most {self.max}.")
        return said

    def fits(self, value: Any) -> bool:
        """A text stays a text."""
        return True

    def mistakes(self) -> Iterator[Mistake]:
        """Lengths that cannot be."""
        if self.max < self.min:
            key = "max" if "max" in self.model_fields_set else "min"
            yield Mistake((key,), f"`max` is {self.max}, which is below `min`, {self.min}.", "Give `max` a higher one.")


def _unwritable(sign: str) -> bool:
    """Half characters and control characters: no file or database keeps them all."""
    return sign not in "\n\t" and unicodedata.category(sign) in ("Cs", "Cc")

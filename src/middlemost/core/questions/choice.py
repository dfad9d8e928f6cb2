"""One answer out of a list."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Annotated, Any, ClassVar, Literal, Self

from pydantic import Field

from middlemost.core.declared import Mistake, Option, doubled
from middlemost.core.nouns import Item
from middlemost.core.questions.base import Question, Shuffle, shuffled, texts
from middlemost.core.values import CODE, Kind


class Choice(Question):
    """A question with one answer out of a list."""

    kind: ClassVar[Kind] = CODE
    example: ClassVar[str] = """\
- id: respect
  type: choice                  # may be left out: it is what a question is by default
  ask: Is this reply respectful to the person it answers?
  options:
    - {id: "yes", label: Respectful}
    - {id: "no", label: Disrespectful, hint: "an insult, section 2"}
    - id: unclear
"""

    type: Literal["choice"] = "choice"
    options: Annotated[list[Option], Field(min_length=2, max_length=100, description="The possible answers, in order.")]
    shuffle: Shuffle = False

    def accept(self, given: object, item: Item) -> str:
        """An option's id."""
        return self._known(given, self.shown())

    def fits(self, value: Any) -> bool:
        """Whether it is an option."""
        return value in self.shown()

    def mistakes(self) -> Iterator[Mistake]:
        """Options with one id."""
        return doubled(self.options, lambda option: option.id, "options", "options")

    def codes(self) -> tuple[str, ...]:
        """The options."""
        return self.shown()

    def declared(self) -> Sequence[Option]:
        """What is declared."""
        return self.options

    def arranged(self, by: str) -> Self:
        """With its options in this rater's order."""
        return self.model_copy(update={"options": shuffled(self.options, f"{by} {self.id}")}) if self.shuffle else self

    def words(self, value: Any) -> str:
        """The option's label."""
        return texts(self.options).get(value, str(value))

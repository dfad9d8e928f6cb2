"""What every type of question has: what is asked, whether it must be answered, and when it is asked at all."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Iterator, Sequence
from random import Random
from typing import Annotated, Any, ClassVar, NoReturn, Self

from pydantic import BeforeValidator, Field

from middlemost.core.declared import Declared, Id, Mistake, Option, Words
from middlemost.core.nouns import Item
from middlemost.core.values import Kind, Value
from middlemost.errors import InputError, Place, did_you_mean


def _listed(value: object) -> object:
    return value if isinstance(value, list) else [value]


class When(Declared):
    """A condition: the answer to an earlier question on the same page is one of these, or holds one of these."""

    question: Id = Field(description="The id of an earlier question of this protocol.")
    is_: Annotated[list[Id], BeforeValidator(_listed), Field(min_length=1)] = Field(
        alias="is",
        description="The answers that bring this question up: one, or a list.",
        json_schema_extra={"anyOf": [{"type": ["string", "integer", "number"]}, {"type": "array"}]},
    )


class Question(Declared):
    """A question. A type of question is a subclass in a file of its own, and a row in `core/questions/__init__.py`.

    `kind`: what its answers are. `example`: a declaration of it in YAML, as the documentation shows it.
    """

    kind: ClassVar[Kind]
    example: ClassVar[str]

    id: Id = Field(description="Names the question in every file that leaves the project.")
    type: str = Field(description="The type of question.")
    ask: Words = Field(description="The question as raters read it.")
    required: bool = Field(True, description="Whether raters must answer it: yes or no.")
    when: When | None = Field(None, description="Ask it only where an earlier question is answered so.")

    @abstractmethod
    def accept(self, given: object, item: Item) -> Value:
        """What was given, as a value in its canonical form. InputError says what is wrong with it."""

    @abstractmethod
    def fits(self, value: Any) -> bool:
        """Whether a value that was accepted once, under whatever options then, would be possible still."""

    def of_item(self) -> bool:
        """Whether what can be answered depends on the item."""
        return False

    def mistakes(self) -> Iterator[Mistake]:
        """What is wrong with the declaration as a whole."""
        return iter(())

    def codes(self) -> tuple[str, ...] | None:
        """What a condition may ask of an answer: these; None: numbers. LookupError where it can ask nothing."""
        raise LookupError

    def says(self, value: Any, code: str) -> bool:
        """Whether the answer `value` is what a condition asks for."""
        return bool(value == code)

    def declared(self) -> Sequence[Option]:
        """The options or labels that it declares, in the order in which raters see them."""
        return ()

    def shown(self) -> tuple[str, ...]:
        """Their ids."""
        return tuple(option.id for option in self.declared())

    def arranged(self, by: str) -> Self:
        """The question as one rater sees it; what is in an order of its own for each follows from `by`."""
        return self

    def spec(self) -> dict[str, Any]:
        """What the rater's page is told of it."""
        return self.model_dump(mode="json", by_alias=True, exclude_none=True)

    def words(self, value: Any) -> str:
        """An answer in the words that raters read."""
        return self.kind.text(value)

    def _refuse(self, message: str, value: object = None, mend: str | None = None) -> NoReturn:
        shown = None if value is None else str(value)
        raise InputError(message, place=Place(column=self.id, value=shown), mend=mend)

    def _known(self, given: object, options: Sequence[str]) -> str:
        if not isinstance(given, str) or given not in options:
            mend = did_you_mean(str(given), options, otherwise="The options are: ")
            self._refuse("This is none of the options.", given, mend)
        return given


Shuffle = Annotated[bool, Field(description="Whether the options stand in another order for each rater: yes or no.")]


def shuffled(options: Sequence[Option], by: str) -> list[Option]:
    """The options in an order that follows from `by`; it is released as `shown_order`.

    >>> options = [Option(id=one) for one in "abc"]
    >>> [one.id for one in shuffled(options, "r-001")], [one.id for one in shuffled(options, "r-002")]
    (['a', 'c', 'b'], ['b', 'a', 'c'])
    """
    return Random(by).sample(options, len(options))  # noqa: S311 - to be drawn again, not to be secret


def texts(options: Sequence[Option]) -> dict[str, str]:
    """What raters read, by option id."""
    return {option.id: option.text for option in options}

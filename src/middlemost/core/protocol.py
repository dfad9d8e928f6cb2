"""The protocol: the declared procedure of a project, as typed values. Reading it from YAML is `files/protocol.py`."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

Id = Annotated[
    str,
    StringConstraints(min_length=1, max_length=100, strip_whitespace=True),
    Field(json_schema_extra={"type": ["string", "integer"]}),
]
Words = Annotated[str, StringConstraints(min_length=1, strip_whitespace=True)]
Paradigm = Literal["prescriptive", "descriptive"]


class Declared(BaseModel):
    """A part of the protocol: frozen, and a key that it does not know is a mistake."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class Option(Declared):
    """One of the answers to a choice question."""

    id: Id = Field(description="What is stored and released when a rater chooses this answer.")
    label: Words | None = Field(None, description="What raters read; the id if absent.")
    hint: Words | None = Field(None, description="A few words beside the label, say the guideline's section.")

    @property
    def text(self) -> str:
        """What raters read."""
        return self.label or self.id


class Choice(Declared):
    """A question with one answer out of a list."""

    id: Id = Field(description="Names the question in every file that leaves the project.")
    type: Literal["choice"] = Field("choice", description="The kind of question.")
    ask: Words = Field(description="The question as raters read it.")
    options: Annotated[list[Option], Field(min_length=2, max_length=100, description="The possible answers, in order.")]


class Collection(Declared):
    """How answers are collected."""

    answers_per_item: int = Field(3, ge=1, le=1000, description="How many different raters answer each item.")
    lease_minutes: float = Field(
        30, ge=0.01, le=10_080, description="How long an item stays lent to a rater who has not answered."
    )


class Disclosure(Declared):
    """What only people know about the data; it goes into the datasheet of every release."""

    purpose: Words | None = Field(None, description="What the data is for, and what it should not be used for.")
    items: Words | None = Field(None, description="Where the items come from and how they were selected.")
    raters: Words | None = Field(None, description="Who the raters are and how they were found.")
    pay: Words | None = Field(None, description="How raters are paid.")
    licence: Words | None = Field(None, description="The licence of the released data.")
    contact: Words | None = Field(None, description="Whom to ask.")
    citation: Words | None = Field(None, description="How to cite the data.")


class Protocol(Declared):
    """The declared procedure: questions, guidelines, paradigm, collection."""

    name: Words = Field(description="The project's name, as raters and readers see it.")
    paradigm: Paradigm = Field(
        description="prescriptive: each item has one right label, disagreement is noise. "
        "descriptive: opinions differ, their distribution is the result."
    )
    guidelines: Words = Field(
        "guidelines.md", description="The Markdown file with the raters' guidelines, beside this one."
    )
    questions: Annotated[
        list[Choice],
        Field(min_length=1, max_length=1, description="What raters are asked of each item (one question)."),
    ]
    collection: Collection = Field(default=Collection(), description="How answers are collected.")
    disclosure: Disclosure = Field(default=Disclosure(), description="What only people know about the data.")

    @property
    def question(self) -> Choice:
        """The one question."""
        return self.questions[0]

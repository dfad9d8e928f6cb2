"""What only people know about the data, as the protocol declares it."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Literal

from pydantic import AfterValidator, BeforeValidator, Field

from middlemost.core.declared import Declared, Words

Workforce = Literal["crowd", "experts", "others"]


def _listed(value: object) -> object:
    return value if isinstance(value, list) or value is None else [value]


def _address(given: str) -> str:
    if not given.startswith(("https://", "http://")) or any(sign.isspace() for sign in given):
        raise ValueError("an address that begins with https://")
    return given


def _day(given: str) -> str:
    try:
        return date.fromisoformat(given).isoformat()
    except ValueError:
        raise ValueError("a day, as in 2026-11-24") from None


class Disclosure(Declared):
    """What only people know about the data; it goes into the datasheet of every release."""

    purpose: Words | None = Field(None, description="What the data is for, and what it should not be used for.")
    items: Words | None = Field(None, description="Where the items come from and how they were selected.")
    language: Annotated[list[Words], BeforeValidator(_listed)] | None = Field(
        None,
        description="The language of the items as a code (en, pt-BR), or a list of them.",
        json_schema_extra={"anyOf": [{"type": ["string", "null"]}, {"type": "array", "items": {"type": "string"}}]},
    )
    personal: Words | None = Field(None, description="Which personal or sensitive information is in the items.")
    raters: Words | None = Field(None, description="Who the raters are and how they were found.")
    workforce: Workforce | None = Field(None, description="What kind of raters they are: crowd, experts or others.")
    pay: Words | None = Field(None, description="How raters are paid.")
    limitations: Words | None = Field(None, description="What cannot be concluded from the data.")
    biases: Words | None = Field(None, description="Which biases the data is known to have.")
    licence: Words | None = Field(None, description="The licence of the released data, as in CC-BY-4.0.")
    creator: Words | None = Field(None, description="Who made the data set.")
    contact: Words | None = Field(None, description="Whom to ask.")
    citation: Words | None = Field(None, description="How to cite the data.")
    url: Annotated[Words, AfterValidator(_address)] | None = Field(None, description="Where the data is published.")
    published: Annotated[Words, AfterValidator(_day)] | None = Field(
        None, description="The day of publication, as in 2026-11-24."
    )

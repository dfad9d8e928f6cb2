"""An Argilla data set, from its records and its settings, as what a project here is made of."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

from middlemost.core.earlier import EarlierPage
from middlemost.core.nouns import Item
from middlemost.core.shown import turns
from middlemost.errors import InputError, Place
from middlemost.files.argilla_records import DISCARDED, DRAFT, SUBMITTED, ArgillaRecord, Response, read_records
from middlemost.files.argilla_settings import Asked, Field, Settings, declaration, read_settings, told
from middlemost.files.incoming import (
    Declaration,
    Incoming,
    code_points,
    counted,
    no_guidelines,
    protocol_text,
    required_where_answered,
    title,
)

_AGAIN = "Save the records and the settings in Argilla again."


def read_project(
    records: str | Path,
    settings: str | Path | None = None,
    *,
    name: str | None = None,
    descriptive: bool = False,
    utf16: bool = False,
) -> Incoming:
    """Read records as JSON and, where there are any, the settings, which name options nobody chose.

    Questions of Argilla become questions, records items with their metadata, users raters, submitted responses
    answers, discarded ones skips. `utf16`: passages were marked in Argilla's page, which counts an emoji as two.
    InputError with the record for what is no such export.
    """
    path = Path(records)
    data = _Data(
        tuple(read_records(path)), read_settings(Path(settings)) if settings is not None else Settings(), utf16
    )
    questions, left = data.questions()
    if not questions:
        mend = "Labels, ratings, texts, spans and rankings can be moved."
        raise InputError("Nothing that is asked here can be moved.", place=Place(str(path)), mend=mend)
    items = tuple(data.item(record) for record in data.records)
    pages = tuple(page for record in data.records for page in data.pages(record, [one["id"] for one in questions]))
    text = protocol_text(
        name or title(path),
        required_where_answered(questions, pages),
        pages,
        descriptive=descriptive,
        show="conversation" if data.chat else "text",
    )
    guidelines = data.settings.guidelines or no_guidelines("Argilla")
    return Incoming(text, guidelines, items, pages, {}, (*left, *data.left()))


@dataclass(frozen=True)
class _Data:
    """A data set: its records, its settings, and how its passages are counted."""

    records: tuple[ArgillaRecord, ...]
    settings: Settings
    utf16: bool

    @cached_property
    def shown(self) -> tuple[Field, ...]:
        """What is shown, in order."""
        if self.settings.fields:
            return self.settings.fields
        first = {name: value for record in self.records for name, value in record.fields.items()}
        return tuple(Field(name, name, "chat" if _turns(value) else "text") for name, value in first.items())

    @cached_property
    def asked(self) -> tuple[Asked, ...]:
        """What is asked: as the settings say, and what was answered beside."""
        said: dict[str, list[Any]] = {}
        for _, response in self._responses():
            for name, value in response.values.items():
                said.setdefault(name, []).append(value)
        known = {one.name for one in self.settings.questions}
        told_ones = (
            told(name, [value for value in values if value is not None])
            for name, values in said.items()
            if name not in known and any(value is not None for value in values)
        )
        return (*self.settings.questions, *told_ones)

    @cached_property
    def main(self) -> Field | None:
        """The field that is the item's whole text: the one that passages are marked in, or the only one."""
        spans = next((one for one in self.asked if one.type == "span"), None)
        if spans is not None:
            texts = [one for one in self.shown if one.type == "text"]
            return next((one for one in texts if one.name == spans.about), texts[0] if texts else None)
        return self.shown[0] if len(self.shown) == 1 else None

    @property
    def chat(self) -> bool:
        """Whether the item is a conversation."""
        return self.main is not None and self.main.type == "chat"

    def _responses(self) -> Iterator[tuple[ArgillaRecord, Response]]:
        return ((record, one) for record in self.records for one in record.responses if one.status == SUBMITTED)

    def questions(self) -> tuple[list[Declaration], list[str]]:
        """The questions as a protocol declares them, and those that cannot be moved, in words."""
        found: list[Declaration] = []
        left: list[str] = []
        for asked in self.asked:
            made = self._declared(asked, marked=any(one["type"] == "spans" for one in found))
            if isinstance(made, str):
                left.append(f"{asked.name}: {made}")
            else:
                found.append(made)
        return found, left

    def _declared(self, asked: Asked, *, marked: bool) -> Declaration | str:
        if asked.type not in _VALUES:
            return f"a question of the type {asked.type}"
        if asked.type == "span" and marked:
            return "only one question can mark passages"
        return declaration(asked, [value for value in self._said(asked) if value is not None])

    def _said(self, asked: Asked) -> Iterator[Any]:
        for record, response in self._responses():
            if (value := response.values.get(asked.name)) is not None:
                yield _VALUES[asked.type](self, record, value)

    def item(self, record: ArgillaRecord) -> Item:
        """The record as an item."""
        fields = dict(record.fields)
        if self.main is not None:
            given = fields.pop(self.main.name, None)
            if self.chat and (said := _turns(given)):
                fields["turns"] = said
                text = "\n\n".join(f"{one['role']}: {one['text']}" for one in said)
            else:
                text = _words(given)
        else:
            parts = ((one.title, _words(fields.get(one.name))) for one in self.shown)
            text = "\n\n".join(f"{name}: {words}" for name, words in parts if words)
        if not text.strip():
            record.fail("This record has no text.", "Each needs the field that is shown.", record.id)
        return Item(record.id, text, fields | _beside(fields, record.metadata))

    def pages(self, record: ArgillaRecord, questions: Sequence[str]) -> Iterator[EarlierPage]:
        """What users responded to a record; drafts are no answers."""
        kinds = {one.name: _VALUES[one.type] for one in self.asked if one.name in questions}
        for one in record.responses:
            key = f"argilla-{record.id}-{one.user}"
            if one.status == DISCARDED:
                yield EarlierPage(record.id, one.user, {}, key, one.at, skipped="discarded in Argilla")
            elif one.status == SUBMITTED:
                given = {name: one.values[name] for name in kinds if one.values.get(name) is not None}
                said = {name: _page(kinds[name](self, record, value)) for name, value in given.items()}
                values = {name: value for name, value in said.items() if value is not None}
                skipped = None if values else "nothing was answered in Argilla"
                yield EarlierPage(record.id, one.user, values, key, one.at, skipped=skipped)

    def left(self) -> Iterator[str]:
        """What stays behind of the records."""
        yield from counted(
            sum(one.status == DRAFT for record in self.records for one in record.responses), "{} drafts of responses"
        )
        yield from counted(sum(one.suggested for one in self.records), "suggestions for {} records")
        yield from counted(sum(one.vectors for one in self.records), "vectors of {} records")
        if any(one.type == "image" for one in self.shown):
            yield "images: their addresses are the items' texts; copy them into the folder to show them"
        words = "a check of the passages in {} texts with emoji, each of which Argilla's page counts as two "
        doubtful = 0 if self.utf16 else sum(map(self._doubtful, self.records))
        yield from counted(doubtful, words + "(--utf-16 if they were marked there)")

    def _doubtful(self, record: ArgillaRecord) -> bool:
        """Whether a passage lies elsewhere as a browser counts."""
        names = [one.name for one in self.asked if one.type == "span"]
        said = (one.values.get(name) for one in record.responses for name in names if one.status == SUBMITTED)
        return not record.ours and any(said) and any(sign > "\uffff" for sign in self.text(record))

    def text(self, record: ArgillaRecord) -> str:
        """The text that passages are marked in."""
        return _words(record.fields.get(self.main.name)) if self.main else ""

    def span(self, record: ArgillaRecord, given: object) -> dict[str, Any]:
        """A passage in code points. InputError where it does not lie in the text."""
        if not isinstance(given, dict) or not {"start", "end", "label"} <= given.keys():
            record.fail("A passage has start, end and label.", _AGAIN, given)
        start, end, text = given["start"], given["end"], self.text(record)
        if _whole(start) and _whole(end) and self.utf16:
            start, end = code_points(text, start), code_points(text, end)
        if not _whole(start) or not _whole(end) or not 0 <= start < end <= len(text):
            mend = f"The text has {len(text):,} code points."
            if any(sign > "\uffff" for sign in text) and not self.utf16:
                mend += " Argilla's page counts an emoji as two: --utf-16 reads passages that were marked there."
            record.fail("This passage does not lie in the text.", mend, given)
        return {"start": start, "end": end, "label": str(given["label"])}


def _beside(fields: Mapping[str, Any], metadata: Mapping[str, Any]) -> dict[str, Any]:
    return {f"metadata.{name}" if name in fields else name: value for name, value in metadata.items()}


def _turns(given: object) -> list[dict[str, str]]:
    """The turns of a chat, which Argilla writes with `role` and `content`."""
    listed = given if isinstance(given, list) else []
    named = [one | {"text": one.get("content")} for one in listed if isinstance(one, dict)]
    return turns({"turns": named}) if named and len(named) == len(listed) else []


def _words(given: object) -> str:
    if given is None or isinstance(given, str):
        return given or ""
    return json.dumps(given, ensure_ascii=False)


def _whole(value: object) -> bool:
    return isinstance(value, int) and not isinstance(value, bool)


def _page(value: Any) -> Any:
    """An answer as pages have it: what shares a rank stands together."""
    if not (isinstance(value, list) and value and isinstance(value[0], dict) and "rank" in value[0]):
        return value
    ranks = sorted({one["rank"] for one in value})
    return [[one["value"] for one in value if one["rank"] == rank] for rank in ranks]


def _label(data: _Data, record: ArgillaRecord, value: object) -> str:
    if not isinstance(value, (str, int)) or isinstance(value, bool) or not str(value).strip():
        record.fail("This label is no name.", _AGAIN, value)
    return str(value)


def _labels(data: _Data, record: ArgillaRecord, value: object) -> list[str]:
    if not isinstance(value, list):
        record.fail("Several labels are a list of names.", _AGAIN, value)
    return list(dict.fromkeys(_label(data, record, one) for one in value))


def _rating(data: _Data, record: ArgillaRecord, value: object) -> int:
    if not isinstance(value, int) or isinstance(value, bool):
        record.fail("A rating is a whole number.", _AGAIN, value)
    return value


def _text(data: _Data, record: ArgillaRecord, value: object) -> str | None:
    if not isinstance(value, str):
        record.fail("A text is expected.", _AGAIN, value)
    return value if value.strip() else None


def _spans(data: _Data, record: ArgillaRecord, value: object) -> list[dict[str, Any]]:
    if not isinstance(value, list):
        record.fail("Passages are a list.", _AGAIN, value)
    spans = [data.span(record, one) for one in value]
    return [one for number, one in enumerate(spans) if one not in spans[:number]]


def _ranking(data: _Data, record: ArgillaRecord, value: object) -> list[dict[str, Any]]:
    if not isinstance(value, list) or not all(isinstance(one, dict) and _whole(one.get("rank")) for one in value):
        record.fail("A ranking is a list of values, each with its rank.", _AGAIN, value)
    return [{"value": str(one.get("value")), "rank": one["rank"]} for one in value]


_VALUES: dict[str, Callable[[_Data, ArgillaRecord, Any], Any]] = {
    "label_selection": _label,
    "multi_label_selection": _labels,
    "rating": _rating,
    "text": _text,
    "span": _spans,
    "ranking": _ranking,
}

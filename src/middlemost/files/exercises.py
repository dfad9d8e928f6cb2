"""Exercises from a file: items with their right answer in a column `label`, and in `why` what feedback says of it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from middlemost.core.nouns import Item
from middlemost.core.qualifying import Exercise, Stage
from middlemost.errors import InputError, Place, did_you_mean
from middlemost.files.items import place_of, read_items

LABEL, WHY = "label", "why"


def read_exercises(path: Path, stage: Stage, options: Sequence[str], *, needed: bool) -> list[Exercise]:
    """The exercises of a file, in its order. `needed`: each has to say the right answer, one of `options`.

    InputError with the line for a label that is missing, no text, or none of the options.
    """
    return [
        Exercise(0, stage, bare.id, bare.text, bare.fields, label, why)
        for bare, label, why in _labelled(path, options, needed=needed)
    ]


def read_controls(path: Path, options: Sequence[str]) -> list[tuple[Item, str]]:
    """Control items of a file with the right answer of each."""
    return [(bare, label or "") for bare, label, _ in _labelled(path, options, needed=True)]


def _labelled(path: Path, options: Sequence[str], *, needed: bool) -> list[tuple[Item, str | None, str | None]]:
    found: list[tuple[Item, str | None, str | None]] = []
    for item in read_items(path):
        fields = dict(item.fields)
        label, why = (_words(path, item, name, fields.pop(name, None)) for name in (LABEL, WHY))
        _require_label(path, item, label, options, needed=needed)
        found.append((replace(item, fields=fields), label, why))
    return found


def _words(path: Path, item: Item, name: str, given: object) -> str | None:
    if given is None or given == "":
        return None
    if isinstance(given, bool) or not isinstance(given, (str, int)):
        raise InputError("This is not a text.", place=replace(place_of(path, item.id), column=name, value=str(given)))
    return str(given).strip() or None


def _require_label(path: Path, item: Item, label: str | None, options: Sequence[str], *, needed: bool) -> None:
    if label is None and needed:
        write = "Write the right answer, an option's id."
        raise InputError("There is no right answer here.", place=_at(path, item, None), mend=write)
    if label is not None and label not in options:
        otherwise = "The options are: " if options else "Leave it out: no question here has one right option."
        mend = did_you_mean(label, options, otherwise=otherwise)
        raise InputError("This label is none of the question's options.", place=_at(path, item, label), mend=mend)


def _at(path: Path, item: Item, value: str | None) -> Place:
    return replace(place_of(path, item.id), column=LABEL, value=value)

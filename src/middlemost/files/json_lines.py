"""Objects from JSON Lines, or from a JSON list, each with its place."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from dataclasses import replace
from functools import partial
from typing import Any, NoReturn

from middlemost.errors import InputError, Place, shorten

Where = Callable[[], Place]  # a place in a table costs a pass over its text, so only a message asks for it
Record = tuple[Where, dict[str, Any]]


def json_lines(text: str, name: str) -> Iterator[Record]:
    """The objects of JSON Lines, without what is null. InputError with the line for anything else."""
    for number, line in enumerate(text.removeprefix("\ufeff").split("\n"), 1):
        if line.strip():
            where = partial(Place, name, number)
            yield where, _object(line, where())


def json_objects(text: str, name: str) -> Iterator[Record]:
    """The same, or where the text begins as a list the objects of that."""
    if not text.removeprefix("\ufeff").lstrip().startswith("["):
        yield from json_lines(text, name)
        return
    for number, given in enumerate(parsed(text, name), 1):
        place = Place(f"{name}, object {number}")
        yield partial(replace, place), _known(given, place)


def parsed(text: str, name: str) -> Any:
    """A whole JSON file. InputError with the line where it is none."""
    try:
        given = json.loads(text.removeprefix("\ufeff"), parse_constant=_not_json)
    except (ValueError, RecursionError) as error:
        place = Place(name, getattr(error, "lineno", None), getattr(error, "colno", None))
        raise InputError("This is not JSON.", place=place, mend="Was the export finished?") from None
    _require_whole(text, given, Place(name))
    return given


def refuse(where: Where, message: str, mend: str, value: object = None) -> NoReturn:
    """Say what is wrong with the record that stands there."""
    shown = None if value is None else shorten(str(value))
    raise InputError(message, place=replace(where(), value=shown), mend=mend)


def _object(line: str, place: Place) -> dict[str, Any]:
    try:
        record = json.loads(line, parse_constant=_not_json)
    except (ValueError, RecursionError) as error:
        at = replace(place, column=getattr(error, "colno", None))
        raise InputError("This line is not JSON.", place=at, mend="Was the file copied to its end?") from None
    _require_whole(line, record, place)
    return _known(record, place)


def _require_whole(text: str, given: object, place: Place) -> None:
    """Half characters, which only an escape can write, are in no file or database that could keep them."""
    if "\\ud" not in text and "\\uD" not in text:
        return
    try:
        json.dumps(given, ensure_ascii=False).encode()
    except UnicodeEncodeError:
        message = "This record holds half a character (a lone surrogate)."
        raise InputError(message, place=place, mend="Export the file again.") from None


def _known(record: object, place: Place) -> dict[str, Any]:
    if not isinstance(record, dict):
        at = replace(place, value=shorten(str(record)))
        raise InputError('Expected an object, as in {"text": "…"}.', place=at)
    return {name: value for name, value in record.items() if value is not None}


def _not_json(word: str) -> NoReturn:
    raise ValueError(word)  # NaN, Infinity: Python reads them, nothing else does

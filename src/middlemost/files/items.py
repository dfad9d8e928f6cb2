"""Items from a file: JSON Lines (values keep their types), or a table as `files/table.py` reads it (values as text)."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from functools import partial
from hashlib import sha256
from pathlib import Path
from typing import Any, NoReturn

import polars as pl

from middlemost.core.canonical import canonical
from middlemost.core.nouns import Item
from middlemost.core.shown import text_of
from middlemost.errors import InputError, Place
from middlemost.files.hugging_face import frame_of, plain, records
from middlemost.files.json_lines import Record, Where, json_lines
from middlemost.files.table import Table, read_table
from middlemost.files.text import decode, read_bytes

LONGEST_ID = 500
_UNSEEN = {"Cc", "Cs", "Zl", "Zp"}  # control characters, half characters, separators of lines
_HAS_TEXT = "Each item has the `text` that raters see."


def read_items(source: object) -> list[Item]:
    """The items of a file (jsonl, csv, tsv, each also as .gz; parquet) or of a data set of Hugging Face, in its order.

    The data set is at hand (`datasets.Dataset`) or a folder; its values keep their types.

    A record has `text`, which raters see (or one column that is taken for it; of a conversation or an image it is made
    where it is missing), an `id` (else one is made from the
    content, so that the same item gets the same id again), and whatever else, which is kept in `fields`. Lines that
    repeat an item word for word count once. InputError with the line for everything that cannot be read.
    """
    if items := _distinct((where, _item(where, record)) for where, record in _records(source)):
        return items
    place = Place(str(source)) if isinstance(source, (str, Path)) else None
    raise InputError("There are no items here.", place=place)


def distinct(items: Iterable[Item]) -> list[Item]:
    """Items at hand, held to the rules of those from a file."""
    numbered = ((partial(Place, f"item {number}"), one) for number, one in enumerate(items, 1))
    return _distinct((where, _sound(where, one)) for where, one in numbered)


def place_of(source: object, id: str) -> Place:
    """Where the item `id` stands in a file that `read_items` has read. Slow, so only for a message."""
    places = (where() for where, record in _records(source) if _item(where, record).id == id)
    return replace(next(places, Place(str(source))), column="id", value=id)


def items_of(given: Any) -> list[Item]:
    """Items from whatever they can be read from, or at hand."""
    return read_items(given) if is_source(given) else distinct(given or ())


def is_source(given: object) -> bool:
    """Whether items are to be read from it: a path, or a data set of Hugging Face."""
    return isinstance(given, (str, Path)) or hasattr(given, "features") or isinstance(given, Mapping)


def _records(source: object) -> Iterator[Record]:
    if (dataset := frame_of(source, "items")) is not None:
        return _dataset(*dataset)
    if isinstance(source, (str, Path)) and {".jsonl", ".ndjson"} & set(Path(source).suffixes):
        return json_lines(decode(read_bytes(Path(source)), str(source)), str(source))
    return _rows(read_table(source))


def _dataset(name: str, frame: pl.DataFrame) -> Iterator[Record]:
    kept, files = plain(frame)
    if files:
        mend = "Save them as files in the project's folder, and name each in `image`."
        raise InputError("This column holds files, not their names.", place=Place(name, column=files[0]), mend=mend)
    _require_text(kept.columns, name, apart=("split",))
    for row, record in enumerate(records(kept), 1):
        yield partial(Place, f"{name}, row {row}"), record


def _require_text(names: Sequence[str], name: str, apart: Sequence[str] = ()) -> None:
    others = [one for one in names if one not in ("id", *apart)]
    if {"text", "image", "turns"} & set(names) or len(others) == 1:
        return
    listed = ", ".join(repr(one) for one in names)
    mend = "Name the column that raters are to see `text`."
    raise InputError(f"No column is called text: the columns are {listed}.", place=Place(name, 1), mend=mend)


def _distinct(located: Iterable[tuple[Where, Item]]) -> list[Item]:
    items: dict[str, Item] = {}
    for where, item in located:
        if items.setdefault(item.id, item) != item:
            _fail("Two different items have this id.", where, "id", item.id, "Give each item an id of its own.")
    return list(items.values())


def _rows(table: Table) -> Iterator[Record]:
    _require_text(table.frame.columns, table.name)
    for row, record in enumerate(table.frame.iter_rows(named=True)):
        where = partial(table.place, row)
        yield where, {name: value for name, value in record.items() if value is not None}


def _item(where: Where, record: dict[str, Any]) -> Item:
    given, text = record.pop("id", None), _text(where, record)
    _require_whole(where, text, record)
    return Item(_id(where, given, text, record), text, record)


def _sound(where: Where, item: Item) -> Item:
    if not isinstance(item.text, str):
        _fail("This is not a text.", where, "text", str(item.text), _HAS_TEXT)
    _require_whole(where, item.text, item.fields)
    name = _id(where, item.id, item.text, item.fields)
    return item if name == item.id else replace(item, id=name)


def _require_whole(where: Where, text: str, record: Mapping[str, Any]) -> None:
    try:
        text.encode()
        if record:
            canonical(record).encode()
    except UnicodeEncodeError:
        _fail("This record holds half a character (a lone surrogate).", where, None, None, "Export the file again.")


def _text(where: Where, record: dict[str, Any]) -> str:
    if record.get("text") is None and (written := text_of(record)):
        return written
    name = "text" if "text" in record or len(record) != 1 else next(iter(record))
    text = record.pop(name, None)
    if not isinstance(text, str) or not text.strip():
        problem = "There is no text here." if text is None or text == "" else "This is not a text."
        _fail(problem, where, name, None, _HAS_TEXT)
    return text


def _id(where: Where, id: object, text: str, record: Mapping[str, Any]) -> str:
    if id is None:
        return sha256(canonical([text, record]).encode()).hexdigest()[:16]
    if isinstance(id, bool) or not isinstance(id, (str, int)) or not str(id).strip():
        _fail("An id is a text or a whole number.", where, "id", str(id), "Leave it out to have one made.")
    name = str(id).strip()
    if len(name) > LONGEST_ID:
        _fail(f"This id has over {LONGEST_ID} characters.", where, "id", name, "Is this the text rather than the id?")
    if name in (".", "..") or (not name.isprintable() and _UNSEEN & set(map(unicodedata.category, name))):
        message = "An id is part of its item's address on the desk, which this cannot be."
        _fail(message, where, "id", name, "Use letters, digits and visible signs; not . or .. alone.")
    return name


def _fail(message: str, where: Where, column: str | None, value: str | None, mend: str) -> NoReturn:
    raise InputError(message, place=replace(where(), column=column, value=value), mend=mend)

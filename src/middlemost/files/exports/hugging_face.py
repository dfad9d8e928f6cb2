"""Hugging Face: a folder of Parquet files that `datasets.load_dataset` loads as it stands, with its card."""

from __future__ import annotations

import io
import json
from collections.abc import Collection, Sequence
from dataclasses import replace
from typing import Any

import polars as pl

from middlemost.core.nouns import Item
from middlemost.errors import StateError
from middlemost.files.card import card
from middlemost.files.croissant import CROISSANT, croissant
from middlemost.files.exports.base import Export, Outgoing
from middlemost.files.release import parquet
from middlemost.files.zipped import zipped

# By what is loaded unasked: the first of them that there is.
_CONFIGS = ("labels", "distributions", "numbers", "sets", "answers", "items", "gold", "decisions")
_ITEMS = "items.parquet"
_WHAT = "one row an item: its text, and what else came with it"
_OURS = ("id", "text")
_BESIDE = ("protocol.yaml", "guidelines.md")


def as_hugging_face(given: Outgoing) -> Export:
    """A folder: README.md (the card), a Parquet file a config, the procedure, and croissant.json."""
    if given.release is None:
        raise StateError("This project was not read with what it would release.")
    released = given.release()
    tables = {name: data for name, data in released.files.items() if name.removesuffix(".parquet") in _CONFIGS}
    if released.items:
        tables[_ITEMS] = parquet(_frame(released.items))
    configs = {name: f"{name}.parquet" for name in _CONFIGS if _rows(tables.get(f"{name}.parquet"))}
    files = {file: tables[file] for file in configs.values()}
    files |= {name: data for name, data in released.files.items() if name in _BESIDE or name.startswith("editions/")}
    told = {**released.facts.files, _ITEMS: _WHAT}
    facts = replace(released.facts, files={name: what for name, what in told.items() if name in {*files, CROISSANT}})
    files["README.md"] = card(facts, configs).encode()
    files[CROISSANT] = croissant(facts, files)
    return Export(zipped(files), {}, inside=files)


def _rows(data: bytes | None) -> int:
    return 0 if data is None else int(pl.scan_parquet(io.BytesIO(data)).select(pl.len()).collect().item())


def _frame(items: Sequence[Item]) -> pl.DataFrame:
    """Items with a column for each of their fields: in its own type where it has one, else as JSON."""
    names = dict.fromkeys(name for item in items for name in item.fields)
    fields = [_column(_free(name, names), [item.fields.get(name) for item in items]) for name in names]
    ids = pl.Series("id", [item.id for item in items], dtype=pl.String)
    return pl.DataFrame([ids, pl.Series("text", [item.text for item in items], dtype=pl.String), *fields])


def _free(name: str, names: Collection[str]) -> str:
    """A name for a field that is none of what every item has."""
    free = name
    while free in _OURS or (free != name and free in names):
        free += "_field"
    return free


def _column(name: str, values: Sequence[Any]) -> pl.Series:
    try:
        column = pl.Series(name, values)
        if _keeps(column, values):
            return column
    except (TypeError, ValueError, OverflowError, pl.exceptions.PolarsError):
        pass
    texts = [None if value is None else json.dumps(value, ensure_ascii=False) for value in values]
    return pl.Series(name, texts, dtype=pl.String)


def _keeps(column: pl.Series, values: Sequence[Any]) -> bool:
    """Whether the column holds the values as they are, in a type that Parquet has."""
    hollow = any(word in str(column.dtype) for word in ("Null", "Object", "Struct({})"))
    return not hollow and column.to_list() == values

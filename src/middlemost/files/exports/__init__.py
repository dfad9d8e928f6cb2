"""The formats that a project goes out in: to add one, write its file and add its row."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from pathlib import Path

import polars as pl

from middlemost.files.exports.argilla import as_argilla
from middlemost.files.exports.base import Export, GivenPage, Outgoing, Released
from middlemost.files.exports.doccano import as_doccano
from middlemost.files.exports.hugging_face import as_hugging_face
from middlemost.files.exports.label_studio import as_label_studio
from middlemost.files.exports.tables import write_csv, write_json_lines, write_parquet

# Of the long table, whose blocks come one after another; and of items with their pages, all of them at once.
TABLES: dict[str, Callable[[Path, Iterable[pl.DataFrame]], None]] = {
    "csv": write_csv,
    "jsonl": write_json_lines,
    "parquet": write_parquet,
}
EXPORTS: dict[str, Callable[[Outgoing], Export]] = {
    "label-studio": as_label_studio,
    "doccano": as_doccano,
    "argilla": as_argilla,
    "hugging-face": as_hugging_face,
}
FORMATS = (*TABLES, *EXPORTS)

__all__ = ["EXPORTS", "FORMATS", "TABLES", "Export", "GivenPage", "Outgoing", "Released"]

"""The formats that a project goes out in: to add one, write its file and add its row."""

from __future__ import annotations

from collections.abc import Callable

from middlemost.files.exports.argilla import as_argilla
from middlemost.files.exports.base import Export, GivenPage, Outgoing, Released
from middlemost.files.exports.doccano import as_doccano
from middlemost.files.exports.hugging_face import as_hugging_face
from middlemost.files.exports.label_studio import as_label_studio
from middlemost.files.exports.tables import as_csv, as_json_lines, as_parquet

EXPORTS: dict[str, Callable[[Outgoing], Export]] = {
    "csv": as_csv,
    "jsonl": as_json_lines,
    "parquet": as_parquet,
    "label-studio": as_label_studio,
    "doccano": as_doccano,
    "argilla": as_argilla,
    "hugging-face": as_hugging_face,
}

__all__ = ["EXPORTS", "Export", "GivenPage", "Outgoing", "Released"]

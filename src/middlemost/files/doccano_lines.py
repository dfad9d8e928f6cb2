"""What the lines of a doccano export say: of which document, by whom, which labels and which passages."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from hashlib import sha256
from pathlib import Path, PurePosixPath
from typing import Any, NoReturn

from middlemost.errors import InputError, Place
from middlemost.files.json_lines import Where, json_objects, refuse
from middlemost.files.text import decode, read_bytes
from middlemost.files.zipped import MAGIC, unzipped

TOGETHER, UNKNOWN = "all", "unknown"  # files that are not named after an annotator
_TEXTS = ("text", "data", "filename")
_LABELS = ("label", "labels", "cats", "entities")
_COMMENTS = ("Comments", "comments")
_BOXES = ("bbox", "segmentation")
_THEIRS = {*_TEXTS, *_LABELS, *_COMMENTS, *_BOXES, "id", "doc_id", "username", "relations"}
_OURS = {"text", "label", "item", "rater", "round"}  # as `middlemost export` writes it
Span = dict[str, Any]


@dataclass(frozen=True)
class Line:
    """One line: the document `item`, and what `rater` said of it; None where nobody is named.

    `sure`: that there are no labels is an answer, too. `stray`: doccano did not know either whose labels these are.
    """

    where: Where
    item: str
    text: str
    rater: str | None
    round: int | None = None
    labels: tuple[str, ...] = ()
    spans: tuple[Span, ...] = ()
    fields: Mapping[str, Any] = field(default_factory=dict)
    comments: tuple[Any, ...] = ()
    relations: bool = False
    boxes: bool = False
    sure: bool = False
    stray: bool = False

    @property
    def empty(self) -> bool:
        """Whether it holds no label at all."""
        return not self.labels and not self.spans

    def fail(self, message: str, mend: str, value: object = None) -> NoReturn:
        """Refuse the line."""
        refuse(self.where, message, mend, value)


def read_lines(paths: Sequence[Path]) -> list[Line]:
    """The lines of exports: JSON Lines, JSON, or the zip file with one of them for each annotator.

    Where there are several files each is named after its annotator. InputError with the line.
    """
    files = [one for path in paths for one in _files(path)]
    alone = len(files) == 1 and not files[0][3]
    found: list[Line] = []
    for name, stem, data, _ in files:
        who = None if alone or stem in (TOGETHER, UNKNOWN) else stem
        for where, record in json_objects(decode(data, name), name):
            line = _ours(where, record) if "item" in record and "id" not in record else _theirs(where, record, who)
            found.append(replace(line, stray=not alone and stem == UNKNOWN))
    return found


def _files(path: Path) -> Iterator[tuple[str, str, bytes, bool]]:
    """(name, stem, content, whether it was zipped) of each file."""
    data = read_bytes(path)
    if not data.startswith(MAGIC):
        yield str(path), path.name.removesuffix(".gz").rsplit(".", 1)[0], data, False
        return
    members = unzipped(data, path, (".jsonl", ".json"))
    if not members:
        mend = "Export from doccano as JSONL."
        raise InputError("There is no .jsonl file in this zip file.", place=Place(str(path)), mend=mend)
    for name, content in members:
        if content.strip():
            yield f"{path}/{name}", PurePosixPath(name).stem, content, True


def _ours(where: Where, record: Mapping[str, Any]) -> Line:
    rater, turn = record.get("rater"), record.get("round", 1)
    if not isinstance(turn, int) or isinstance(turn, bool) or turn < 1:
        refuse(where, "A round is a whole number from 1 on.", "Leave it out if there is only one.", turn)
    text = _text(where, record, ("text",))
    labels, spans = _answers(where, record, ("label",), text)
    fields = {name: value for name, value in record.items() if name not in _OURS}
    rater = None if rater is None else str(rater)
    item = str(record["item"])
    return Line(where, item, text, rater, turn, labels, spans, fields, sure=rater is not None)


def _theirs(where: Where, record: Mapping[str, Any], who: str | None) -> Line:
    text = _text(where, record, _TEXTS)
    labels, spans = _answers(where, record, _LABELS, text)
    named = record.get("id", record.get("doc_id"))
    return Line(
        where,
        sha256(text.encode("utf-8", "replace")).hexdigest()[:16] if named is None else str(named),
        text,
        str(record["username"]) if record.get("username") else who,
        None,
        labels,
        spans,
        {name: value for name, value in record.items() if name not in _THEIRS and value not in ({}, [])},
        tuple(one for name in _COMMENTS for one in _listed(record.get(name))),
        relations=bool(record.get("relations")),
        boxes=any(record.get(name) for name in _BOXES),
    )


def _text(where: Where, record: Mapping[str, Any], names: Sequence[str]) -> str:
    found = next((record[name] for name in names if name in record), None)
    if not isinstance(found, str) or not found.strip():
        refuse(where, "There is no text here.", "Each line of a doccano export has a `text`.", found)
    return found


def _answers(
    where: Where, record: Mapping[str, Any], names: Sequence[str], text: str
) -> tuple[tuple[str, ...], tuple[Span, ...]]:
    if "annotations" in record and not any(name in record for name in names):
        message = "This export has labels by number, not by name."
        refuse(where, message, "Export as JSONL with text labels, or from a newer doccano.")
    labels: list[str] = []
    spans: list[Span] = []
    for one in (one for name in names for one in _listed(record.get(name))):
        if isinstance(one, str):
            labels += [one.strip()] if one.strip() and one.strip() not in labels else []
        else:
            span = _span(where, one, len(text))
            spans += [span] if span not in spans else []
    return tuple(labels), tuple(spans)


def _span(where: Where, given: object, length: int) -> Span:
    keys = ("start_offset", "end_offset", "label")
    parts = [given.get(key) for key in keys] if isinstance(given, dict) else given
    if not isinstance(parts, list) or len(parts) != 3 or not isinstance(parts[2], str) or not parts[2].strip():
        refuse(where, "A label is a name, or a passage: start, end, name.", "Export it from doccano as JSONL.", given)
    start, end = parts[0], parts[1]
    if not _whole(start) or not _whole(end) or not 0 <= start < end <= length:
        mend = f"doccano counts code points, and the text has {length:,}. Was it changed after it was labelled?"
        refuse(where, "This passage does not lie in the text.", mend, given)
    return {"start": start, "end": end, "label": parts[2].strip()}


def _listed(value: object) -> list[Any]:
    return value if isinstance(value, list) else [] if value in (None, "") else [value]


def _whole(value: object) -> bool:
    return isinstance(value, int) and not isinstance(value, bool)

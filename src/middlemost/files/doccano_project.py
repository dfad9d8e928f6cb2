"""A doccano project, from its JSONL export, as what a project here is made of."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, Literal, get_args

from middlemost.core.earlier import EarlierPage
from middlemost.core.nouns import Item
from middlemost.errors import InputError, Place, SettingError, shorten
from middlemost.files.doccano_lines import Line, read_lines
from middlemost.files.incoming import (
    LONGEST_OPTION,
    MOST_OPTIONS,
    Declaration,
    Incoming,
    counted,
    like_options,
    no_guidelines,
    options,
    overlapping,
    protocol_text,
    required_where_answered,
    title,
)

Asked = Literal["choice", "multichoice", "spans", "text"]
NOBODY = "doccano, nobody named"
LABEL, PASSAGES = "label", "passages"
_LONGEST_TEXT = 10_000


def read_project(
    exports: Sequence[str | Path],
    *,
    name: str | None = None,
    descriptive: bool = False,
    asked: Asked | None = None,
    approved: bool = False,
) -> Incoming:
    """Read exports: one JSONL file, the zip file with one for each annotator, or such files.

    Labels become a choice, several choices or a text, passages a question that marks them: told from the answers,
    unless `asked` says it of the labels. A line without labels is an answer only where our own export names the rater,
    or the export holds `approved` documents only. InputError with the line for what is no such export.
    """
    paths = [Path(one) for one in exports]
    lines = read_lines(paths)
    _require_one_text(lines)
    said = [one for one in lines if not one.stray and (not one.empty or one.sure or approved)]
    questions = _questions(said, asked)
    if not questions:
        mend = "Labels, passages and texts can be moved, boxes and relations cannot."
        raise InputError("No line has labels, so nobody knows what was asked.", place=Place(str(paths[0])), mend=mend)
    pages = tuple(_pages(said, questions))
    return Incoming(
        protocol_text(
            name or title(paths[0]), required_where_answered(questions, pages), pages, descriptive=descriptive
        ),
        no_guidelines("doccano"),
        tuple(_items(lines)),
        pages,
        {},
        tuple(_left(lines, said)),
    )


def as_asked(given: str | None) -> Asked | None:
    """What labels can be. SettingError for anything else."""
    known: dict[str, Asked] = {one: one for one in get_args(Asked)}
    if given is not None and given not in known:
        raise SettingError(f"Labels cannot be {given!r}.", mend=f"They can be {', '.join(known)}.")
    return None if given is None else known[given]


def _require_one_text(lines: Sequence[Line]) -> None:
    """A document is the same in every file."""
    first: dict[str, Line] = {}
    for line in lines:
        before = first.setdefault(line.item, line)
        if line.text != before.text:
            message = f"Document {line.item} has another text in {before.where()}."
            line.fail(message, "Export all files at the same time.", line.text)
        for name in line.fields.keys() & before.fields.keys():
            if line.fields[name] != before.fields[name]:
                message = f"Document {line.item} has another {name!r} in {before.where()}."
                line.fail(message, "Export all files at the same time.", line.fields[name])


def _items(lines: Sequence[Line]) -> Iterator[Item]:
    """The documents in their order, with what came with them, and with everybody's comments."""
    fields: dict[str, dict[str, Any]] = {}
    for line in lines:
        mine = fields.setdefault(line.item, {})
        mine |= line.fields
        if line.comments:
            mine["Comments"] = [*mine.get("Comments", ()), *line.comments]
    texts = {line.item: line.text for line in lines}
    return (Item(item, texts[item], rest) for item, rest in fields.items())


def _questions(said: Sequence[Line], asked: Asked | None) -> list[Declaration]:
    found = []
    if asked != "spans" and (any(line.labels for line in said) or asked == "text"):
        found.append(_about_labels(said, asked))
    if spans := [line.spans for line in said if line.spans]:
        labels = options(one["label"] for some in spans for one in some)
        asks = {"id": PASSAGES if found else LABEL, "type": "spans", "ask": "Mark the passages."}
        found.append(asks | {"overlap": any(map(overlapping, spans)), "labels": labels})
    return found


def _about_labels(said: Sequence[Line], asked: Asked | None) -> Declaration:
    given = [one for line in said for one in line.labels]
    asks: Declaration = {"id": LABEL, "ask": "Which label fits?"}
    if asked == "text" or (asked is None and not like_options(given)):
        return asks | {"type": "text", "ask": "What do you write?", "max": _LONGEST_TEXT}
    _require_options(said)
    possible = options(given)
    none_too = any(line.empty for line in said)
    several = asked == "multichoice" or (asked is None and (none_too or any(len(line.labels) > 1 for line in said)))
    if several or len(possible) == 1:  # nobody said what else there was
        return asks | {"type": "multichoice", "options": possible} | ({"min": 0} if none_too else {})
    return asks | {"type": "choice", "options": possible}


def _require_options(said: Sequence[Line]) -> None:
    different: set[str] = set()
    for line in said:
        different |= set(line.labels)
        long = next((one for one in line.labels if len(one) > LONGEST_OPTION), None)
        if long is not None or len(different) > MOST_OPTIONS:
            most = f"{MOST_OPTIONS} labels of {LONGEST_OPTION} characters"
            message = "This label is a text." if long else f"There are over {MOST_OPTIONS} labels."
            line.fail(message, f"A choice has at most {most}; --question text reads texts.", shorten(long or ""))


def _pages(said: Sequence[Line], questions: Sequence[Declaration]) -> Iterator[EarlierPage]:
    rounds: Counter[tuple[str, str]] = Counter()
    for line in said:
        rater = line.rater or NOBODY
        rounds[line.item, rater] += 1
        turn = line.round or rounds[line.item, rater]
        found = {one["id"]: _value(one, line) for one in questions}
        values = {name: value for name, value in found.items() if value is not None}
        if values:
            yield EarlierPage(line.item, rater, values, f"doccano-{line.item}-{rater}-{turn}", round=turn)


def _value(question: Declaration, line: Line) -> object:
    if question["type"] == "spans":
        return list(line.spans)
    if question["type"] == "multichoice":
        return list(line.labels) if line.labels or question.get("min") == 0 else None
    if not line.labels:
        return None
    if question["type"] == "choice" and len(line.labels) > 1:
        line.fail("There are several labels here.", "Move it as --question multichoice.", ", ".join(line.labels))
    return "\n".join(line.labels)


def _left(lines: Sequence[Line], said: Sequence[Line]) -> Iterator[str]:
    yield from counted(sum(one.relations for one in lines), "relations between the passages of {} documents")
    yield from counted(sum(one.boxes for one in lines), "boxes in {} images")
    yield from counted(sum(one.stray and not one.empty for one in lines), "labels of {} documents in unknown.jsonl")
    kept = {id(one) for one in said}
    silent = sum(one.empty and one.rater is not None and not one.stray and id(one) not in kept for one in lines)
    words = "{} lines without labels: nobody may have looked (--approved: the export has approved documents only)"
    yield from counted(silent, words)

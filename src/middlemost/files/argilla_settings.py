"""What an Argilla data set asks and shows: from its settings, or told from its records."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from middlemost.errors import InputError, Place, shorten
from middlemost.files.incoming import Declaration, like_options, options, overlapping
from middlemost.files.json_lines import parsed
from middlemost.files.text import decode, read_bytes

MOST_POINTS, MOST_ENTRIES = 21, 50
_LONGEST_TEXT = 10_000


@dataclass(frozen=True)
class Field:
    """What is shown: its name, its title, and whether it is a text, a chat, an image."""

    name: str
    title: str
    type: str = "text"


@dataclass(frozen=True)
class Asked:
    """A question: `type` as Argilla has it, option id -> words, the field that passages are marked in."""

    name: str
    type: str
    title: str | None = None
    options: Mapping[str, str] = field(default_factory=dict)
    about: str | None = None
    overlap: bool = False
    required: bool = True


@dataclass(frozen=True)
class Settings:
    """The settings of a data set."""

    fields: tuple[Field, ...] = ()
    questions: tuple[Asked, ...] = ()
    guidelines: str | None = None


def read_settings(path: Path) -> Settings:
    """The settings that Argilla writes as JSON, or that stand beside our own export. InputError where it is none."""
    given = parsed(decode(read_bytes(path), str(path)), str(path))
    if not isinstance(given, dict) or not isinstance(given.get("questions"), list):
        message = "Argilla's settings are an object with `fields` and `questions`."
        raise InputError(message, place=Place(str(path)), mend="Save them in Argilla by dataset.settings.to_json().")
    guidelines = given.get("guidelines")
    return Settings(
        tuple(_field(one) for one in _named(path, given, "fields")),
        tuple(_asked(one) for one in _named(path, given, "questions")),
        guidelines if isinstance(guidelines, str) and guidelines.strip() else None,
    )


def _named(path: Path, given: Mapping[str, Any], key: str) -> Iterator[dict[str, Any]]:
    entries = given.get(key) or ()
    for number, one in enumerate(entries if isinstance(entries, list) else [entries], 1):
        if not isinstance(one, dict) or not isinstance(one.get("name"), str) or not one["name"].strip():
            place = Place(f"{path}, {key}, entry {number}", value=shorten(str(one)))
            raise InputError("This has no name.", place=place, mend="Save the settings again.")
        inner = one.get("settings")
        yield one | (inner if isinstance(inner, dict) else {})


def _field(given: Mapping[str, Any]) -> Field:
    return Field(given["name"], str(given.get("title") or given["name"]), str(given.get("type") or "text"))


def _asked(given: Mapping[str, Any]) -> Asked:
    listed = given.get("options") or given.get("labels") or ()
    return Asked(
        given["name"],
        str(given.get("type")),
        given.get("title") if isinstance(given.get("title"), str) else None,
        dict(_options(list(listed) if isinstance(listed, list | dict) else [])),
        given.get("field") if isinstance(given.get("field"), str) else None,
        bool(given.get("allow_overlapping")),
        bool(given.get("required", True)),
    )


def _options(listed: Sequence[Any]) -> Iterator[tuple[str, str]]:
    for one in listed:
        value = one.get("value") if isinstance(one, dict) else one
        if value is not None:
            yield str(value), str((one.get("text") if isinstance(one, dict) else None) or value)


def told(name: str, said: Sequence[Any]) -> Asked:
    """The question that was answered so, where no settings tell.

    >>> told("stars", [1, 5]).type, told("tone", ["kind", "rude", "kind"]).type
    ('rating', 'label_selection')
    """
    lists = [one for one in said if isinstance(one, list)]
    entries = [one for some in lists for one in some]
    if entries and all(isinstance(one, dict) and "start" in one for one in entries):
        return Asked(name, "span")
    if entries and all(isinstance(one, dict) and "rank" in one for one in entries):
        return Asked(name, "ranking")
    if lists:
        return Asked(name, "multi_label_selection")
    if all(isinstance(one, int) and not isinstance(one, bool) for one in said):
        return Asked(name, "rating")
    return Asked(name, "label_selection" if like_options([str(one) for one in said]) else "text")


def declaration(asked: Asked, said: Sequence[Any]) -> Declaration | str:
    """The question as a protocol declares it, or in words why there is none like it."""
    found = _DECLARED[asked.type](asked, said)
    if isinstance(found, str):
        return found
    title = asked.title or asked.name.replace("_", " ").replace("-", " ").strip().capitalize()
    return {"id": asked.name, "ask": title or asked.name, **found} | ({} if asked.required else {"required": False})


def _label(asked: Asked, said: Sequence[Any]) -> Declaration | str:
    possible = options((str(one) for one in said), asked.options)
    if len(possible) < 2:
        return "a choice of fewer than two options"
    return {"type": "choice", "options": possible}


def _labels(asked: Asked, said: Sequence[Any]) -> Declaration | str:
    possible = options((str(one) for some in said for one in some), asked.options)
    none_too = {} if all(said) else {"min": 0}
    return {"type": "multichoice", "options": possible, **none_too} if possible else "there are no labels"


def _rating(asked: Asked, said: Sequence[Any]) -> Declaration | str:
    points = sorted({int(one) for one in asked.options if one.isdecimal()} | {int(one) for one in said})
    if len(points) < 2:
        points = [min([1, *points]), max([5, *points])]
    few = points[-1] - points[0] < MOST_POINTS
    return {"type": "scale", "look": "likert" if few else "number", "min": points[0], "max": points[-1]}


def _text(asked: Asked, said: Sequence[Any]) -> Declaration | str:
    return {"type": "text", "max": _LONGEST_TEXT}


def _span(asked: Asked, said: Sequence[Any]) -> Declaration | str:
    labels = options((str(one["label"]) for some in said for one in some), asked.options)
    overlap = asked.overlap or any(map(overlapping, said))
    return {"type": "spans", "labels": labels, "overlap": overlap} if labels else "there are no labels"


def _ranking(asked: Asked, said: Sequence[Any]) -> Declaration | str:
    possible = options((one["value"] for some in said for one in some), asked.options)
    if not 2 <= len(possible) <= MOST_ENTRIES:
        return f"a ranking of {len(possible)} options"
    if any(len(some) < len(possible) for some in said):
        return "some rank fewer options than there are"
    ties = any(len({one["rank"] for one in some}) < len(some) for some in said)
    return {"type": "ranking", "options": possible, "ties": ties}


_DECLARED: dict[str, Callable[[Asked, Sequence[Any]], Declaration | str]] = {
    "label_selection": _label,
    "multi_label_selection": _labels,
    "rating": _rating,
    "text": _text,
    "span": _span,
    "ranking": _ranking,
}

"""What a project of another tool comes in as, whichever tool it was."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import Any

import yaml

from middlemost.core.earlier import EarlierPage
from middlemost.core.nouns import Item

FEW_OPTIONS, MOST_OPTIONS, LONGEST_OPTION = 12, 100, 100
Declaration = dict[str, Any]

_GUIDELINES = """\
# Guidelines

This project was moved from {tool}, whose export has no instructions. Write here how to decide; raters open this
with the key G.
"""


@dataclass(frozen=True)
class Incoming:
    """What a project is made of: protocol.yaml and guidelines as text, items, earlier pages, gold; what was `left`."""

    protocol: str
    guidelines: str
    items: tuple[Item, ...]
    pages: tuple[EarlierPage, ...]
    gold: Mapping[str, str]
    left: tuple[str, ...]


def protocol_text(
    name: str, questions: Sequence[Declaration], pages: Iterable[EarlierPage], *, descriptive: bool, show: str = "text"
) -> str:
    """protocol.yaml of a project that asks `questions`, as often of each item as most have been answered."""
    protocol = {
        "name": name,
        "paradigm": "descriptive" if descriptive else "prescriptive",
        "guidelines": "guidelines.md",
        "show": show,
        "questions": list(questions),
        "collection": {"answers_per_item": _usual_number(pages)},
    }
    return yaml.safe_dump(protocol, sort_keys=False, allow_unicode=True, width=100)


def title(path: Path) -> str:
    """A project's name from that of its file."""
    return path.stem.replace("-", " ").replace("_", " ").strip() or "Moved"


def no_guidelines(tool: str) -> str:
    """What stands in guidelines.md where `tool` exports none."""
    return _GUIDELINES.format(tool=tool)


def required_where_answered(questions: Iterable[Declaration], pages: Sequence[EarlierPage]) -> list[Declaration]:
    """The questions without the duty to answer them, where not every page does."""
    answered = [page.values for page in pages if page.values]
    return [one if all(one["id"] in said for said in answered) else one | {"required": False} for one in questions]


def options(said: Iterable[str], declared: Mapping[str, str] | None = None) -> list[dict[str, str]]:
    """What is declared (id -> words), and what was said beside it, by how often it was said."""
    words = dict(declared or {})
    more = Counter(one for one in said if one not in words)
    words |= {one: one for one, _ in sorted(more.items(), key=lambda pair: (-pair[1], pair[0]))}
    return [{"id": code} if code == text else {"id": code, "label": text} for code, text in words.items()]


def like_options(said: Sequence[str]) -> bool:
    """Whether answers look chosen from a list rather than written: few and short ones that come again.

    >>> like_options(["ox", "cow", "ox"]), like_options([f"words number {n}" for n in range(30)])
    (True, False)
    """
    different = set(said)
    if len(different) > MOST_OPTIONS or any(len(one) > LONGEST_OPTION or "\n" in one for one in different):
        return False
    return len(different) <= FEW_OPTIONS or 2 * len(different) <= len(said)


def overlapping(spans: Sequence[Mapping[str, Any]]) -> bool:
    """Whether two passages of an answer overlap."""
    placed = sorted((one["start"], one["end"]) for one in spans)
    return any(following[0] < one[1] for one, following in pairwise(placed))


def code_points(text: str, units: int) -> int:
    """How many code points the first `units` of UTF-16 are: what a browser counts, where an emoji is two.

    >>> code_points("the 🐂 ox", 6), code_points("ox", 2)
    (5, 2)
    """
    return len(text.encode("utf-16-le", "surrogatepass")[: 2 * units].decode("utf-16-le", "ignore"))


def counted(n: int, words: str) -> Iterator[str]:
    """What was left behind, where there is any of it; `words` has a place for the number.

    >>> list(counted(1200, "vectors of {} records")), list(counted(0, "vectors of {} records"))
    (['vectors of 1,200 records'], [])
    """
    if n:
        yield words.format(f"{n:,}")


def _usual_number(pages: Iterable[EarlierPage]) -> int:
    """How many answers most items have."""
    per_item = Counter(page.item for page in pages if page.values and page.round == 1)
    usual = Counter(per_item.values()).most_common(1)
    return min(usual[0][0], 1000) if usual else 1

"""The sections of a text in Markdown: a heading, and what is below it until the next heading."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise

from markdown_it import MarkdownIt
from markdown_it.token import Token

PREAMBLE = "preamble"  # what stands before the first heading
LONGEST = 60  # characters of a heading in an id
_GAPS = re.compile(r"[\W_]+")


@dataclass(frozen=True)
class Section:
    """A section: its `id`, unique in the text, and its heading (None before the first) with its depth.

    The id is made of the headings that lead to it, so that it stays the same where the words below them change.
    """

    id: str
    title: str | None
    depth: int


@lru_cache(maxsize=8)
def sections(text: str) -> tuple[Section, ...]:
    r"""The sections of `text`, in its order.

    >>> [one.id for one in sections("Read this.\n\n# Insults\n\n## When in doubt\n\n# Insults")]
    ['preamble', 'insults', 'insults/when-in-doubt', 'insults-2']
    """
    return tuple(section for section, _ in parted(text, {}))


def parted(text: str, environment: dict[str, object]) -> list[tuple[Section, list[Token]]]:
    """The sections with what Markdown makes of each; `environment` takes what rendering needs of the whole text.

    Headings within lists and quotations begin none.
    """
    parts: list[tuple[Section, list[Token]]] = []
    names = _Names()
    for heading, tokens in _split(MARKDOWN.parse(text, environment)):
        if heading is None:
            parts.append((Section(names.once(PREAMBLE), None, 0), tokens))
        else:
            title, depth = heading
            parts.append((Section(names.under(title, depth), title, depth), tokens))
    return parts


MARKDOWN = MarkdownIt("commonmark", {"html": False}).enable("table")


def _split(tokens: list[Token]) -> Iterator[tuple[tuple[str, int] | None, list[Token]]]:
    begins = [number for number, one in enumerate(tokens) if one.type == "heading_open" and one.level == 0]
    if tokens and begins[:1] != [0]:
        yield None, tokens[: begins[0] if begins else None]
    for begin, end in pairwise([*begins, len(tokens)]):
        yield (_words(tokens[begin + 1]), int(tokens[begin].tag[1])), tokens[begin:end]


def _words(inline: Token) -> str:
    """A heading without its marks."""
    return "".join(one.content if one.type != "softbreak" else " " for one in inline.children or ()).strip()


class _Names:
    """Ids out of headings: the path that leads to each, with a number where it is taken."""

    def __init__(self) -> None:
        self._path: list[tuple[int, str]] = []
        self._taken: set[str] = set()

    def under(self, title: str, depth: int) -> str:
        """The id of a section with this heading, below those of less depth."""
        self._path = [(above, name) for above, name in self._path if above < depth]
        slug = _GAPS.sub("-", title.casefold()).strip("-")[:LONGEST].strip("-") or "section"
        found = self.once("/".join([self._path[-1][1], slug] if self._path else [slug]))
        self._path.append((depth, found))
        return found

    def once(self, name: str) -> str:
        """The name, or with the first number that makes it another."""
        number, found = 1, name
        while found in self._taken:
            number += 1
            found = f"{name}-{number}"
        self._taken.add(found)
        return found

"""CSV that people open in spreadsheets, which take some texts for formulas and would run them."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, datetime

_RUN = ("=", "+", "-", "@", "\t", "\r")


def lines(header: Sequence[str], rows: Iterable[Sequence[object]]) -> Iterator[str]:
    """A header and rows, a line each: texts made harmless, numbers as they are, None as an empty cell."""
    yield _line(header)
    yield from map(_line, rows)


def _line(cells: Sequence[object]) -> str:
    line = io.StringIO()
    csv.writer(line).writerow([harmless(one) if isinstance(one, str) else one for one in cells])
    return line.getvalue()


def harmless(text: str) -> str:
    """A text that no spreadsheet runs: an apostrophe stands before one that begins with = + - @, tab or a line's end.

    >>> harmless("=1+1"), harmless("1 = 1")
    ("'=1+1", '1 = 1')
    """
    return f"'{text}" if text.startswith(_RUN) else text


def instant(at: float | None) -> str | None:
    """A point in time (Unix seconds) as ISO 8601.

    >>> instant(0.0)
    '1970-01-01T00:00:00Z'
    """
    if at is None:
        return None
    return datetime.fromtimestamp(at, UTC).isoformat(timespec="seconds").replace("+00:00", "Z")

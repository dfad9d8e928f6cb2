"""Numbers in words' company."""

from __future__ import annotations


def plural(n: int, one: str, many: str | None = None) -> str:
    """`n` with the word that goes with it; `many` is `one` with an s unless given.

    >>> plural(1, "item"), plural(1200, "item"), plural(2, "item has", "items have")
    ('1 item', '1,200 items', '2 items have')
    """
    return f"{n:,} {one if n == 1 else many or f'{one}s'}"

"""How large a table of numbers may become before it is refused."""

from __future__ import annotations

from middlemost.errors import SettingError

MOST_CELLS = 250_000_000  # two gigabytes of float64
OUT_OF_A_LIST = "This method is for answers out of a list: is the answer column a free text or an id?"


def require_room(cells: int, what: str, *, each: str = "for each table", mend: str = OUT_OF_A_LIST) -> None:
    """Raise SettingError where tables of so many cells would not fit; `what` tells of what they would be.

    >>> require_room(10**9, "100,000 different answers to 10,000 items")
    Traceback (most recent call last):
    middlemost.errors.SettingError: 100,000 different answers to 10,000 items would need 7 GiB for each table. ...
    """
    if cells > MOST_CELLS:
        raise SettingError(f"{what} would need {cells * 8 / 2**30:,.0f} GiB {each}.", mend=mend)

"""Calibration rounds: raters judge the same few items, apart from the collection, to see how far they agree."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Calibration:
    """A round. `first`: it goes before its raters' next items. `closed_at` is None while it is open.

    `feedback`: whether raters were told how it went when it was closed. Who began and closed it: pseudonyms, None for
    the command line. Times are Unix seconds.
    """

    number: int
    name: str
    purpose: str
    first: bool
    begun_by: str | None
    begun_at: float
    closed_by: str | None = None
    closed_at: float | None = None
    feedback: bool | None = None

    @property
    def is_open(self) -> bool:
        """Whether answers count."""
        return self.closed_at is None


@dataclass(frozen=True)
class Summons:
    """A round that waits for a rater, who has judged `done` of its `total` items."""

    number: int
    name: str
    purpose: str
    first: bool
    done: int
    total: int

"""What raters said before, elsewhere: on its way into a project."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True)
class EarlierPage:
    """What `rater` said of an item in one go, by question; without `values`, that they skipped it and why.

    `key` names it for good, so that bringing it in again makes no second one. `at`: Unix seconds, None where nobody
    knows; `seconds`: how long it took.
    """

    item: str
    rater: str
    values: Mapping[str, object]
    key: str
    at: float | None = None
    seconds: float | None = None
    round: int = 1
    skipped: str | None = None

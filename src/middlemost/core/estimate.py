"""A number with its interval, or with the reason why it has none."""

from __future__ import annotations

import math
from dataclasses import dataclass


@dataclass(frozen=True)
class Estimate:
    """`value` with its interval [`low`, `high`] at confidence `level`, resting on `n` observations.

    Where the data cannot carry an interval, `low` and `high` are None and `note` says why. Never NaN.

    >>> str(Estimate(0.91, 0.88, 0.94, n=300))
    '.910 (.880 to .940)'
    """

    value: float
    low: float | None = None
    high: float | None = None
    level: float = 0.95
    n: int | None = None
    note: str | None = None

    def __str__(self) -> str:
        if self.low is None or self.high is None:
            return f"{decimal(self.value)} (no interval)"
        return f"{decimal(self.value)} ({decimal(self.low)} to {decimal(self.high)})"


def decimal(number: float, places: int = 3) -> str:
    """A share or coefficient as statisticians print it, without the leading zero.

    >>> decimal(0.5), decimal(-0.25, 2), decimal(1.0), decimal(-0.0001)
    ('.500', '-.25', '1.000', '.000')
    """
    text = f"{round(number, places) + 0.0:.{places}f}"
    return text.replace("0.", ".", 1) if text.startswith(("0.", "-0.")) else text


def figures(number: float, most: int = 3) -> str:
    """A number of any size with `most` significant figures, whole numbers in full.

    >>> figures(12.5919), figures(0.17812), figures(1207.4), figures(-0.0), figures(2e-9)
    ('12.6', '0.178', '1,207', '0', '2e-09')
    """
    if number == 0:
        return "0"
    if abs(number) < 1e-4 or abs(number) >= 1e9:
        return f"{number:.{most - 1}g}"
    places = max(0, most - 1 - math.floor(math.log10(abs(number))))
    text = f"{number:,.{places}f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def places_of(spread: float) -> int:
    """How many decimal places numbers need whose standard deviation is `spread`.

    >>> places_of(25.8), places_of(2.2), places_of(310), places_of(0)
    (1, 2, 0, 0)
    """
    return min(max(0, 2 - math.floor(math.log10(spread))), 12) if spread > 0 else 0


def placed(number: float, places: int) -> str:
    """A number with so many decimal places, thousands marked.

    >>> placed(1207.44, 1), placed(-0.01, 1), placed(3e12, 0)
    ('1,207.4', '0.0', '3e+12')
    """
    if abs(number) >= 1e9:
        return f"{number:.3g}"
    return f"{round(number, places) + 0.0:,.{places}f}"

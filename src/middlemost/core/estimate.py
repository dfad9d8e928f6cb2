"""A number with its interval, or with the reason why it has none."""

from __future__ import annotations

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

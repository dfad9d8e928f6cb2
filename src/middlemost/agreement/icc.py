"""The intraclass correlation in its six forms."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import ClassVar, Literal, NamedTuple, get_args

import numpy as np
from scipy.special import fdtri

from middlemost.agreement.crossed import OfNumbers
from middlemost.agreement.measured import Interval
from middlemost.agreement.tally import Floats
from middlemost.core.answers import Answers
from middlemost.core.results import Agreement
from middlemost.errors import SettingError
from middlemost.registry import Traits

Form = Literal["1,1", "2,1", "3,1", "1,k", "2,k", "3,k"]


@dataclass(frozen=True)
class ICC(OfNumbers):
    """The intraclass correlation: the share of the answers' variance that lies between items.

    `form` is Shrout and Fleiss's (1979): "1" where every item has other raters, "2" where the same raters are a sample
    of all and differences in their level count as disagreement, "3" where they do not; "1" for one rater's answer, "k"
    for the mean of all raters. The interval is that of normal errors (McGraw and Wong 1996; for "2,k" as R's irr
    has it, which is a little wider), or a bootstrap over items.

    >>> from middlemost.core.answers import encode
    >>> import polars as pl
    >>> frame = pl.DataFrame({"item": list("aabbcc"), "rater": list("xyxyxy"), "answer": list("122436")})
    >>> round(ICC().measure(encode(frame)).value, 3)
    0.462
    """

    form: Form = "2,1"
    interval: Interval = field(default="formula", kw_only=True)
    name: ClassVar[str] = "icc"
    traits: ClassVar[Traits] = Traits(source="Shrout and Fleiss 1979, Psychological Bulletin 86(2)", intervals=True)

    def __post_init__(self) -> None:
        super().__post_init__()
        if self.form not in get_args(Form):
            raise SettingError(f"form is {self.form!r}.", mend=f"It can be {', '.join(map(repr, get_args(Form)))}.")

    def measure(self, answers: Answers) -> Agreement:
        """The correlation with its interval; SettingError where answers are no numbers."""
        return self.report(answers, self._value, self._ends)

    def _value(self, values: Floats) -> float:
        n, k, rows, columns, error, one_way = _squares(values)
        model, unit = self.form.split(",")
        noise = one_way if model == "1" else error
        level = (columns - error) / n if model == "2" else 0.0
        below = rows + level if unit == "k" else rows + (k - 1) * noise + k * level
        return (rows - noise) / below if below > 0 else np.nan

    def _ends(self, values: Floats, value: float) -> tuple[float, float, float | None] | None:
        squares = _squares(values)
        model, unit = self.form.split(",")
        noise = squares.one_way if model == "1" else squares.error
        if noise <= 0 or value >= 1:
            return None
        tail = (1 + self.confidence) / 2
        low, high = _level_counts(squares, self, tail) if model == "2" else _ratio(squares, noise, model, tail)
        if unit == "1" and model != "2":
            low, high = low / (squares.k - low * (squares.k - 1)), high / (squares.k - high * (squares.k - 1))
        return low, high, None


class _Squares(NamedTuple):
    n: int
    k: int
    rows: float
    columns: float
    error: float
    one_way: float


def _squares(values: Floats) -> _Squares:
    """Mean squares: between items, between raters, of what is left, and within items."""
    n, k = values.shape
    mean, by_item, by_rater = values.mean(), values.mean(axis=1, keepdims=True), values.mean(axis=0)
    within = float(((values - by_item) ** 2).sum())
    columns = float(n * ((by_rater - mean) ** 2).sum())
    error = float(((values - by_item - by_rater + mean) ** 2).sum())
    rows = float(k * ((by_item - mean) ** 2).sum() / (n - 1))
    return _Squares(n, k, rows, columns / (k - 1), error / ((n - 1) * (k - 1)), within / (n * (k - 1)))


def _ratio(squares: _Squares, noise: float, model: str, tail: float) -> tuple[float, float]:
    """The interval of 1 - 1 / F, for the mean of all raters."""
    n, k, f = squares.n, squares.k, squares.rows / noise
    freedom = n * (k - 1) if model == "1" else (n - 1) * (k - 1)
    return float(1 - fdtri(n - 1, freedom, tail) / f), float(1 - 1 / (f * fdtri(freedom, n - 1, tail)))


def _level_counts(squares: _Squares, settings: ICC, tail: float) -> tuple[float, float]:
    """Satterthwaite's approximation, where differences between raters count (McGraw and Wong 1996, table 7).

    Of the mean of all raters, R's irr puts the mean's own correlation where they have that of one rater: its degrees of
    freedom are fewer, and its interval is the one that readers of R know.
    """
    n, k, rows, columns, error, _ = squares
    others = (0 if settings.form == "2,k" else k - 1) * error
    level = (1 if settings.form == "2,k" else k) * (columns - error) / n
    found = (rows - error) / (rows + others + level)
    a = k * found / (n * (1 - found))
    b = 1 + a * (n - 1)
    freedom = (a * columns + b * error) ** 2 / ((a * columns) ** 2 / (k - 1) + (b * error) ** 2 / ((n - 1) * (k - 1)))
    below, above = float(fdtri(n - 1, freedom, tail)), float(fdtri(freedom, n - 1, tail))
    if settings.form == "2,k":
        low = n * (rows - below * error) / (below * (columns - error) + n * rows)
        return low, n * (above * rows - error) / (columns - error + n * above * rows)
    level = k * columns + (k * n - k - n) * error
    low = n * (rows - below * error) / (below * level + n * rows)
    return low, n * (above * rows - error) / (level + n * above * rows)

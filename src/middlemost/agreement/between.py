"""How far two groups of raters agree with each other, beside how far each agrees within itself."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from itertools import combinations

import numpy as np
import polars as pl
from numpy.typing import NDArray

from middlemost.agreement.alpha import Alpha, FixedAlpha
from middlemost.agreement.distances import Distance
from middlemost.agreement.tally import Floats, Matrix, Rows, beside, by_class, together, total
from middlemost.core.answers import Answers
from middlemost.errors import SettingError
from middlemost.inference.bootstrap import GroupedRows, percentile_interval

_SCHEMA = {"first": pl.String, "second": pl.String, "n_items": pl.Int64, "value": pl.Float64}
_ENDS = {"low": pl.Float64, "high": pl.Float64, "note": pl.String}
NOTHING_SHARED = "they have no item in common, so that nothing can be compared"
NO_SPREAD = "all of these answers are the same, so that nothing could differ"


def between_groups(
    answers: Answers,
    groups: Mapping[str, str],
    coefficient: Alpha = Alpha(),  # noqa: B008
) -> pl.DataFrame:
    """Agreement between each two groups of raters: first, second, n_items, value, low, high, note.

    It is 1 - observed / expected disagreement as alpha has it, over pairs of answers to an item of which one is of each
    group: the cross-replication reliability of Wong, Paritosh and Aroyo (2021), an item counting by its answers. The
    interval draws items. `groups` maps raters to groups. SettingError for the ordinal level, whose distances depend on
    the sample.

    >>> from middlemost.core.answers import encode
    >>> frame = pl.DataFrame({"item": list("aabbcc"), "rater": list("xyxyxy"), "answer": list("112211")})
    >>> between_groups(encode(frame), {"x": "g", "y": "h"}).select("first", "second", "value").row(0)
    ('g', 'h', 1.0)
    """
    statistic, _ = coefficient.statistic(answers)
    if not isinstance(statistic, FixedAlpha):
        raise SettingError("Agreement between groups has no ordinal level.", mend="Take level='interval'.")
    own = np.array([groups.get(name) or "" for name in answers.raters.to_list()], dtype=object)[answers.rater]
    counts = {name: by_class(answers.take(own == name)) for name in sorted({*groups.values()})}
    rows = [
        {"first": one, "second": other} | _crossed(Crossing(statistic.distance, answers.n_classes), pair, coefficient)
        for (one, other), pair in ((names, (counts[names[0]], counts[names[1]])) for names in combinations(counts, 2))
    ]
    return pl.DataFrame(rows, schema=_SCHEMA | _ENDS)


@dataclass(frozen=True, eq=False)
class Crossing:
    """The agreement of two groups as a function of sums over items, whose rows hold one's counts, then the other's."""

    distance: Distance
    n_classes: int

    def features(self, table: Matrix) -> Matrix:
        """The item's answers, disagreement across the groups times these, each group's answers and columns."""
        one, other = self._halves(table)
        both = Rows.of(one.counts + other.counts)
        apart = [self.distance.apart(rows) for rows in (both, one, other)]
        across = (apart[0] - apart[1] - apart[2]) / 2 / np.maximum(one.n * other.n, 1)
        return beside([both.n, both.n * across, one.n, other.n], *map(self.distance.columns, (one, other)))

    def value(self, sums: Floats) -> Floats:
        """1 - observed / expected disagreement, for each row of sums; NaN where nothing could disagree."""
        n, observed, n_one, n_other = sums[:, :4].T
        one, other = np.split(sums[:, 4:], 2, axis=1)
        overall = self.distance.overall
        apart = overall(one + other, n_one + n_other) - overall(one, n_one) - overall(other, n_other)
        with np.errstate(invalid="ignore", divide="ignore"):
            expected = np.where(apart > 1e-9 * np.maximum(n, 1), apart / 2 / (n_one * n_other), np.nan)
            return np.asarray(1 - observed / n / expected)

    def _halves(self, table: Matrix) -> tuple[Rows, Rows]:
        return Rows.of(table[:, : self.n_classes]), Rows.of(table[:, self.n_classes :])


def _crossed(crossing: Crossing, pair: tuple[Matrix, Matrix], settings: Alpha) -> dict[str, object]:
    shared = _answered(pair[0]) & _answered(pair[1])
    if not shared.any():
        return {"n_items": 0, "value": 0.0, "low": None, "high": None, "note": NOTHING_SHARED}
    sample = GroupedRows.of(together(*(one[shared] for one in pair)))
    features = crossing.features(sample.rows)
    value = float(crossing.value(total(features, sample.times[None].astype(float)))[0])
    if np.isnan(value):
        return {"n_items": len(sample), "value": 0.0, "low": None, "high": None, "note": NO_SPREAD}
    ends = percentile_interval(
        sample, lambda weights: crossing.value(total(features, weights)), draws=settings.draws,
        level=settings.confidence, seed=settings.seed, width=features.shape[1],
    )  # fmt: skip
    note = None if ends else "no interval: too few items, many samples of them have only one kind of answer"
    low, high = ends or (None, None)
    return {"n_items": len(sample), "value": value, "low": low, "high": high, "note": note}


def _answered(counts: Matrix) -> NDArray[np.bool_]:
    return Rows.of(counts).n > 0

"""Where agreement is lost: by label, by rater, by pair of raters, by group. Polars frames, one row each."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Literal

import numpy as np
import polars as pl
from numpy.typing import NDArray

from middlemost.agreement.alpha import Alpha
from middlemost.agreement.fleiss import FleissKappa
from middlemost.agreement.measured import Categorical, Coefficient
from middlemost.agreement.pairs import OfPairs
from middlemost.agreement.tally import Floats, Rows, total
from middlemost.agreement.tally import by_rater as table_by_rater
from middlemost.core.answers import Answers
from middlemost.core.results import Agreement
from middlemost.errors import InputError, SettingError

MOST_LABELS = 1_000


def by_label(answers: Answers, coefficient: Coefficient = FleissKappa()) -> pl.DataFrame:  # noqa: B008
    """How far raters agree on each label against all others: label, n_answers, share, value, low, high, note.

    With Fleiss' kappa these are its values by category (Fleiss 1971). Labels that nobody gave have no row.

    >>> from middlemost.core.answers import encode
    >>> frame = pl.DataFrame({"item": list("aabbcc"), "rater": list("xyxyxy"), "answer": list("112231")})
    >>> by_label(encode(frame), FleissKappa(draws=100)).select("label", pl.col("value").round(3)).rows()
    [('1', 0.333), ('2', 1.0), ('3', -0.2)]
    """
    times = np.bincount(answers.answer, minlength=answers.n_classes)
    if np.count_nonzero(times) > MOST_LABELS:
        raise SettingError(f"There are {np.count_nonzero(times):,} labels, too many to take one by one.")
    rows = []
    for label in np.flatnonzero(times):
        name = answers.classes[int(label)]
        agreement = coefficient.measure(_against_others(answers, int(label)))
        first = {"label": name, "n_answers": int(times[label]), "share": float(times[label] / len(answers))}
        rows.append(first | _ends(agreement))
    return pl.DataFrame(rows, schema={"label": pl.String, "n_answers": pl.Int64, "share": pl.Float64} | _ENDS)


def by_group(
    answers: Answers,
    groups: Mapping[str, str] | pl.DataFrame,
    coefficient: Coefficient = Alpha(),  # noqa: B008
    *,
    of: Literal["items", "raters"] = "items",
) -> pl.DataFrame:
    """Agreement within each group of items (or of raters): group, n_items, n_raters, n_answers, value, low, high, note.

    `groups` maps each item (or rater) to its group: a mapping, or a frame whose two columns are that. Those without a
    group are left out; InputError where nothing is left.
    """
    if of not in ("items", "raters"):
        raise SettingError(f"of is {of!r}.", mend="It can be 'items' or 'raters'.")
    axis, code = (answers.items, answers.item) if of == "items" else (answers.raters, answers.rater)
    group = _groups(groups, axis)
    names = group.drop_nulls().unique().sort()
    if not len(names):
        raise InputError(f"None of the {of} has a group.", mend=f"Groups map the names of {of} to names of groups.")
    own = group.cast(pl.Enum(names)).to_physical().cast(pl.Int64).fill_null(-1).to_numpy()[code]
    rows = []
    for place, name in enumerate(names):
        part = answers.take(own == place)
        agreement = coefficient.measure(part)
        sizes = {"n_items": agreement.n_items, "n_raters": agreement.n_raters, "n_answers": len(part)}
        rows.append({"group": name} | sizes | _ends(agreement))
    return pl.DataFrame(rows, schema=_SCHEMA | _ENDS)


def by_rater(answers: Answers, coefficient: Categorical = Alpha()) -> pl.DataFrame:  # noqa: B008
    """Each rater against the rest: rater, n_answers, agrees, without, change.

    `agrees`: the share of others' answers to the same items that equal the rater's own. `without`: the coefficient when
    the rater is left out; `change`: how much higher the coefficient then is. None where it is not defined. Sorted by
    change, so that the rater who costs most agreement comes first.

    >>> from middlemost.core.answers import encode
    >>> frame = pl.DataFrame({"item": list("aaabbb"), "rater": list("xyzxyz"), "answer": list("112221")})
    >>> by_rater(encode(frame)).select("rater", "agrees", "without").row(0)
    ('z', 0.0, 1.0)
    """
    statistic, _ = coefficient.statistic(answers)
    everyone = statistic.of_raters(answers)(np.ones(answers.n_raters))
    without = statistic.without(answers)
    frame = pl.DataFrame({
        "rater": answers.raters,
        "n_answers": answers.per_rater(),
        "agrees": _with_others(answers),
        "without": without,
        "change": without - everyone,
    })  # fmt: skip
    frame = frame.with_columns(pl.col("agrees", "without", "change").fill_nan(None))
    return frame.filter(pl.col("n_answers") > 0).sort("change", "rater", descending=[True, False], nulls_last=True)


def by_pair(answers: Answers) -> pl.DataFrame:
    """Every two raters who meet: first, second, n_shared, agrees, kappa (Cohen's), sorted by n_shared.

    `kappa` is None where they share fewer than two items, or gave one and the same answer only.
    """
    pairs = OfPairs.of(answers, None)
    sums = total(pairs.features(Rows.of(table_by_rater(answers))), np.ones((1, answers.n_items)))
    n, _, _, agreeing = pairs.tables(sums)
    frame = pl.DataFrame({
        "first": answers.raters.gather(pairs.raters[:, 0]),
        "second": answers.raters.gather(pairs.raters[:, 1]),
        "n_shared": n[0].astype(np.int64),
        "agrees": agreeing[0] / n[0],
        "kappa": pairs.of_pairs(sums)[0],
    })  # fmt: skip
    frame = frame.with_columns(pl.col("kappa").fill_nan(None))
    return frame.sort("n_shared", "first", "second", descending=[True, False, False])


_SCHEMA = {"group": pl.String, "n_items": pl.Int64, "n_raters": pl.Int64, "n_answers": pl.Int64}
_ENDS = {"value": pl.Float64, "low": pl.Float64, "high": pl.Float64, "note": pl.String}


def _ends(agreement: Agreement) -> dict[str, float | str | None]:
    return {"value": agreement.value, "low": agreement.low, "high": agreement.high, "note": agreement.note}


def _against_others(answers: Answers, label: int) -> Answers:
    """The same answers with two classes: the label, and all others."""
    name = answers.classes[label]
    other = "other" if name != "other" else "any other"
    classes = pl.Series([other, name]).sort()
    own, rest = int(classes.index_of(name) or 0), int(classes.index_of(other) or 0)
    return replace(answers, classes=classes, answer=np.where(answers.answer == label, own, rest).astype(np.int32))


def _groups(given: Mapping[str, str] | pl.DataFrame, axis: pl.Series) -> pl.Series:
    """The group of each name on the axis, null where it has none."""
    if isinstance(given, pl.DataFrame):
        if given.width != 2:
            raise InputError(f"Groups have {given.width} columns.", mend="They need two: the name, and its group.")
        names, groups = (column.cast(pl.String) for column in given.get_columns())
        if names.n_unique() < len(given.unique()):
            raise InputError("Some name is in two groups.", mend="Each belongs to one.")
        given = dict(zip(names, groups, strict=True))
    return axis.replace_strict(dict(given), default=None, return_dtype=pl.String)


def _with_others(answers: Answers) -> Floats:
    """The share of others' answers to the same items that equal the rater's own; NaN where there are none."""
    own = answers.item.astype(np.int64) * answers.n_raters + answers.rater
    others = answers.per_item()[answers.item] - _times(own)
    same_class = _times(answers.cells()) - _times(own * answers.n_classes + answers.answer)
    met = np.bincount(answers.rater, others, minlength=answers.n_raters)
    with np.errstate(invalid="ignore"):
        return np.asarray(np.bincount(answers.rater, same_class, minlength=answers.n_raters) / met)


def _times(keys: NDArray[np.int64]) -> NDArray[np.int64]:
    """How often each row's key occurs."""
    _, group, times = np.unique(keys, return_inverse=True, return_counts=True)
    return np.asarray(times[group])

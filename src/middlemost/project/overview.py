"""What a set of answers looks like, counted: labels, redundancy, confusions, disputes, the check against gold."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import polars as pl
from numpy.typing import NDArray

from middlemost.core.answers import Answers
from middlemost.core.estimate import Estimate
from middlemost.core.gold import Gold
from middlemost.core.results import Consensus
from middlemost.core.short_rows import how_many, maxima, sums
from middlemost.inference.proportion import clopper_pearson

SURE = 0.9
STRANGE = 0.5  # of the gold items: from here on, labels that nobody answered are another vocabulary, not mistakes
FEW_CODES = 12  # different numbers that may well be the codes of labels
NEARLY_ALL = 0.95


@dataclass(frozen=True)
class Disputed:
    """An item on which raters differ: who said what, and the label so far."""

    item: str
    votes: dict[str, int]
    label: str
    confidence: float
    text: str | None = None


@dataclass(frozen=True)
class Confused:
    """Of the answers to items labelled `label`, the share that says `answered` instead; `n` are those answers."""

    label: str
    answered: str
    share: float
    n: float


@dataclass(frozen=True)
class Strange:
    """Gold in other words than the answers: the commonest labels of either, and the `n` gold items with answers.

    `known` of them have a label that anybody answered.
    """

    gold: tuple[str, ...]
    answers: tuple[str, ...]
    n: int
    known: int


@dataclass(frozen=True)
class Numbers:
    """Answers that look like numbers: `n` different ones from `low` to `high`, as they are written."""

    n: int
    low: str
    high: str


@dataclass(frozen=True, eq=False)
class GoldCheck:
    """The labels against gold: the share wrong among all of it and among the labels with confidence of .9 or more.

    Where gold set the labels right, each gold item is judged by a fit that has not seen it, and `wrong` is the estimate
    that the consensus gives.
    `by_label`: frame (label, n, right, low, high), one row a gold label. `commonest` is the share of gold items that
    have the commonest gold label: what a constant answer would get right. `sure` is None below 20 gold items.
    """

    n: int
    n_unanswered: int
    wrong: Estimate
    commonest: float
    commonest_label: str
    by_label: pl.DataFrame
    sure: Estimate | None
    n_sure: int
    drawn: str | None


def distribution(answers: Answers, consensus: Consensus) -> pl.DataFrame:
    """Frame (label, answers, share_of_answers, items, share_of_items), the commonest answer first."""
    given = np.bincount(answers.answer, minlength=answers.n_classes)
    concluded = consensus.labels.group_by("label").len("items")
    frame = pl.DataFrame({"label": answers.classes, "answers": given}).join(concluded, on="label", how="left")
    return (
        frame.with_columns(pl.col("items").fill_null(0))
        .with_columns(
            (pl.col("answers") / max(len(answers), 1)).alias("share_of_answers"),
            (pl.col("items") / max(answers.n_items, 1)).alias("share_of_items"),
        )
        .select("label", "answers", "share_of_answers", "items", "share_of_items")
        .sort("answers", "label", descending=[True, False])
    )


def redundancy(answers: Answers) -> pl.DataFrame:
    """Frame (n_answers, items): how many items have how many answers."""
    items = np.bincount(answers.per_item())
    found = np.flatnonzero(items)
    return pl.DataFrame({"n_answers": found, "items": items[found]})


def pooled_confusion(answers: Answers, consensus: Consensus) -> NDArray[np.float64]:
    """Expected numbers of answers, (label, answered): each answer counts for every label by its probability."""
    k = answers.n_classes
    table = np.empty((k, k))
    for label in range(k):
        weights = np.ascontiguousarray(consensus.probabilities[:, label])
        table[label] = np.bincount(answers.answer, weights=weights[answers.item], minlength=k)
    return table


def most_confused(table: NDArray[np.float64], classes: pl.Series, most: int = 12) -> tuple[Confused, ...]:
    """The largest shares off the diagonal, for labels with at least 20 expected answers."""
    totals = table.sum(axis=1)
    shares = np.where(totals[:, None] >= 20, table / np.maximum(totals, 1)[:, None], 0.0)
    np.fill_diagonal(shares, 0.0)
    order = np.argsort(-shares, axis=None, kind="stable")[:most]
    cells = [divmod(int(cell), len(classes)) for cell in order]
    return tuple(
        Confused(classes[i], classes[j], float(shares[i, j]), float(table[i, j])) for i, j in cells if shares[i, j] > 0
    )


def most_disputed(
    answers: Answers, consensus: Consensus, texts: Mapping[str, str] | None = None, most: int = 30
) -> tuple[Disputed, ...]:
    """The items whose label is least sure, of those on which raters differ."""
    rows = by_dispute(answers, consensus)[:most]
    votes = answers.take(np.isin(answers.item, rows)).counts()[rows]
    found = []
    for row, count in zip(consensus.labels[rows].iter_rows(named=True), votes, strict=True):
        order = [int(code) for code in np.argsort(-count, kind="stable") if count[code]]
        given = {answers.classes[code]: int(count[code]) for code in order}
        text = (texts or {}).get(row["item"])
        found.append(Disputed(row["item"], given, row["label"], row["confidence"], text))
    return tuple(found)


def by_dispute(answers: Answers, consensus: Consensus | None) -> NDArray[np.intp]:
    """Positions of the items on which raters differ: least confident first, then (or without a consensus) most divided.

    Where these are equal, by name.
    """
    votes = answers.counts()
    split = np.flatnonzero(how_many(votes > 0) > 1)
    share = maxima(votes[split]) / sums(votes[split])
    sure = share if consensus is None else maxima(consensus.probabilities[split])
    return split[np.lexsort((split, share, sure.round(6)))]


def look_like_numbers(answers: Answers) -> Numbers | None:
    """Whether nearly all answers are numbers, and too many different ones to be the codes of labels."""
    numbers = answers.classes.str.strip_chars().cast(pl.Float64, strict=False)
    finite = numbers.is_finite().fill_null(False)
    if answers.n_classes <= FEW_CODES or int(finite.sum()) < NEARLY_ALL * answers.n_classes:
        return None
    found = pl.DataFrame({"text": answers.classes, "number": numbers}).filter(finite).sort("number", "text")["text"]
    return Numbers(len(found), found[0], found[-1])


def strange_gold(answers: Answers, gold: Gold) -> Strange | None:
    """Whether the gold speaks of other labels than the raters: fewer than half of its items have one that is known."""
    item, label = gold.codes(answers)
    known = int((label >= 0).sum())
    if not len(item) or known >= STRANGE * len(item):
        return None
    answered = gold.items.is_in(answers.items.gather(item).implode())
    said = answers.classes.gather(answers.answer)
    return Strange(_commonest(gold.labels.filter(answered)), _commonest(said), len(item), known)


def _commonest(labels: pl.Series, most: int = 5) -> tuple[str, ...]:
    counted = labels.alias("label").value_counts().sort("count", "label", descending=[True, False])
    return tuple(counted["label"].head(most))


def check_gold(answers: Answers, consensus: Consensus, gold: Gold) -> GoldCheck | None:
    """The labels against the gold drawn at random, else all gold; None where no gold item has an answer."""
    drawn, gold = gold.to_count_on()
    known = pl.DataFrame({"item": gold.items, "truth": gold.labels})
    joined = known.join(_judged(consensus), on="item", how="inner")
    if not joined.height:
        return None
    right = (joined["label"] == joined["truth"]).to_numpy()
    sure = (joined["confidence"] >= SURE).to_numpy()
    common = joined["truth"].value_counts(sort=True).sort("count", "truth", descending=[True, False])
    return GoldCheck(
        n=len(right),
        n_unanswered=len(gold) - len(right),
        wrong=(consensus.calibrated and consensus.error) or share_of(int((~right).sum()), len(right)),
        commonest=common["count"][0] / len(right),
        commonest_label=common["truth"][0],
        by_label=_by_label(joined),
        sure=share_of(int((~right & sure).sum()), int(sure.sum())) if sure.sum() >= 20 else None,
        n_sure=int((consensus.labels["confidence"] >= SURE).sum()),
        drawn=drawn,
    )


def _judged(consensus: Consensus) -> pl.DataFrame:
    """Item, label and confidence, without any help from an item's own gold."""
    if consensus.calibration is not None:
        return consensus.calibration.held.select("item", "label", "confidence")
    return consensus.labels.filter(pl.col("n_answers") > 0).select("item", "label", "confidence")


def share_of(k: int, n: int) -> Estimate:
    """`k` of `n` with the exact 95 % interval."""
    low, high = clopper_pearson(k, n)
    return Estimate(k / n, low, high, n=n)


def _by_label(joined: pl.DataFrame) -> pl.DataFrame:
    rows = (
        joined.group_by("truth")
        .agg(pl.len().alias("n"), (pl.col("label") == pl.col("truth")).sum().alias("right"))
        .sort("n", "truth", descending=[True, False])
    )
    ends = [clopper_pearson(right, n) for right, n in rows.select("right", "n").iter_rows()]
    return rows.rename({"truth": "label"}).with_columns(
        low=pl.Series([low for low, _ in ends], dtype=pl.Float64),
        high=pl.Series([high for _, high in ends], dtype=pl.Float64),
    )

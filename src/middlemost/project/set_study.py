"""Everything that a report says of answers that are sets of labels, worked out once."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
import polars as pl
from scipy.special import stdtrit

from middlemost.agreement import Alpha, FleissKappa, PercentAgreement
from middlemost.agreement.sets import set_distance
from middlemost.agreement.weights import MOST_CLASSES
from middlemost.consensus.sets import SetConsensus, conclude_sets, question
from middlemost.core.answers import Answers
from middlemost.core.gold import Gold, GoldLike, as_gold
from middlemost.core.sets import Members, as_sets, gold_sets
from middlemost.inference.proportion import clopper_pearson
from middlemost.project.coefficients import DRAWS, first_answers
from middlemost.project.found import Agreeing, Found, Given, agreeing, caveats, draw_sample, notices, single_share
from middlemost.project.oddities import find_set_oddities, with_seconds
from middlemost.project.overview import Disputed, GoldCheck, redundancy, share_of
from middlemost.project.verdict import SET_RULES, Facts, Verdict, judge

MOST_DISPUTED = 30
MOST_CELLS = 2 * 10**8  # items times different sets that are compared with each other
LARGE = 300_000  # answers from which a fifth of the bootstrap samples is enough


@dataclass(frozen=True, eq=False, kw_only=True)
class SetStudy(Found):
    """The findings on answers that are sets of labels, in one spelling; "" is the empty set, `empty` its word.

    `by_label`: frame (label, share_of_answers, share_of_items, kappa, low, high): how many have the label, and how far
    raters agree on it against its absence. `gold_check.by_label` also says of how many gold items that do not have it
    the label was `added` to. `raters`: frame (rater, n_answers, accuracy, low, high [, seconds]),
    where `accuracy` is the mean share of labels in common (Jaccard) with others' sets for the same items.
    """

    separator: str
    empty: str
    consensus: SetConsensus
    gold_check: GoldCheck | None
    by_label: pl.DataFrame
    redundancy: pl.DataFrame
    raters: pl.DataFrame
    disputed: tuple[Disputed, ...]

    @cached_property
    def verdict(self) -> Verdict:
        """May one train on them."""
        facts = Facts(
            n_items=self.answers.n_items,
            n_answers=len(self.answers),
            n_labels=self.answers.n_classes,
            single_share=single_share(self.answers),
            alpha=self.agreeing.deciding,
            gold=self.gold_check,
            gold_given=self.gold is not None,
            oddities=self.oddities,
            confused=(),
            nouns="sets",
        )
        return judge(facts, SET_RULES)


def study_sets(
    answers: Answers,
    gold: GoldLike | None = None,
    given: Given = Given(),  # noqa: B008
    *,
    separator: str = "|",
    empty: str | None = None,
) -> SetStudy:
    """Measure, conclude each label as a question of its own, look for oddities. `empty`: the word for no label."""
    answers = as_sets(answers, separator, empty=empty)
    known = None if gold is None else gold_sets(as_gold(gold), separator, empty=empty)
    consensus = conclude_sets(answers, separator=separator, gold=known, seed=given.seed)
    members = Members.of(answers.classes, separator)
    agreed = _agreeing(answers, separator, given)
    raters = with_seconds(answers, _overlaps(answers, separator))
    return SetStudy(
        answers=answers,
        gold=known,
        given=given,
        agreeing=agreed,
        oddities=find_set_oddities(answers, raters),
        sample=draw_sample(answers, seed=given.seed),
        notices=notices(answers, agreed.breakdown),
        caveats=caveats(answers, *consensus.notices),
        separator=separator,
        empty=empty or "no label",
        consensus=consensus,
        gold_check=None if known is None else _check(consensus, known),
        by_label=_by_label(answers, members, consensus, agreed.draws, given.seed),
        redundancy=redundancy(answers),
        raters=raters,
        disputed=_disputed(answers, consensus, given),
    )


def _agreeing(answers: Answers, separator: str, given: Given) -> Agreeing:
    """Alpha by MASI and by Jaccard's distance, and how often sets are equal."""
    draws = DRAWS if len(answers) <= LARGE else DRAWS // 5
    first = first_answers(answers)
    equal = PercentAgreement(draws=draws, seed=given.seed).measure(first)
    if answers.n_classes > MOST_CLASSES:  # too many to lay each beside each
        nominal = Alpha(draws=draws, seed=given.seed)
        return agreeing(answers, (nominal.measure(first), equal), nominal, given)
    masi = Alpha("masi", separator=separator, draws=draws, seed=given.seed)
    jaccard = Alpha("jaccard", separator=separator, draws=draws, seed=given.seed)
    return agreeing(answers, (masi.measure(first), jaccard.measure(first), equal), masi, given)


def _check(consensus: SetConsensus, gold: Gold) -> GoldCheck | None:
    """The sets against gold: a set is wrong if one label is missing or too many."""
    drawn, known = gold.to_count_on()
    n_known = len(known)
    held = consensus.held
    if drawn == "chosen":
        truth = pl.DataFrame({"item": known.items, "truth": known.labels})
        held = truth.join(consensus.labels.filter(pl.col("n_answers") > 0), on="item", how="inner")
    if held is None or not held.height:
        return None
    common = held["truth"].value_counts().sort("count", "truth", descending=[True, False])
    wrong = int((held["label"] != held["truth"]).sum())
    return GoldCheck(
        n=held.height,
        n_unanswered=n_known - held.height,
        wrong=consensus.error or share_of(wrong, held.height),
        commonest=common["count"][0] / held.height,
        commonest_label=common["truth"][0],
        by_label=_found(held, consensus.separator),
        sure=None,
        n_sure=0,
        drawn=drawn,
    )


def _found(held: pl.DataFrame, separator: str) -> pl.DataFrame:
    """Frame (label, n, right, low, high, added): of the gold items that have a label, how many got it."""
    truth, said = Members.of(held["truth"], separator), Members.of(held["label"], separator)
    rows = []
    for label in pl.concat([truth.labels, said.labels]).unique().sort():
        has, got = (_column(members, label) for members in (truth, said))
        n, right = int(has.sum()), int((has & got).sum())
        low, high = clopper_pearson(right, n) if n else (0.0, 1.0)
        rows.append((label, n, right, low, high, int((got & ~has).sum())))
    schema = {"label": pl.String, "n": pl.Int64, "right": pl.Int64, "low": pl.Float64, "high": pl.Float64}
    frame = pl.DataFrame(rows, schema={**schema, "added": pl.Int64}, orient="row")
    return frame.sort("n", "label", descending=[True, False])


def _column(members: Members, label: str) -> np.ndarray[tuple[int], np.dtype[np.bool_]]:
    place = members.labels.index_of(label)
    return np.zeros(len(members.table), dtype=bool) if place is None else members.table[:, place]


def _by_label(answers: Answers, members: Members, consensus: SetConsensus, draws: int, seed: int) -> pl.DataFrame:
    first, rows = first_answers(answers), []
    concluded = Members.of(consensus.labels["label"], consensus.separator)
    for place, label in enumerate(members.labels):
        asked = question(first, members, place)
        kappa = FleissKappa(draws=max(100, draws // 5), seed=seed).measure(asked)
        given = float(members.table[answers.answer, place].mean())
        rows.append((label, given, float(_column(concluded, label).mean()), kappa.value, kappa.low, kappa.high))
    names = ("label", "share_of_answers", "share_of_items", "kappa", "low", "high")
    schema = {name: pl.String if name == "label" else pl.Float64 for name in names}
    return pl.DataFrame(rows, schema=schema, orient="row").sort("share_of_answers", "label", descending=[True, False])


def _overlaps(answers: Answers, separator: str) -> pl.DataFrame:
    """How much of their sets raters have in common with the others' for the same items."""
    n = answers.per_item()[answers.item]
    none = pl.lit(None, dtype=pl.Float64)
    plain = pl.DataFrame({"rater": answers.raters, "n_answers": answers.per_rater()})
    if answers.n_classes > MOST_CLASSES or answers.n_items * answers.n_classes > MOST_CELLS:
        return plain.with_columns(accuracy=none, low=none, high=none)
    alike = 1 - set_distance(answers.classes, separator, masi=False)
    summed = answers.counts() @ alike
    with np.errstate(invalid="ignore", divide="ignore"):
        shared = (summed[answers.item, answers.answer] - 1) / (n - 1)
    frame = pl.DataFrame({"rater": answers.raters.gather(answers.rater), "shared": shared}).filter(pl.Series(n > 1))
    found = frame.group_by("rater").agg(
        accuracy=pl.col("shared").mean(), error=pl.col("shared").std() / pl.len().sqrt(), n=pl.len()
    )
    half = pl.Series(stdtrit(np.maximum(found["n"].to_numpy() - 1, 1), 0.975)) * found["error"]
    ends = {"low": (found["accuracy"] - half).clip(0, 1), "high": (found["accuracy"] + half).clip(0, 1)}
    return plain.join(found.with_columns(**ends).drop("error", "n"), on="rater", how="left").sort("rater")


def _disputed(answers: Answers, consensus: SetConsensus, given: Given) -> tuple[Disputed, ...]:
    """The items whose set is least sure, of those on which raters differ."""
    cells, times = np.unique(answers.cells(), return_counts=True)
    item, said = np.divmod(cells, answers.n_classes)
    several = np.flatnonzero(np.bincount(item, minlength=answers.n_items) > 1)
    sure = consensus.labels["confidence"].to_numpy()[several]
    rows = several[np.lexsort((several, sure.round(6)))][:MOST_DISPUTED]
    found = []
    for row, one in zip(rows, consensus.labels[rows].iter_rows(named=True), strict=True):
        own = np.flatnonzero(item == row)
        order = own[np.lexsort((said[own], -times[own]))]
        votes = {answers.classes[int(said[place])]: int(times[place]) for place in order}
        found.append(Disputed(one["item"], votes, one["label"], one["confidence"], given.texts.get(one["item"])))
    return tuple(found)

"""What lies behind a coefficient of agreement: on which labels, by which raters, pairs and groups it is lost."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np
import polars as pl
from numpy.typing import NDArray

from middlemost.agreement import Alpha, FleissKappa, by_group, by_label, by_pair, by_rater, fixed_design, meaning
from middlemost.agreement.meaning import Meaning
from middlemost.core.answers import Answers
from middlemost.core.results import Agreement
from middlemost.errors import MiddlemostError
from middlemost.files.groups import Grouping, Groups

MOST_LABELS = 20  # labels that are taken one by one, the commonest first
PICTURED = 20  # raters whose pairs make a picture that can still be read
MOST_PAIRED = 10**6  # pairs of answers that are worth the time to go through
SHARED = 10  # items that two raters share before anything is said of the pair
LARGE = 300_000  # answers from which an interval over raters rests on fewer draws
DEAR = 10**7  # answers times classes, from which an interval over raters would take minutes
SURELY = 4  # standard errors
WIDER = 1.5  # times: from there on it matters whether raters or items are drawn anew

Frame = pl.DataFrame


@dataclass(frozen=True, eq=False)
class Uneven:
    """Items have `least` to `most` answers; `adaptive`: disputed ones surely have more (or fewer) than others.

    Then agreement over all answers is biased. `on_first` is the coefficient on the first `least` answers to every item,
    a fixed design, None where nobody knows in which order answers were given.
    """

    least: int
    most: int
    adaptive: bool
    on_first: Agreement | None


@dataclass(frozen=True, eq=False)
class Breakdown:
    """A coefficient taken apart. What could not be worked out is None or empty, and `left_out` says why.

    `meaning` is the coefficient's in words. `uneven`: where items have different numbers of answers. `over_raters`: the
    interval if other raters had answered, where it is much wider than that of the items. `labels`, `raters`, `pairs`
    and `groups` are the frames of `agreement.by_label`, `by_rater`, `by_pair` and `by_group`; labels are each against
    all others.
    """

    meaning: Meaning
    uneven: Uneven | None
    over_raters: Agreement | None
    labels: Frame | None
    raters: Frame | None
    pairs: Frame | None
    groups: tuple[tuple[Grouping, Frame], ...]
    left_out: tuple[str, ...]

    def deciding(self, shown: Agreement) -> Agreement:
        """The agreement that a verdict rests on: the `shown` one, unless disputed items were asked again."""
        uneven = self.uneven
        return uneven.on_first if uneven and uneven.adaptive and uneven.on_first else shown


def break_down(
    answers: Answers,
    shown: Agreement,
    coefficient: Alpha,
    groups: Groups = Groups(),  # noqa: B008
    *,
    choices: bool = True,
    in_order: bool = False,
) -> Breakdown:
    """Take `shown`, the `coefficient` of these answers, apart.

    `choices`: answers are one label each. `in_order`: rows are in the order in which answers were given.
    """
    notes: list[str] = list(groups.notices)

    def tried(part: Callable[..., Frame | None], *settings: object) -> Frame | None:
        try:
            return part(answers, *settings)
        except MiddlemostError as error:
            notes.append(error.message)
            return None

    measured = shown.low is not None
    said = meaning(shown, answers)
    in_groups = [(one, tried(_in_group, one, coefficient)) for one in groups.groupings]
    return Breakdown(
        # The report says more on unequal numbers of answers itself.
        meaning=replace(said, cautions=tuple(text for text in said.cautions if "fixed_design" not in text)),
        uneven=_uneven(answers, coefficient, in_order=in_order) if measured else None,
        over_raters=_over_raters(answers, shown, coefficient) if measured else None,
        labels=_by_label(answers) if measured and choices and answers.n_classes > 2 else None,
        raters=tried(by_rater, coefficient) if measured and answers.n_raters > 2 else None,
        pairs=tried(pairs_of) if measured and choices else None,
        groups=tuple((one, frame) for one, frame in in_groups if frame is not None),
        left_out=tuple(notes),
    )


def _uneven(answers: Answers, coefficient: Alpha, *, in_order: bool) -> Uneven | None:
    times = answers.per_item()
    several = times[times >= 2]
    if not len(several) or several.min() == several.max():
        return None
    found = coefficient.measure(fixed_design(answers)) if in_order else None
    on_first = None if found is None or found.low is None else found
    return Uneven(int(several.min()), int(several.max()), _follows(answers), on_first)


def _follows(answers: Answers) -> bool:
    """Whether numbers of answers surely go with disagreement, the share of an item's pairs of answers that differ.

    Were they set beforehand, that share would be the same in the mean for any number of answers.
    """
    cells = np.unique(answers.cells(), return_counts=True)
    alike = np.bincount(cells[0] // answers.n_classes, cells[1] * (cells[1] - 1), minlength=answers.n_items)
    times = answers.per_item()
    several = times >= 2
    n = times[several].astype(float)
    differ = 1 - alike[several] / (n * (n - 1))
    if len(n) < 10 or n.std() == 0 or differ.std() == 0:
        return False
    line = float(np.corrcoef(n, differ)[0, 1])
    return abs(line) * math.sqrt(len(n) - 2) > SURELY * math.sqrt(max(1 - line**2, 1e-12))


def _over_raters(answers: Answers, shown: Agreement, coefficient: Alpha) -> Agreement | None:
    """The interval over raters, where it is much wider than the one over items."""
    if answers.n_raters < 3 or shown.low is None or shown.high is None:
        return None
    if coefficient.level != "interval" and len(answers) * answers.n_classes > DEAR:
        return None
    draws = 100 if len(answers) > LARGE else 200
    found = replace(coefficient, interval="raters", draws=draws).measure(answers)
    if found.low is None or found.high is None or found.high - found.low < WIDER * (shown.high - shown.low):
        return None
    return found


def _by_label(answers: Answers) -> Frame:
    """The commonest labels, each against all others, the least agreed first; the rest count as others."""
    times = np.bincount(answers.answer, minlength=answers.n_classes)
    kept = np.sort(np.argsort(-times, kind="stable")[:MOST_LABELS])
    draws = 200 if len(answers) > LARGE else 1_000
    found = by_label(_only(answers, kept), FleissKappa(draws=draws))
    return found.filter(pl.col("label").is_in(answers.classes.gather(kept).implode())).sort("value", "label")


def _only(answers: Answers, kept: NDArray[np.intp]) -> Answers:
    """The same answers, with all labels but the `kept` ones as one."""
    if len(kept) == answers.n_classes:
        return answers
    names = answers.classes.gather(kept)
    rest = "other"
    while rest in names:
        rest += "*"
    classes = pl.concat([names, pl.Series([rest])]).sort()
    place = classes.search_sorted(names).to_numpy()
    codes = np.full(answers.n_classes, int(classes.index_of(rest) or 0), dtype=np.int32)
    codes[kept] = place
    return replace(answers, classes=classes, answer=codes[answers.answer])


def pairs_of(answers: Answers) -> Frame | None:
    """The pairs of raters who share enough items, those who agree least first; None where there are too many."""
    times = answers.per_item()
    if int((times * (times - 1) // 2).sum()) > MOST_PAIRED or answers.n_raters < 3:
        return None
    found = by_pair(answers).filter(pl.col("n_shared") >= SHARED, pl.col("kappa").is_not_null())
    return found.sort("kappa", "first", "second") if found.height > 1 else None


def _in_group(answers: Answers, grouping: Grouping, coefficient: Alpha) -> Frame:
    draws = 200 if len(answers) > LARGE else 1_000
    return by_group(answers, grouping.frame, replace(coefficient, draws=draws), of=grouping.of)

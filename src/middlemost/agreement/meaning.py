"""What a coefficient's value means, in a plain sentence, and what is known to mislead in it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from middlemost.agreement.percent import PercentAgreement
from middlemost.agreement.statistic import ByShares
from middlemost.agreement.tally import Rows, by_class, total
from middlemost.core.answers import Answers
from middlemost.core.estimate import decimal
from middlemost.core.results import Agreement

SKEWED = 0.8
WIDE = 0.3
_KAPPAS = ("alpha", "cohen-kappa", "conger-kappa", "fleiss-kappa", "scott-pi")
_OWN_SHARES = ("cohen-kappa", "conger-kappa")


@dataclass(frozen=True)
class Meaning:
    """`sentence`: what the value says. `cautions`: what to know before relying on it, for these answers."""

    sentence: str
    cautions: tuple[str, ...] = ()


def meaning(agreement: Agreement, answers: Answers) -> Meaning:
    """The value in words, with the known paradoxes of its coefficient as far as these answers give rise to them.

    >>> from middlemost.core.answers import encode
    >>> import polars as pl
    >>> from middlemost.agreement.fleiss import FleissKappa
    >>> frame = pl.DataFrame({"item": list("aabbccdd"), "rater": list("xyxyxyxy"), "answer": list("11221112")})
    >>> answers = encode(frame)
    >>> meaning(FleissKappa(draws=100).measure(answers), answers).sentence
    'Of the agreement that chance leaves open, the raters reach 47 %.'
    """
    if "set to 0" in (agreement.note or ""):
        return Meaning(f"There is nothing to say: {agreement.note}.")
    words = _SENTENCES.get(agreement.name, _beyond_chance)
    found = (_wide(agreement), *(caution(agreement, answers) for caution in _CAUTIONS))
    return Meaning(words(agreement), tuple(caution for caution in found if caution))


def _beyond_chance(agreement: Agreement) -> str:
    if agreement.value <= 0:
        return "The raters agree no more than chance would have it."
    return f"Of the agreement that chance leaves open, the raters reach {_percent(agreement.value)}."


def _alpha(agreement: Agreement) -> str:
    if agreement.value <= 0:
        return "The raters disagree as much as if answers had been dealt out at random, or more."
    left = f"The raters disagree {_percent(1 - agreement.value)} as much as if answers had been dealt out at random."
    if agreement.value >= 0.8:
        return f"{left} Krippendorff takes .800 and more as reliable."
    if agreement.value >= 2 / 3:
        return f"{left} Krippendorff takes .667 to .800 as enough for tentative conclusions only."
    return f"{left} Krippendorff takes less than .667 as unreliable."


def _share(agreement: Agreement) -> str:
    return f"Two raters of the same item agree in {_percent(agreement.value)} of cases, those of chance included."


def _variance(agreement: Agreement) -> str:
    return f"{_percent(max(agreement.value, 0))} of the variance of the answers lies between items, the rest is noise."


_SENTENCES: dict[str, Callable[[Agreement], str]] = {
    "alpha": _alpha,
    "percent-agreement": _share,
    "icc": _variance,
    "kendall-w": lambda a: (
        f"On a scale from chaos (0) to one common order of the items (1), the raters are at {_at(a)}."
    ),
    "mean-spearman": lambda a: f"The orders in which two raters put the items correlate at {_at(a)} in the mean.",
    "concordance": lambda a: f"From unrelated (0) to equal numbers (1), the raters are at {_at(a)}.",
}


def _wide(agreement: Agreement) -> str | None:
    if agreement.low is None or agreement.high is None or agreement.high - agreement.low < WIDE:
        return None
    whom = "raters" if agreement.resampled == "raters" else "items"
    ends = f"{decimal(agreement.low, 2)} and {decimal(agreement.high, 2)}"
    return f"With other {whom} of the same kind it could lie anywhere between {ends}: too wide to rely on."


def _skew(agreement: Agreement, answers: Answers) -> str | None:
    """Feinstein and Cicchetti 1990."""
    name, share = _commonest(answers)
    if share < SKEWED:
        return None
    said = f"{_percent(share)} of all answers are {name!r}"
    if agreement.name in _KAPPAS:
        agree = PercentAgreement(draws=100).measure(answers).value
        return (
            f"{said}: chance agreement is then high and the coefficient low, though {_percent(agree)} of pairs of "
            "answers agree. It tells how well the raters find the rest; AC1 and Brennan-Prediger how often they agree."
        )
    if agreement.name in ("gwet-ac", "brennan-prediger"):
        return f"{said}: the coefficient can be high though the raters do not find the rest. Look at each label."
    return None


def _blind(agreement: Agreement, answers: Answers) -> str | None:
    if agreement.name != "percent-agreement" or not len(answers):
        return None
    rows = Rows.of(by_class(answers))
    shares = total(rows.per_answer(), np.ones((1, answers.n_items))) / max(int(np.count_nonzero(rows.n)), 1)
    chance = float(ByShares().expected(shares)[0])
    return f"Answers dealt out at random, as common as they are here, would agree in {_percent(chance)} of cases."


def _unused(agreement: Agreement, answers: Answers) -> str | None:
    rare = np.bincount(answers.answer, minlength=answers.n_classes) < 0.01 * len(answers)
    if agreement.name not in ("brennan-prediger", "gwet-ac") or not rare.any():
        return None
    said = f"{int(rare.sum())} of {answers.n_classes} classes are hardly used"
    return f"{said}: without them the coefficient would be lower."


def _excused(agreement: Agreement, answers: Answers) -> str | None:
    """Raters whose shares of the commonest class differ by a third have been excused for it."""
    if agreement.name not in _OWN_SHARES:
        return None
    n = answers.per_rater()
    commonest = int(np.bincount(answers.answer, minlength=answers.n_classes).argmax())
    own = np.bincount(answers.rater[answers.answer == commonest], minlength=answers.n_raters)[n >= 10] / n[n >= 10]
    if len(own) < 2 or np.ptp(own) < 1 / 3:
        return None
    return (
        "The raters use the classes in different shares, and this coefficient excuses it: Scott's pi and alpha do not."
    )


def _redundant(agreement: Agreement, answers: Answers) -> str | None:
    times = answers.per_item()
    times = times[times > 0]
    if agreement.name not in (*_KAPPAS, "percent-agreement", "gwet-ac", "brennan-prediger") or np.ptp(times) == 0:
        return None
    return (
        f"Items have {times.min()} to {times.max()} answers. If disputed items were given more on purpose, the value "
        "is biased: measure it on the first answers to each (fixed_design)."
    )


_CAUTIONS = (_skew, _blind, _unused, _excused, _redundant)


def _commonest(answers: Answers) -> tuple[str, float]:
    times = np.bincount(answers.answer, minlength=answers.n_classes)
    return answers.classes[int(times.argmax())], float(times.max() / len(answers))


def _percent(share: float) -> str:
    return f"{100 * share:.0f} %"


def _at(agreement: Agreement) -> str:
    return decimal(agreement.value, 2)

"""What the report on numbers shows: rows, pictures, sentences."""

from __future__ import annotations

from typing import Any

import numpy as np

from middlemost.consensus.numeric import Distance
from middlemost.core.estimate import figures, placed
from middlemost.project.number_study import NumberStudy, Spread
from middlemost.project.number_verdict import NumberGold, ranged
from middlemost.version import __version__
from middlemost.view import agreement, words
from middlemost.view.charts import column_chart, number_bins, value_bins
from middlemost.view.pages import count, left_out, percent

MOST_RATERS = 40
MOST_VALUES = 20  # of an item, written out
WIDE = 240  # the units of a picture

LOOKED_FOR = (
    "repeated answers, items and raters with a single answer, raters who always give the same number, who take less "
    "than a quarter of the usual time, who gave more than half of all answers, answers ten times as far from the "
    "middle of their item as others usually are"
)
NAMES = {"these": "these", "mean": "plain means", "median": "medians"}

_SAID = {
    "rater-model": "One number an item: answers less the rater’s bias, in the rater’s scale, the exact ones first.",
    "huber": "One number an item: the mean, in which far answers pull no harder (Huber); raters gave too few for more.",
}

Row = dict[str, Any]


def page(study: NumberStudy) -> dict[str, Any]:
    """Everything the template asks for, by name."""
    source = study.given.source or "answers"
    return {
        "title": f"{study.verdict.headline} ({study.given.source or 'report'})",
        "source": source,
        "facts": facts(study),
        "agree": agreement.shown(study),
        "method": _method(study),
        "looked_for": LOOKED_FOR,
        **_gold(study),
        **_numbers(study),
        **_raters(study),
        **_disputed(study),
    }


def facts(study: NumberStudy) -> str:
    """What the data is, in one line."""
    values = study.answers.values
    return words.facts_line(study.answers, f"numbers from {figures(values.min())} to {figures(values.max())}")


def _gold(study: NumberStudy) -> dict[str, Any]:
    gold = study.gold_check
    if gold is None:
        return {"gold_rows": []}
    return {
        "gold_words": words.drawn(gold.drawn),
        "gold_rows": [_distance(NAMES[name], found, gold.places) for name, found in study.others],
        "gold_more": _beside(gold),
    }


def _distance(name: str, found: Distance, places: int) -> list[str]:
    return [name, ranged(found.mean_absolute, places), ranged(found.root_mean_square, places)]


def _beside(gold: NumberGold) -> str:
    above = f"In the mean the numbers lie {ranged(gold.above, gold.places)} above it (below: a minus)."
    said = [f"Gold itself spreads by {placed(gold.spread, gold.places)} (standard deviation).", above]
    if gold.held is not None:
        said.append(f"The 95 % intervals of the items hold the gold number in {percent(gold.held.value, 0)} of cases.")
    return " ".join(said)


def _numbers(study: NumberStudy) -> dict[str, Any]:
    estimates = study.consensus.estimates["estimate"].drop_nulls().to_numpy()
    given, concluded = value_bins(study.answers.values), value_bins(estimates)
    answers = number_bins(study.redundancy["n_answers"], study.redundancy["items"])
    return {
        "numbers_words": _numbers_words(study),
        "given_svg": column_chart(given, x="number from", y="answers", title="Answers by their number"),
        "given_rows": _bin_rows(given),
        "estimate_svg": column_chart(concluded, x="number from", y="items", title="Items by their estimate"),
        "estimate_rows": _bin_rows(concluded),
        "redundancy_svg": column_chart(answers, x="answers", y="items", title="Items by their number of answers")
        if len(answers) > 1
        else None,
        "redundancy_rows": _bin_rows(answers),
        "steady_words": ""
        if study.steady is None
        else f"Other such raters would reproduce {percent(study.steady, 0)} of the variance of these estimates.",
    }


def _numbers_words(study: NumberStudy) -> str:
    known = study.consensus.estimates.drop_nulls()
    said = _SAID[study.consensus.method]
    if known.height:
        half = float(((known["high"] - known["low"]) / 2).median() or 0)  # type: ignore[arg-type]
        said += (
            f" The usual 95 % interval is ± {placed(half, study.places)}: where more such raters would put the number."
        )
    of_gold = () if study.gold is None else study.gold.notices
    return " ".join([said, *(text for text in study.caveats if text not in of_gold)])


def _bin_rows(rows: list[Row]) -> list[list[str]]:
    return [[row["bin"], count(row["n"])] for row in rows]


def _raters(study: NumberStudy) -> dict[str, Any]:
    raters = study.consensus.raters.drop_nulls("bias").sort("deviation", "rater", descending=[True, False])
    limit = max([abs(end) for name in ("bias_low", "bias_high") for end in raters[name].drop_nulls()] or [1.0]) or 1.0
    return {
        "raters": [_rater(row, limit, study.places) for row in raters.head(MOST_RATERS).iter_rows(named=True)],
        "raters_left": left_out(raters.height - MOST_RATERS, "rater", "with less spread"),
        "bias_limit": figures(limit, 2),
    }


def _rater(row: Row, limit: float, places: int) -> Row:
    low, high = row["bias_low"], row["bias_high"]
    place: Row = {"at": _at(row["bias"], limit), "low": None, "high": None, "apart": False}
    if low is not None and high is not None:
        place |= {"low": _at(low, limit), "high": _at(high, limit), "apart": not low <= 0 <= high}
    bias, spread = (_with_ends(row, name, places) for name in ("bias", "deviation"))
    return {**row, "place": place, "bias": bias, "scale": _with_ends(row, "scale", 2), "spread": spread}


def _with_ends(row: Row, name: str, places: int) -> tuple[str, str]:
    value, low, high = (row.get(f"{name}{end}") for end in ("", "_low", "_high"))
    ends = "" if low is None or high is None else f"({placed(low, places)} to {placed(high, places)})"
    return "–" if value is None else placed(value, places), ends


def _at(bias: float, limit: float) -> float:
    return round(WIDE * (0.5 + bias / limit / 2), 1)


def _disputed(study: NumberStudy) -> dict[str, Any]:
    if not study.disputed:
        return {"disputed": [], "scale": ("", "")}
    low, high = float(study.answers.values.min()), float(study.answers.values.max())
    return {
        "disputed": [_spread(one, low, high - low or 1.0, study.places) for one in study.disputed],
        "scale": (figures(low), figures(high)),
    }


def _spread(one: Spread, start: float, width: float, places: int) -> Row:
    def at(value: float) -> float:
        return round(WIDE * min(max((value - start) / width, 0.0), 1.0), 1)

    shown = [figures(value) for value in one.values[:MOST_VALUES]]
    known = one.low is not None and one.high is not None
    return {
        "item": one.item,
        "text": one.text,
        "values": ", ".join(shown) + (" …" if len(one.values) > MOST_VALUES else ""),
        "dots": sorted({at(value) for value in np.asarray(one.values)}),
        "estimate": placed(one.estimate, places),
        "range": f"{placed(one.low or 0, places)} to {placed(one.high or 0, places)}" if known else "none",
        "span": (at(one.low or 0), at(one.high or 0)) if known else None,
    }


def _method(study: NumberStudy) -> list[str]:
    consensus = study.consensus
    steps = f"{consensus.n_iter} iterations, {'converged' if consensus.converged else 'not converged'}"
    return [
        f"Numbers: {consensus.method} ({steps}).",
        f"Intervals are at 95 %. Agreement: {study.agreeing.draws:,} bootstrap samples of the items; ICC by formula.",
        "Distance from gold: Student’s intervals for the mean error and the mean square.",
        f"middlemost {__version__}. The same answers give the same report.",
    ]

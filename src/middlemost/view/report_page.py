"""What the report's template shows: rows, pictures, sentences. Long lists are cut, and say so."""

from __future__ import annotations

from typing import Any

import numpy as np
import polars as pl
from numpy.typing import NDArray

from middlemost.core.estimate import Estimate, decimal
from middlemost.project.oddities import ENOUGH
from middlemost.project.overview import SURE, GoldCheck
from middlemost.project.study import Study
from middlemost.version import __version__
from middlemost.view import agreement, calibration, words
from middlemost.view.charts import column_chart, label_chart, number_bins, share_bins
from middlemost.view.pages import count, left_out, percent

Row = dict[str, Any]

MOST_LABELS = 20
MOST_RATERS = 40
BEST_AND_WORST = 12
HEAT = 12
RATER_HEAT = 6

LOOKED_FOR = (
    "repeated answers, labels spelled in several ways, items and raters with a single answer, raters who cannot be "
    "told from guessing, who always say the same, who take less than a quarter of the usual time, who gave more than "
    "half of all answers, pairs who share their unusual answers, labels with fewer than ten items"
)


def page(study: Study) -> dict[str, Any]:
    """Everything the template asks for, by name."""
    return {
        "title": f"{study.verdict.headline} ({study.given.source or 'report'})",
        "source": study.given.source or "answers",
        "facts": words.facts_line(study.answers),
        "agree": agreement.shown(study),
        "disputed": [vars(item) for item in study.disputed],
        "disputed_words": _disputed_words(study),
        "method": _method(study),
        "looked_for": LOOKED_FOR,
        **_gold(study.gold_check),
        **calibration.shown(study.consensus.calibration),
        **_labels(study),
        **_raters(study),
        **_confusion(study),
    }


def _gold(check: GoldCheck | None) -> dict[str, Any]:
    if check is None:
        return {}
    rows = [("all", check.wrong)]
    rows += [(f"confidence {decimal(SURE, 2)} or more ({count(check.n_sure)} items)", check.sure)] if check.sure else []
    labels = [
        {
            "rater": row["label"],
            "n_answers": row["n"],
            "accuracy": row["right"] / row["n"],
            "low": row["low"],
            "high": row["high"],
        }
        for row in check.by_label.head(MOST_LABELS).iter_rows(named=True)
    ]
    return {
        "drawn": words.drawn(check.drawn),
        "gold_rows": [[name, count(wrong.n or 0), percent(wrong.value), _interval(wrong)] for name, wrong in rows],
        "gold_labels": labels,
        "gold_left": left_out(check.by_label.height - len(labels), "label", "with fewer gold items"),
    }


def _labels(study: Study) -> dict[str, Any]:
    rows = study.distribution.head(MOST_LABELS).to_dicts()
    left = study.distribution.tail(-MOST_LABELS) if study.distribution.height > MOST_LABELS else None
    if left is not None:
        sums = {name: left[name].sum() for name in study.distribution.columns if name != "label"}
        rows.append({"label": f"{left.height} other labels", **sums})
    how = "" if study.consensus.calibrated else ", uncalibrated"
    return {
        "labels_words": " ".join([_concluded(study), *_caveats(study)]),
        "label_svg": label_chart(rows[:MOST_LABELS]),
        "label_rows": [
            [
                row["label"],
                count(row["answers"]),
                percent(row["share_of_answers"]),
                count(row["items"]),
                percent(row["share_of_items"]),
            ]
            for row in rows
        ],
        "labels_left": ""
        if left is None
        else f"The {MOST_LABELS} commonest; {left.height} more are summed up in the table.",
        **confidence_chart(study.consensus.labels["confidence"], how, start=1 / max(study.answers.n_classes, 1)),
        **redundancy_chart(study.redundancy),
    }


def confidence_chart(confidence: pl.Series, how: str, *, start: float) -> dict[str, Any]:
    """Items by the confidence of their label, from `start` on."""
    bins = share_bins(confidence, start)
    unsure = float((confidence < SURE).mean() or 0)  # type: ignore[arg-type]
    return {
        "confidence_svg": column_chart(bins, x="confidence", y="items", title="Items by the confidence of their label"),
        "confidence_rows": _bin_rows(bins),
        "confidence_words": f"Confidence of the labels{how}: {percent(unsure)} of them are below {decimal(SURE, 2)}.",
    }


def redundancy_chart(frame: pl.DataFrame) -> dict[str, Any]:
    """Items by their number of answers; no picture where all have the same: the line of facts says it."""
    bins = number_bins(frame["n_answers"], frame["items"])
    title = "Items by their number of answers"
    return {
        "redundancy_svg": column_chart(bins, x="answers", y="items", title=title) if len(bins) > 1 else None,
        "redundancy_rows": _bin_rows(bins),
        "redundancy_words": "How many answers the items have.",
    }


def _concluded(study: Study) -> str:
    how = {
        "pooled-dawid-skene": "by weighing raters by how well they do, those with few answers more like the others",
        "dawid-skene": "by Dawid and Skene’s method, which weighs raters by how well they do",
        "majority-vote": "by majority vote",
        "blend": "by a blend of several methods, weighted by what gold says of them",
    }.get(study.consensus.method, f"by {study.consensus.method}")
    return f"One label an item, concluded {how}."


def _caveats(study: Study) -> list[str]:
    said = () if study.gold is None else study.gold.notices
    return [text for text in study.caveats if text not in said]


def _bin_rows(rows: list[Row]) -> list[list[str]]:
    return [[row["bin"], count(row["n"])] for row in rows]


def _raters(study: Study) -> dict[str, Any]:
    gold = "" if study.gold_check is None else " Gold plays no part in it."
    if study.consensus.calibrated:
        gold = " Gold tells how far each label is to be believed."
    sentence = (
        "Share right: how often a rater gives the label that all answers together lead to, with its 95 % interval. "
        f"A rater whose items nobody else answered cannot be judged.{gold} The dashed line is what the "
        "rater would reach blindly."
    )
    return {"raters_words": sentence, **rater_groups(study.raters)}


def rater_groups(raters: pl.DataFrame) -> dict[str, Any]:
    """All raters, or of many those at either end and a picture. Frame: rater, n_answers, accuracy, low, high."""
    raters = raters.sort("accuracy", "n_answers", "rater", descending=[True, True, False], nulls_last=True)
    if raters.height <= MOST_RATERS:
        return {"rater_svg": None, "rater_groups": [("", raters.to_dicts())], "raters_left": ""}
    judged = raters.filter(pl.col("n_answers") >= ENOUGH, pl.col("accuracy").is_not_null())
    groups = _ends(judged if judged.height >= 2 * BEST_AND_WORST else raters.filter(pl.col("accuracy").is_not_null()))
    shown = sum(len(rows) for _, rows in groups)
    bins = share_bins(raters["accuracy"].drop_nulls())
    return {
        "rater_svg": column_chart(bins, x="share", y="raters", title="Raters by their share"),
        "rater_bins": _bin_rows(bins),
        "rater_caption": f"All {count(raters.height)} raters; {count(judged.height)} have {ENOUGH} answers or more.",
        "rater_groups": groups,
        "raters_left": left_out(raters.height - shown, "rater", "in between or with fewer answers"),
    }


def _ends(raters: pl.DataFrame) -> list[tuple[str, list[Row]]]:
    """The surest best and the surest worst: ranked by the end of the interval, so that few answers lead to no rank."""
    worst = raters.sort("high", "rater").head(BEST_AND_WORST)
    rest = raters.join(worst.select("rater"), on="rater", how="anti")
    best = rest.sort("low", "rater", descending=[True, False]).head(BEST_AND_WORST)
    busiest = rest.join(best.select("rater"), on="rater", how="anti").sort(
        "n_answers", "rater", descending=[True, False]
    )
    return [
        (f"The {worst.height} surest to be weak", worst.to_dicts()),
        (f"The {best.height} surest to be strong", best.to_dicts()),
        ("The busiest of the others", busiest.head(BEST_AND_WORST).to_dicts()),
    ]


def _confusion(study: Study) -> dict[str, Any]:
    classes = study.answers.classes.to_list()
    how = "Rows are the concluded labels, not the truth: a mistake that all make is not seen."
    pairs = [[pair.label, pair.answered, percent(pair.share), count(pair.n)] for pair in study.confused]
    found = {"confusion_words": words.confusion_words(study.confused, caveat=how), "confused_rows": pairs}
    if len(classes) > HEAT:
        return {**found, "heat": None, "rater_heat": []}
    return {
        **found,
        "heat": {"labels": classes, "rows": _shares(study.confusion)},
        "rater_heat": _rater_heat(study) if len(classes) <= RATER_HEAT else [],
    }


def _shares(table: NDArray[np.float64]) -> list[list[float | None]]:
    totals = table.sum(axis=1)
    return [[value / total if total > 0.5 else None for value in row] for row, total in zip(table, totals, strict=True)]


def _rater_heat(study: Study) -> list[tuple[str, list[list[float]]]]:
    confusion = study.consensus.confusion
    if confusion is None:
        return []
    groups = _raters(study)["rater_groups"]
    names = [row["rater"] for _, rows in groups for row in rows]
    axis = {name: place for place, name in enumerate(study.consensus.raters["rater"])}
    return [(name, confusion[axis[name]].tolist()) for name in names]


def _disputed_words(study: Study) -> str:
    split = int(np.count_nonzero((study.answers.counts() > 0).sum(axis=1) > 1))
    share = percent(split / study.answers.n_items)
    text = f"Raters differ on {count(split)} items ({share}). "
    shown = len(study.disputed)
    return text + (
        f"The {shown} with the least sure label; {count(split - shown)} more are left out." if split > shown else ""
    )


def _method(study: Study) -> list[str]:
    consensus = study.consensus
    steps = (
        f"{consensus.n_iter} iterations, {'converged' if consensus.converged else 'not converged'}"
        if consensus.n_iter
        else "no iterations"
    )
    fit = "" if consensus.log_likelihood is None else f", log-likelihood {consensus.log_likelihood:,.1f}"
    return [
        f"Labels: {consensus.method} ({steps}{fit}). Ties go to the least seeded hash, never to the first label.",
        f"Intervals are at 95 %. Agreement: {study.agreeing.draws:,} bootstrap samples of the items.",
        "Raters: Jeffreys intervals on expected counts. Gold: exact intervals (Clopper and Pearson).",
        *calibration.method(consensus.calibration),
        f"middlemost {__version__}. The same answers give the same report.",
    ]


def _interval(estimate: Estimate) -> str:
    if estimate.low is None or estimate.high is None:
        return f"none: {estimate.note or 'not enough data'}"
    return f"{percent(estimate.low).removesuffix(' %')} to {percent(estimate.high)}"

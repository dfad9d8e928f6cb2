"""What the report's template shows: rows, pictures, sentences. Long lists are cut, and say so."""

from __future__ import annotations

from typing import Any

import numpy as np
import polars as pl
from markupsafe import Markup
from numpy.typing import NDArray

from middlemost.agreement.names import TITLES
from middlemost.core.estimate import Estimate, decimal
from middlemost.project.oddities import ENOUGH
from middlemost.project.overview import SURE, GoldCheck
from middlemost.project.study import Study
from middlemost.version import __version__
from middlemost.view import calibration, words
from middlemost.view.charts import column_chart, label_chart, number_bins, share_bins
from middlemost.view.pages import count, percent

Row = dict[str, Any]

MOST_LABELS = 20
MOST_RATERS = 40
BEST_AND_WORST = 12
HEAT = 12
RATER_HEAT = 6


def page(study: Study) -> dict[str, Any]:
    """Everything the template asks for, by name."""
    return {
        "title": f"{study.verdict.headline} ({study.source or 'report'})",
        "source": study.source or "answers",
        "facts": words.facts_line(study.answers),
        "names": TITLES,
        "agreement_words": words.agreement_words(study.agreements[0]),
        "agreements": [(agreement, words.agreement_says(agreement)) for agreement in study.agreements],
        "disputed": [vars(item) for item in study.disputed],
        "disputed_words": _disputed_words(study),
        "method": _method(study),
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
    drawn = {
        "random": "It was drawn at random, so it speaks for all items.",
        "chosen": "It was chosen, so it speaks for itself only.",
    }.get(check.drawn or "", "Nobody said how it was drawn; if not at random, these figures speak for the gold only.")
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
        "drawn": drawn,
        "gold_rows": [[name, count(wrong.n or 0), percent(wrong.value), _interval(wrong)] for name, wrong in rows],
        "gold_labels": labels,
        "gold_left": _left_out(check.by_label.height - len(labels), "label", "with fewer gold items"),
    }


def _labels(study: Study) -> dict[str, Any]:
    rows = study.distribution.head(MOST_LABELS).to_dicts()
    left = study.distribution.tail(-MOST_LABELS) if study.distribution.height > MOST_LABELS else None
    if left is not None:
        sums = {name: left[name].sum() for name in study.distribution.columns if name != "label"}
        rows.append({"label": f"{left.height} other labels", **sums})
    confidence = share_bins(study.consensus.labels["confidence"], 1 / max(study.answers.n_classes, 1))
    redundancy = number_bins(study.redundancy["n_answers"], study.redundancy["items"])
    how = "" if study.consensus.calibrated else ", uncalibrated"
    unsure = float((study.consensus.labels["confidence"] < SURE).mean() or 0)  # type: ignore[arg-type]
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
        "confidence_svg": column_chart(
            confidence, x="confidence", y="items", title="Items by the confidence of their label"
        ),
        "confidence_rows": _bin_rows(confidence),
        "confidence_words": f"Confidence of the labels{how}: {percent(unsure)} of them are below {decimal(SURE, 2)}.",
        "redundancy_svg": _redundancy_chart(redundancy),
        "redundancy_rows": _bin_rows(redundancy),
        "redundancy_words": "How many answers the items have.",
    }


def _redundancy_chart(rows: list[Row]) -> Markup | None:
    """None where all items have the same number of answers: the line of facts says it."""
    return (
        column_chart(rows, x="answers", y="items", title="Items by their number of answers") if len(rows) > 1 else None
    )


def _concluded(study: Study) -> str:
    how = {
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
    raters = study.raters.sort("accuracy", "n_answers", "rater", descending=[True, True, False], nulls_last=True)
    gold = "" if study.gold_check is None else " Gold plays no part in it."
    if study.consensus.calibrated:
        gold = " Gold tells how far each label is to be believed."
    sentence = (
        "Share right: how often a rater gives the label that all answers together lead to, with its 95 % interval. "
        f"A rater whose items nobody else answered cannot be judged.{gold} The dashed line is what the "
        "rater would reach blindly."
    )
    if raters.height <= MOST_RATERS:
        return {
            "raters_words": sentence,
            "rater_svg": None,
            "rater_groups": [("", raters.to_dicts())],
            "raters_left": "",
        }
    judged = raters.filter(pl.col("n_answers") >= ENOUGH, pl.col("accuracy").is_not_null())
    groups = _ends(judged if judged.height >= 2 * BEST_AND_WORST else raters.filter(pl.col("accuracy").is_not_null()))
    shown = sum(len(rows) for _, rows in groups)
    bins = share_bins(raters["accuracy"].drop_nulls())
    return {
        "raters_words": sentence,
        "rater_svg": column_chart(bins, x="share right", y="raters", title="Raters by share right"),
        "rater_bins": _bin_rows(bins),
        "rater_caption": f"All {count(raters.height)} raters; {count(judged.height)} have {ENOUGH} answers or more.",
        "rater_groups": groups,
        "raters_left": _left_out(raters.height - shown, "rater", "in between or with fewer answers"),
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
        f"Intervals are at 95 %. Agreement: {study.draws:,} bootstrap samples of the items.",
        "Raters: Jeffreys intervals on expected counts. Gold: exact intervals (Clopper and Pearson).",
        *calibration.method(consensus.calibration),
        f"middlemost {__version__}. The same answers give the same report.",
    ]


def _interval(estimate: Estimate) -> str:
    if estimate.low is None or estimate.high is None:
        return f"none: {estimate.note or 'not enough data'}"
    return f"{percent(estimate.low).removesuffix(' %')} to {percent(estimate.high)}"


def _left_out(n: int, noun: str, which: str) -> Markup:
    text = f"{count(n)} more {noun}{'' if n == 1 else 's'} {which} are left out here." if n > 0 else ""
    return Markup('<p class="left-out">{}</p>').format(text) if text else Markup("")

"""What the report on sets of labels shows: rows, pictures, sentences."""

from __future__ import annotations

from typing import Any

import polars as pl

from middlemost.core.estimate import decimal
from middlemost.core.words import plural
from middlemost.project.overview import Disputed
from middlemost.project.set_study import SetStudy
from middlemost.version import __version__
from middlemost.view import agreement, words
from middlemost.view.charts import label_chart
from middlemost.view.pages import count, left_out, percent
from middlemost.view.report_page import confidence_chart, rater_groups, redundancy_chart

MOST_LABELS = 20

LOOKED_FOR = (
    "repeated answers, items and raters with a single answer, raters who always give the same set, who take less than "
    "a quarter of the usual time, who gave more than half of all answers, pairs who share their unusual answers"
)

Row = dict[str, Any]


def page(study: SetStudy) -> dict[str, Any]:
    """Everything the template asks for, by name."""
    return {
        "title": f"{study.verdict.headline} ({study.given.source or 'report'})",
        "source": study.given.source or "answers",
        "facts": facts(study),
        "agree": agreement.shown(study),
        "method": _method(study),
        "looked_for": LOOKED_FOR,
        **_gold(study),
        **_labels(study),
        **rater_groups(study.raters),
        "disputed": [_disputed(one, study) for one in study.disputed],
    }


def facts(study: SetStudy) -> str:
    """What the data is, in one line."""
    sizes = f"{plural(len(study.consensus.classes), 'label')} in {plural(study.answers.n_classes, 'different set')}"
    return words.facts_line(study.answers, sizes)


def _gold(study: SetStudy) -> dict[str, Any]:
    check = study.gold_check
    if check is None:
        return {}
    ends = f"{percent(check.wrong.low or 0).removesuffix(' %')} to {percent(check.wrong.high or 1)}"
    rows = check.by_label.head(MOST_LABELS)
    return {
        "gold_words": words.drawn(check.drawn),
        "gold_wrong": f"{percent(check.wrong.value)} of the sets are not exactly right ({ends}).",
        "gold_rows": [
            [
                one["label"],
                count(one["n"]),
                f"{count(one['right'])} ({percent(one['right'] / one['n'], 0)})" if one["n"] else "–",
                count(one["added"]),
            ]
            for one in rows.iter_rows(named=True)
        ],
        "gold_left": left_out(check.by_label.height - rows.height, "label", "with fewer gold items"),
    }


def _labels(study: SetStudy) -> dict[str, Any]:
    rows = study.by_label.head(MOST_LABELS)
    how = "" if study.consensus.calibrated else ", uncalibrated"
    said = (
        "Each label is a question of its own, yes or no, concluded by weighing raters by how well they do; the set is "
        "what is concluded yes. The confidence of a set is that of its least sure label."
    )
    return {
        "labels_words": " ".join([said, *study.caveats]),
        "label_svg": label_chart(rows.to_dicts()),
        "label_rows": [
            [
                one["label"],
                percent(one["share_of_answers"]),
                percent(one["share_of_items"]),
                decimal(one["kappa"]) if one["low"] is not None else "–",
                f"{decimal(one['low'])} to {decimal(one['high'])}" if one["low"] is not None else "none",
            ]
            for one in rows.iter_rows(named=True)
        ],
        "labels_left": left_out(study.by_label.height - rows.height, "label", "that fewer answers hold"),
        **confidence_chart(study.consensus.labels["confidence"], how, start=0.5),
        **redundancy_chart(study.redundancy),
    }


def named(text: str, study: SetStudy) -> str:
    """A set as it is shown: the empty one by its word."""
    return text.replace(study.separator, f" {study.separator} ") or f"({study.empty})"


def _disputed(one: Disputed, study: SetStudy) -> Row:
    votes: dict[str, int] = {named(label, study): n for label, n in one.votes.items()}
    return {**vars(one), "votes": votes, "label": named(one.label, study)}


def _method(study: SetStudy) -> list[str]:
    methods = {one.method for one in study.consensus.questions.values()}
    gold = ["Each gold item is judged by a fit that has not seen it."] if study.consensus.calibrated else []
    return [
        f"Labels: {', '.join(sorted(methods))}, one fit a label. The order of labels in a set does not count.",
        f"Intervals are at 95 %. Agreement (MASI: Passonneau 2006): {study.agreeing.draws:,} bootstrap samples.",
        "Raters: the mean share of labels in common with others’ sets, Student’s intervals. Gold: exact intervals.",
        *gold,
        f"middlemost {__version__}. The same answers give the same report.",
    ]


def label_frame(study: SetStudy) -> pl.DataFrame:
    """The labels as they are released."""
    empty = pl.col("label") == ""
    return study.consensus.labels.with_columns(label=pl.when(empty).then(pl.lit(study.empty)).otherwise("label"))

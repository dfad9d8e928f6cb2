"""The findings as plain data, for scripts: what `middlemost report --json` prints."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

import polars as pl

from middlemost.core.estimate import Estimate
from middlemost.core.results import Calibration, IntraRater
from middlemost.project.breakdown import Breakdown
from middlemost.project.found import Found
from middlemost.project.number_study import NumberStudy
from middlemost.project.overview import GoldCheck
from middlemost.project.set_study import SetStudy
from middlemost.project.study import Study

MOST_RATERS = 1_000  # rows of a breakdown


def of_labels(study: Study) -> dict[str, Any]:
    """Every figure of the report on labels; nothing is NaN, what is missing is None."""
    consensus = study.consensus
    return {
        "kind": "choice",
        **_common(study, {"labels": study.answers.classes.to_list()}),
        "gold": _gold(study.gold_check),
        "labels": {
            "method": consensus.method,
            "iterations": consensus.n_iter,
            "converged": consensus.converged,
            "calibrated": consensus.calibrated,
            "calibration": _calibration(consensus.calibration),
            "wrong": _estimate(consensus.error),
            "log_likelihood": consensus.log_likelihood,
            "distribution": study.distribution.to_dicts(),
            "caveats": list(study.caveats),
        },
        "raters": study.raters.to_dicts(),
        "confused": [asdict(pair) for pair in study.confused],
        "disputed": [asdict(item) for item in study.disputed],
    }


def of_numbers(study: NumberStudy) -> dict[str, Any]:
    """Every figure of the report on numbers."""
    consensus, gold, values = study.consensus, study.gold_check, study.answers.values
    return {
        "kind": "numbers",
        **_common(study, {"least": float(values.min()), "greatest": float(values.max())}),
        "gold": None if gold is None else asdict(gold) | {"others": {name: asdict(far) for name, far in study.others}},
        "numbers": {
            "method": consensus.method,
            "iterations": consensus.n_iter,
            "converged": consensus.converged,
            "steady": study.steady,
            "caveats": list(study.caveats),
        },
        "raters": consensus.raters.to_dicts(),
        "disputed": [asdict(item) for item in study.disputed],
    }


def of_sets(study: SetStudy) -> dict[str, Any]:
    """Every figure of the report on sets of labels."""
    return {
        "kind": "sets",
        **_common(study, {"labels": study.consensus.classes.to_list(), "separator": study.separator}),
        "gold": _gold(study.gold_check),
        "labels": {
            "methods": {label: one.method for label, one in study.consensus.questions.items()},
            "calibrated": study.consensus.calibrated,
            "wrong": _estimate(study.consensus.error),
            "by_label": study.by_label.to_dicts(),
            "caveats": list(study.caveats),
        },
        "raters": study.raters.to_dicts(),
        "disputed": [asdict(item) for item in study.disputed],
    }


def _common(study: Found, data: dict[str, Any]) -> dict[str, Any]:
    answers = study.answers
    return {
        "source": study.given.source,
        "read_as": study.given.read_as,
        "verdict": {
            "answer": study.verdict.answer,
            "headline": study.verdict.headline,
            "basis": study.verdict.basis,
            "reasons": [asdict(reason) for reason in study.verdict.reasons],
        },
        "data": {
            "items": answers.n_items,
            "raters": answers.n_raters,
            "answers": len(answers),
            **data,
            "question": answers.question,
            "notices": list(study.notices),
        },
        "agreement": [asdict(agreement) for agreement in study.agreements],
        "breakdown": _breakdown(study.agreeing.breakdown),
        "intra_rater": _intra(study.agreeing.intra),
        "oddities": [asdict(oddity) for oddity in study.oddities],
        "check_these": study.sample.to_list(),
    }


def _breakdown(behind: Breakdown) -> dict[str, Any]:
    uneven = behind.uneven
    return {
        "meaning": behind.meaning.sentence,
        "cautions": list(behind.meaning.cautions),
        "uneven": None if uneven is None else asdict(uneven),
        "over_raters": None if behind.over_raters is None else asdict(behind.over_raters),
        "by_label": _rows(behind.labels),
        "by_rater": _rows(behind.raters),
        "by_pair": _rows(behind.pairs),
        "by_group": {grouping.name: {"of": grouping.of, "groups": _rows(frame)} for grouping, frame in behind.groups},
    }


def _rows(frame: pl.DataFrame | None) -> list[dict[str, Any]] | None:
    return None if frame is None else frame.head(MOST_RATERS).to_dicts()


def _intra(found: IntraRater | None) -> dict[str, Any] | None:
    if found is None:
        return None
    return {
        "repeats": found.n_repeats,
        "agreement": asdict(found.agreement),
        "alpha": asdict(found.alpha),
        "most_right": asdict(found.most_right),
        "raters": _rows(found.raters),
        "sentence": found.sentence,
    }


def _gold(check: GoldCheck | None) -> dict[str, Any] | None:
    if check is None:
        return None
    return {
        "n": check.n,
        "unanswered": check.n_unanswered,
        "drawn": check.drawn,
        "wrong": asdict(check.wrong),
        "wrong_among_sure": _estimate(check.sure),
        "by_label": check.by_label.to_dicts(),
    }


def _calibration(found: Calibration | None) -> dict[str, Any] | None:
    if found is None:
        return None
    return {
        "n_gold": found.n_gold,
        "chosen": found.chosen,
        "margin": found.margin,
        "margin_error": found.margin_error,
        "apart": found.apart,
        "models": found.models.to_dicts(),
        "reliability": found.reliability.to_dicts(),
        "by_class": found.by_class.to_dicts(),
    }


def _estimate(estimate: Estimate | None) -> dict[str, Any] | None:
    return None if estimate is None else asdict(estimate)

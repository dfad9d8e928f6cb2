"""The findings as plain data, for scripts: what `middlemost report --json` prints."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from middlemost.core.estimate import Estimate
from middlemost.core.results import Calibration
from middlemost.project.overview import GoldCheck
from middlemost.project.study import Study


def as_json(study: Study) -> dict[str, Any]:
    """Every figure of the report; nothing is NaN, what is missing is None."""
    answers, consensus = study.answers, study.consensus
    return {
        "source": study.source,
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
            "labels": answers.classes.to_list(),
            "question": answers.question,
            "notices": list(study.notices),
        },
        "agreement": [asdict(agreement) for agreement in study.agreements],
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
        "oddities": [asdict(oddity) for oddity in study.oddities],
        "check_these": study.sample.to_list(),
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

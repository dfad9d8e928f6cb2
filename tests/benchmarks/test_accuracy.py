"""The table of all methods on all sets: how it scores, and that the page says what was measured."""

from __future__ import annotations

from importlib import import_module
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pytest

from middlemost.core.gold import Gold

ROOT = Path(__file__).parents[2]


@pytest.fixture
def scoring(monkeypatch: pytest.MonkeyPatch) -> Any:
    monkeypatch.syspath_prepend(str(ROOT / "benchmarks"))
    return import_module("accuracy")


@pytest.fixture
def pages(monkeypatch: pytest.MonkeyPatch) -> Any:
    monkeypatch.syspath_prepend(str(ROOT / "benchmarks"))
    return import_module("accuracy_page")


def case(scoring: Any) -> Any:
    """Items a to d answered 1 or 2; of d the gold is an answer that nobody gave, e has gold and no answers."""
    frame = pl.DataFrame({"item": list("aabbccdd"), "rater": list("xyxyxyxy"), "answer": list("11122211")})
    gold = Gold(pl.Series(list("abcde")), pl.Series(list("11231")))
    return scoring.Case.of("small", frame, gold)


def test_ties_count_in_parts_and_an_answer_that_nobody_gave_is_wrong(scoring: Any) -> None:
    probabilities = np.array([[0.9, 0.1], [0.5, 0.5], [0.2, 0.8], [1.0, 0.0]])
    score = scoring.scored(case(scoring), probabilities, np.array([0, 1, 1, 0]), 0.0)
    assert score.accuracy == pytest.approx((1 + 0.5 + 1 + 0) / 4)
    assert score.accuracy_as_given == pytest.approx(2 / 4)
    assert score.gap == pytest.approx((0.9 + 0.5 + 0.8 + 1.0) / 4 - score.accuracy)


def test_log_loss_is_clipped(scoring: Any) -> None:
    probabilities = np.array([[0.9, 0.1], [0.5, 0.5], [0.2, 0.8], [1.0, 0.0]])
    score = scoring.scored(case(scoring), probabilities, np.array([0, 1, 1, 0]), 0.0)
    assert score.log_loss == pytest.approx(-np.log([0.9, 0.5, 0.8, 1e-9]).mean())


def test_labels_alone_have_an_accuracy_and_no_more(scoring: Any) -> None:
    score = scoring.scored(case(scoring), None, np.array([0, 0, 1, 1]), 2.0)
    assert (score.accuracy, score.log_loss, score.gap, score.cpu_seconds) == (0.75, None, None, 2.0)


def test_equal_confidences_are_one_bin_and_calibrated_ones_are_not_far_off(scoring: Any) -> None:
    rng = np.random.default_rng(0)
    sure = rng.uniform(0.5, 1, size=100_000)
    assert scoring.calibration_error(sure, (rng.random(100_000) < sure).astype(float)) < 0.01
    assert scoring.calibration_error(np.full(10, 0.9), np.repeat([1.0, 0.0], 5)) == pytest.approx(0.4)
    assert scoring.calibration_error(np.array([0.6, 0.9]), np.array([1.0, 0.0])) == pytest.approx((0.4 + 0.9) / 2)


def test_a_fit_that_takes_too_long_is_cut_off(scoring: Any) -> None:
    def endless() -> None:
        while True:
            sum(range(1_000))

    assert scoring.timed(endless, 0.05) == (None, 0.05)
    assert scoring.timed(lambda: "done", 60.0)[0] == "done"


def test_the_page_is_made_from_the_tables_beside_it(pages: Any) -> None:
    assert (ROOT / "docs/accuracy.md").read_text(encoding="utf-8") == pages.page(ROOT / "docs")


def test_every_aggregator_is_on_the_page_with_every_set(scoring: Any) -> None:
    rows = pl.read_csv(ROOT / "docs/accuracy.csv", infer_schema_length=None).filter(by="middlemost")
    measured = rows.filter(pl.col("accuracy").is_not_null())
    assert set(measured.select("set", "method").rows()) >= {(s, m) for s in scoring.SETS for m in scoring.OURS}


def test_a_recorded_figure_is_never_shown_with_a_time_or_a_log_loss(pages: Any) -> None:
    rows = pl.read_csv(ROOT / "docs/accuracy.csv", infer_schema_length=None).filter(by="authors' code")
    assert rows.select("log_loss", "gap", "ece", "cpu_seconds", "version").null_count().row(0) == (rows.height,) * 5


def test_a_cluster_of_one_campaign_is_drawn_together(pages: Any) -> None:
    above = pl.DataFrame({"set": ["trec", "relevance"], "accuracy": [0.7, 0.5], "base": [0.6, 0.5]})
    assert pages.interval(above) == pytest.approx((5.0, 5.0, 5.0))
    apart = pl.DataFrame({"set": ["rte", "dog"], "accuracy": [0.7, 0.5], "base": [0.6, 0.5]})
    mean, low, high = pages.interval(apart)
    assert (mean, low, high) == pytest.approx((5.0, 0.0, 10.0))

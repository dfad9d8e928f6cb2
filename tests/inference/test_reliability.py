"""Whether confidences are what they say, and which labels are wrong."""

from __future__ import annotations

import numpy as np
import polars as pl

from middlemost.inference.reliability import error_by_class, reliability


def test_each_row_has_ten_items_or_more_in_the_order_of_confidence() -> None:
    confidence = np.random.default_rng(0).uniform(0.5, 1, size=37)
    table = reliability(confidence, confidence > 0.6)
    assert table["n"].to_list() == [13, 12, 12]
    assert table["low"].is_sorted()
    assert (table["high"][:-1] <= table["low"][1:]).all()
    assert ((table["right_low"] <= table["right"]) & (table["right"] <= table["right_high"])).all()


def test_with_few_items_there_is_one_row_and_without_any_none() -> None:
    assert reliability(np.array([0.9, 0.8]), np.array([True, False])).select("n", "right").rows() == [(2, 0.5)]
    assert reliability(np.empty(0), np.empty(0, dtype=bool)).height == 0


def test_errors_are_told_by_the_label_given_and_by_the_label_missed() -> None:
    said, truth = np.array([0, 0, 0, 1]), np.array([0, 0, 1, -1])
    table = error_by_class(said, truth, pl.Series(["a", "b", "c"]))
    assert table.select("label", "given", "true").rows() == [("a", 3, 2), ("b", 1, 1), ("c", 0, 0)]
    assert table["wrong"].to_list() == [1 / 3, 1.0, None]
    assert table["missed"].to_list() == [0.0, 1.0, None]
    assert table["low"].null_count() == table["missed_high"].null_count() == 1

"""What every row of ESTIMATORS must hold to."""

from __future__ import annotations

from dataclasses import FrozenInstanceError, fields
from typing import Any

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from middlemost.consensus.numeric import ESTIMATORS
from middlemost.core.numbers import NumericAnswers, encode_numbers
from middlemost.core.results import NumericConsensus
from middlemost.errors import InputError, SettingError

METHODS = [pytest.param(method, id=name) for name, method in ESTIMATORS.items()]
CELLS = st.dictionaries(
    st.tuples(st.integers(0, 5), st.integers(0, 4)),
    st.sampled_from([0.0, 0.1, -3.0, 7.5, 7.5, 1e6, 1e-300, -1e99]),
    min_size=1,
    max_size=20,
)


def rows_of(table: list[tuple[str, str, float]]) -> NumericAnswers:
    return encode_numbers(pl.DataFrame(table, schema=["item", "rater", "answer"], orient="row"))


def crowd(seed: int = 0) -> pl.DataFrame:
    """60 items on a scale round 50, 8 raters of different bias and noise, 5 answers an item."""
    rng = np.random.default_rng(seed)
    truth, bias, noise = rng.normal(50, 15, 60), rng.normal(0, 6, 8), rng.uniform(2, 12, 8)
    item = np.repeat(np.arange(60), 5)
    rater = np.concatenate([rng.choice(8, 5, replace=False) for _ in range(60)])
    answer = (truth[item] + bias[rater] + noise[rater] * rng.normal(size=300)).round()
    return pl.DataFrame({"item": item, "rater": rater, "answer": answer}).with_columns(
        pl.format("i{}", pl.col("item").cast(pl.String).str.zfill(2)).alias("item"),
        pl.format("r{}", "rater").alias("rater"),
    )


def numbers(result: NumericConsensus) -> list[float]:
    """Every number of a result, null as -1."""
    frames = (result.estimates.drop("item"), result.raters.drop("rater"))
    return [-1.0 if number is None else float(number) for frame in frames for row in frame.rows() for number in row]


@pytest.mark.parametrize("method", METHODS)
def test_a_method_is_frozen_named_and_sourced(method: Any) -> None:
    made = method()
    with pytest.raises(FrozenInstanceError):
        setattr(made, fields(method)[0].name, 1)
    assert made == method()
    assert ESTIMATORS[method.name] is method
    assert method.traits.source


@pytest.mark.parametrize("method", METHODS)
def test_the_result_has_the_shape_of_the_contract(method: Any) -> None:
    answers = encode_numbers(crowd())
    result = method().fit(answers)
    assert result.method == method.name
    assert result.estimates.columns == ["item", "estimate", "low", "high", "n_answers"]
    assert result.raters.columns[:6] == ["rater", "n_answers", "bias", "bias_low", "bias_high", "deviation"]
    assert result.estimates["item"].equals(answers.items)
    assert result.raters["rater"].equals(answers.raters)
    assert (result.objective is not None) == (method.traits.objective is not None)
    assert result.n_iter == len(result.history)
    assert (np.diff(result.history) > -1e-8).all()
    assert result.converged


@pytest.mark.parametrize("method", METHODS)
def test_the_order_of_rows_does_not_matter(method: Any) -> None:
    shuffled = crowd().sample(fraction=1, shuffle=True, seed=1)
    first, second = method().fit(encode_numbers(crowd())), method().fit(encode_numbers(shuffled))
    assert numbers(first) == numbers(second)


@pytest.mark.parametrize("method", METHODS)
def test_the_names_of_items_and_raters_do_not_matter(method: Any) -> None:
    renamed = crowd().with_columns(
        (pl.lit("z") + (99 - pl.col("item").str.slice(1).cast(pl.Int32)).cast(pl.String)).alias("item"),
        pl.col("rater").str.replace_many(["0", "1", "7"], ["7", "0", "1"]),
    )
    first, second = (method().fit(encode_numbers(frame)).estimates for frame in (crowd(), renamed))
    for column in ("estimate", "low", "high"):
        ends = first[column].cast(pl.Float64).to_numpy(), second[column].cast(pl.Float64).to_numpy()[::-1]
        np.testing.assert_allclose(*ends, rtol=1e-7)


@pytest.mark.parametrize("method", METHODS)
def test_another_unit_and_origin_give_the_same_in_that_unit(method: Any) -> None:
    frame = crowd()
    first = method().fit(encode_numbers(frame))
    second = method().fit(encode_numbers(frame.with_columns(answer=1000 - 4 * pl.col("answer"))))
    np.testing.assert_allclose(1000 - 4 * first.estimates["estimate"], second.estimates["estimate"], rtol=1e-7)
    np.testing.assert_allclose(-4 * first.raters["bias"], second.raters["bias"], rtol=1e-6, atol=1e-6)
    np.testing.assert_allclose(4 * first.raters["deviation"], second.raters["deviation"], rtol=1e-6)


@pytest.mark.parametrize("method", METHODS)
@settings(max_examples=40, deadline=None)
@given(cells=CELLS)
def test_no_table_of_numbers_breaks_a_method(method: Any, cells: dict[tuple[int, int], float]) -> None:
    table = [(f"i{item}", f"r{rater}", answer) for (item, rater), answer in cells.items()]
    result = method().fit(rows_of(table))
    assert np.isfinite(numbers(result)).all()
    assert result.estimates["estimate"].null_count() == 0
    held = result.estimates.drop_nulls("low").select(
        (pl.col("low") <= pl.col("estimate")) & (pl.col("estimate") <= pl.col("high"))
    )
    assert held.to_series().all()


@pytest.mark.parametrize("method", METHODS)
def test_answers_that_all_agree_are_taken_as_they_are(method: Any) -> None:
    result = method().fit(rows_of([("a", "x", 0.1), ("a", "y", 0.1), ("b", "x", 0.1), ("b", "y", 0.1)]))
    assert result.estimates["estimate"].to_list() == [0.1, 0.1]


@pytest.mark.parametrize("method", METHODS)
def test_an_item_without_answers_has_no_estimate(method: Any) -> None:
    answers = encode_numbers(crowd())
    result = method().fit(answers.take(answers.item != 3))
    assert result.estimates.row(3) == ("i03", None, None, None, 0)
    nothing = method().fit(answers.take(answers.item < 0))
    assert nothing.estimates["estimate"].null_count() == 60
    assert np.isfinite(numbers(nothing)).all()


@pytest.mark.parametrize("method", METHODS)
def test_answers_that_are_no_numbers_are_refused(method: Any) -> None:
    with pytest.raises(InputError, match="not a number"):
        method().fit(rows_of([("a", "x", "many")]))  # type: ignore[list-item]


@pytest.mark.parametrize("method", METHODS)
def test_a_confidence_outside_0_to_1_is_refused(method: Any) -> None:
    with pytest.raises(SettingError, match="confidence is 95"):
        method(confidence=95)


@pytest.mark.parametrize("method", METHODS)
def test_more_confidence_means_a_wider_interval(method: Any) -> None:
    answers = encode_numbers(
        crowd().with_columns(item=pl.lit("i") + (pl.col("rater") < "r4").cast(pl.String)), repeats="all"
    )
    narrow, wide = (method(confidence=level).fit(answers).estimates for level in (0.5, 0.99))
    assert (wide["low"] < narrow["low"]).all()
    assert (wide["high"] > narrow["high"]).all()


@pytest.mark.parametrize("name", ["mean", "rater-model"])
def test_nineteen_of_twenty_intervals_hold_the_truth_of_simulated_answers(name: str) -> None:
    held = []
    for seed in range(5):
        rng = np.random.default_rng(seed)
        truth, bias = rng.normal(50, 15, 200), rng.normal(0, 5, 20)
        scale, noise = rng.normal(1, 0.15, 20), np.exp(rng.normal(2, 0.5, 20))
        item = np.repeat(np.arange(200), 5)
        rater = np.concatenate([rng.choice(20, 5, replace=False) for _ in range(200)])
        line = 50 + (bias - bias.mean())[rater] + (scale / scale.mean())[rater] * (truth[item] - 50)
        frame = pl.DataFrame(
            {"item": item + 1000, "rater": rater, "answer": line + noise[rater] * rng.normal(size=1000)}
        )
        found = ESTIMATORS[name]().fit(encode_numbers(frame)).estimates
        held.append(((found["low"] <= truth) & (found["high"] >= truth)).mean())
    assert 0.92 < np.mean(held) < 0.98

"""What every row of every table of methods must hold to."""

from __future__ import annotations

from dataclasses import FrozenInstanceError, fields, is_dataclass
from typing import Any

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from middlemost.agreement import COEFFICIENTS
from middlemost.consensus import AGGREGATORS, KOS
from middlemost.core.answers import Answers, encode
from middlemost.core.results import Agreement, Consensus
from middlemost.errors import SettingError

TABLES = (COEFFICIENTS, AGGREGATORS)
METHODS = [pytest.param(method, id=name) for table in TABLES for name, method in table.items()]
AGGREGATING = [pytest.param(method, id=name) for name, method in AGGREGATORS.items()]
MEASURING = [pytest.param(method, id=name) for name, method in COEFFICIENTS.items()]
CELLS = st.sets(st.tuples(st.integers(0, 7), st.integers(0, 4)), min_size=1)
DEGENERATE = {
    "one answer": [("a", "x", "1")],
    "one class": [("a", "x", "1"), ("a", "y", "1"), ("b", "x", "1")],
    "one rater": [("a", "x", "1"), ("b", "x", "2"), ("c", "x", "1")],
    "one item": [("a", "x", "1"), ("a", "y", "2"), ("a", "z", "2")],
    "no overlap": [("a", "x", "1"), ("b", "y", "2"), ("c", "z", "3")],
    "a tie throughout": [("a", "x", "1"), ("a", "y", "2"), ("b", "x", "2"), ("b", "y", "1")],
    "an empty name": [("", "", ""), ("a", "", "1"), ("a", "b", "")],
}


def rows_of(table: list[tuple[str, str, str]]) -> Answers:
    return encode(pl.DataFrame(table, schema=["item", "rater", "answer"], orient="row"))


def crowd(seed: int = 0) -> pl.DataFrame:
    """80 items, 9 raters from good to useless, 3 classes, two thirds of the answers given, no repeats."""
    rng = np.random.default_rng(seed)
    item, rater = (grid.ravel() for grid in np.meshgrid(np.arange(80), np.arange(9)))
    truth, skill = rng.integers(3, size=80), np.linspace(0.3, 0.95, 9)
    answer = np.where(rng.random(item.size) < skill[rater], truth[item], rng.integers(3, size=item.size))
    frame = pl.DataFrame({"item": item, "rater": rater, "answer": answer}).cast(pl.String)
    return frame.sample(fraction=2 / 3, seed=seed, shuffle=True)


def run(method: Any, answers: Answers) -> Any:
    return method().measure(answers) if method.name in COEFFICIENTS else method().fit(answers)


def numbers(result: Agreement | Consensus) -> list[float]:
    """Every number of a result, None as -1, in the order of its items, raters and classes."""
    if isinstance(result, Agreement):
        found = [result.value, result.low, result.high]
    else:
        frames = [result.labels.select("confidence", "n_answers", "share"), result.raters.drop("rater")]
        found = [*result.probabilities.ravel(), *result.class_prior, result.log_likelihood, result.objective]
        found += [number for frame in frames for row in frame.rows() for number in row]
        found += [] if result.confusion is None else list(result.confusion.ravel())
    return [-1.0 if number is None else float(number) for number in found]


@pytest.mark.parametrize("method", METHODS)
def test_a_method_is_a_frozen_dataclass_with_settings_that_work_as_they_are(method: Any) -> None:
    assert is_dataclass(method)
    made = method()
    with pytest.raises(FrozenInstanceError):
        setattr(made, fields(method)[0].name, 1)
    assert made == method()


@pytest.mark.parametrize("table", TABLES, ids=lambda table: table.group)
def test_names_are_for_the_command_line_and_unknown_ones_are_refused(table: Any) -> None:
    for name, method in table.items():
        assert method.name == name == name.lower()
        assert method.traits.source
    assert "astrology" not in table
    with pytest.raises(SettingError, match=r"no method 'astrology' .* Known: "):
        table["astrology"]


@pytest.mark.parametrize("method", METHODS)
def test_the_same_answers_give_the_same_result(method: Any) -> None:
    answers = encode(crowd())
    assert numbers(run(method, answers)) == numbers(run(method, answers))


@pytest.mark.parametrize("method", METHODS)
def test_the_order_of_rows_does_not_matter(method: Any) -> None:
    first, second = (
        run(method, encode(frame)) for frame in (crowd(), crowd().sample(fraction=1, shuffle=True, seed=1))
    )
    np.testing.assert_allclose(numbers(first), numbers(second), rtol=1e-9, atol=1e-9)
    if isinstance(first, Consensus):
        assert first.labels["label"].equals(second.labels["label"])


@pytest.mark.parametrize("method", METHODS)
def test_the_names_of_classes_do_not_matter(method: Any) -> None:
    ordered = getattr(method.traits, "ordered", False)
    names = {"0": "a", "1": "n", "2": "z"} if ordered else {"0": "n", "1": "a", "2": "z"}
    first = run(method, encode(crowd()))
    second = run(method, encode(crowd().with_columns(pl.col("answer").replace_strict(names))))
    if isinstance(first, Agreement):
        np.testing.assert_allclose(numbers(first), numbers(second), rtol=1e-9, atol=1e-9)
        return
    assert first.labels["label"].replace_strict(names).equals(second.labels["label"])
    columns = [0, 1, 2] if ordered else [1, 0, 2]
    np.testing.assert_allclose(first.probabilities, second.probabilities[:, columns], atol=1e-9)
    np.testing.assert_allclose(first.raters["accuracy"], second.raters["accuracy"], atol=1e-9)


@pytest.mark.parametrize("method", MEASURING)
def test_the_names_of_items_and_raters_do_not_matter_to_agreement(method: Any) -> None:
    mirrored = [(99 - pl.col(name).cast(pl.Int64)).cast(pl.String).alias(name) for name in ("item", "rater")]
    renamed = crowd().with_columns(mirrored)
    first, second = run(method, encode(crowd())), run(method, encode(renamed))
    np.testing.assert_allclose(numbers(first), numbers(second), rtol=1e-9, atol=1e-9)


@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize("table", DEGENERATE.values(), ids=DEGENERATE)
def test_degenerate_answers_give_finite_numbers(method: Any, table: list[tuple[str, str, str]]) -> None:
    result = run(method, rows_of(table))
    assert np.isfinite(numbers(result)).all()
    if isinstance(result, Agreement):
        assert (result.low is None) == (result.high is None)
        assert result.low is not None or result.note


@pytest.mark.parametrize("method", METHODS)
@settings(max_examples=40, deadline=None)
@given(cells=CELLS, data=st.data())
def test_no_table_of_answers_breaks_a_method(method: Any, cells: set[tuple[int, int]], data: st.DataObject) -> None:
    answers = data.draw(st.lists(st.sampled_from("123"), min_size=len(cells), max_size=len(cells)))
    table = [(f"i{item}", f"r{rater}", answer) for (item, rater), answer in zip(sorted(cells), answers, strict=True)]
    swapped = [(item, rater, {"1": "3", "3": "1"}.get(answer, answer)) for item, rater, answer in table]
    first, second, third = (run(method, rows_of(rows)) for rows in (table, table[::-1], swapped))
    assert np.isfinite(numbers(first)).all()
    np.testing.assert_allclose(numbers(first), numbers(second), atol=1e-9)
    if isinstance(first, Consensus):
        assert first.labels.equals(second.labels)
        back = third.labels.with_columns(pl.col("label").replace({"1": "3", "3": "1"}))
        assert first.labels["label"].equals(back["label"])
        np.testing.assert_allclose(first.labels["confidence"], back["confidence"], atol=1e-9)


def test_sums_in_another_order_do_not_come_to_decide_over_a_hundred_steps() -> None:
    """Messages that have no part of the direction that grows fastest had some by rounding, each time another one."""
    table = ["a x 2", "a y 3", "a z 1", "b x 3", "b y 1", "b w 2"]
    swapped = [row.translate(str.maketrans("13", "31")) for row in table]
    first, second = (KOS().fit(rows_of([tuple(row.split()) for row in rows])) for rows in (table, swapped))
    assert first.labels["label"].equals(second.labels["label"].replace({"1": "3", "3": "1"}))
    np.testing.assert_allclose(first.labels["confidence"], second.labels["confidence"], atol=1e-9)


@pytest.mark.parametrize("method", MEASURING)
def test_a_coefficient_that_says_so_has_an_interval_round_its_value(method: Any) -> None:
    result = run(method, encode(crowd()))
    assert method.traits.intervals == (result.low is not None)
    assert result.low < result.value < result.high
    assert (result.n_items, result.n_raters, result.n_answers) == (80, 9, len(crowd()))


@pytest.mark.parametrize("method", AGGREGATING)
def test_an_aggregator_keeps_the_shape_of_the_contract(method: Any) -> None:
    answers = encode(crowd())
    result = run(method, answers)
    assert result.method == method.name
    assert result.labels.columns[:5] == ["item", "label", "confidence", "n_answers", "share"]
    assert result.raters.columns[:5] == ["rater", "n_answers", "accuracy", "low", "high"]
    assert result.labels["item"].equals(result.items)
    assert result.probabilities.shape == (80, 3)
    np.testing.assert_allclose(result.probabilities.sum(axis=1), 1)
    assert result.labels["confidence"].to_list() == pytest.approx(result.probabilities.max(axis=1))
    assert not result.calibrated


@pytest.mark.parametrize("method", AGGREGATING)
def test_an_aggregator_that_says_so_raises_its_objective(method: Any) -> None:
    result = run(method, encode(crowd()))
    assert (result.objective is not None) == (method.traits.objective is not None)
    assert (np.diff(result.history) > -1e-8).all()
    assert len(result.history) == (result.n_iter if method.traits.objective else 0)


@pytest.mark.parametrize("method", AGGREGATING)
def test_an_aggregator_that_says_so_keeps_gold_labels(method: Any) -> None:
    assert method.traits.gold
    answers = encode(crowd())
    gold = dict.fromkeys(answers.items.head(20), "2")
    assert method().fit(answers, gold).labels["label"].head(20).to_list() == ["2"] * 20


@pytest.mark.parametrize("method", AGGREGATING)
def test_an_aggregator_judges_raters_by_the_others_and_gold_never_by_themselves(method: Any) -> None:
    rows = [(f"own{n}", "alone", str(n % 3)) for n in range(9)]
    alone = pl.DataFrame(rows, schema=["item", "rater", "answer"], orient="row")
    both = pl.concat([crowd(), alone])
    for frame in (both, pl.concat([both, alone]).with_columns(round=pl.lit(1))):
        answers = encode(frame)
        judged = method().fit(answers).raters
        assert judged.filter(rater="alone").select("accuracy", "low", "high").row(0) == (None, None, None)
        assert judged.filter(pl.col("rater") != "alone")["accuracy"].null_count() == 0
        by_gold = method().fit(answers, {f"own{n}": str(n % 3) for n in range(9)}).raters
        assert by_gold.filter(rater="alone")["accuracy"][0] == 1


@pytest.mark.parametrize("method", AGGREGATING)
def test_an_aggregator_leaves_its_input_as_it_was(method: Any) -> None:
    answers = encode(crowd())
    before = answers.frame()
    method().fit(answers, {"1": "2"})
    assert answers.frame().equals(before)


def test_the_global_random_state_is_never_touched() -> None:
    np.random.seed(0)
    before = np.random.get_state()[1].tolist()  # type: ignore[index,union-attr]
    for table in TABLES:
        for method in table.values():
            run(method, encode(crowd()))
    assert np.random.get_state()[1].tolist() == before  # type: ignore[index,union-attr]

"""Input that is too little, too odd or too much, for every row of every table: a declared result or a clear error.

As a script, `python tests/test_scale.py CASE METHOD`, it runs one method on one huge case within `ROOM` and says how it
went: memory limits hold for a process.
"""

from __future__ import annotations

import json
import os
import resource
import subprocess
import sys
import tracemalloc
from collections.abc import Callable, Mapping
from contextlib import suppress
from typing import Any

import numpy as np
import polars as pl
import pytest

from middlemost import agreement
from middlemost.agreement import COEFFICIENTS, NUMERIC_COEFFICIENTS
from middlemost.consensus import AGGREGATORS, conclude, confusion_frame, predict
from middlemost.consensus.numeric import ESTIMATORS
from middlemost.core.answers import Answers, encode
from middlemost.core.results import Agreement, Consensus
from middlemost.errors import InputError, MiddlemostError, SettingError

Run = Callable[[Answers], Any]
ROOM = 4 * 2**30
GOLD_ITEMS = 60


def with_gold(answers: Answers) -> Consensus:
    first = {answers.items[int(item)]: answers.classes[int(answer)] for item, answer in pairs(answers)}
    return conclude(answers, first)


def pairs(answers: Answers) -> list[tuple[int, int]]:
    """The first items with one of their answers."""
    items, rows = np.unique(answers.item, return_index=True)
    return list(zip(items[:GOLD_ITEMS].tolist(), answers.answer[rows[:GOLD_ITEMS]].tolist(), strict=True))


def by_group(answers: Answers) -> pl.DataFrame:
    return agreement.by_group(answers, {name: str(n % 3) for n, name in enumerate(answers.items)})


def predicted(answers: Answers) -> Consensus:
    return predict(AGGREGATORS["dawid-skene"](max_iter=2).fit(answers), answers)  # type: ignore[call-arg]


def confusions(answers: Answers) -> pl.DataFrame:
    return confusion_frame(answers, AGGREGATORS["majority-vote"]().fit(answers))


METHODS: dict[str, Run] = {
    **{name: (lambda answers, method=method: method().fit(answers)) for name, method in AGGREGATORS.items()},
    **{name: (lambda answers, method=method: method().fit(answers)) for name, method in ESTIMATORS.items()},
    **{name: (lambda answers, method=method: method().measure(answers)) for name, method in COEFFICIENTS.items()},
    **{
        name: (lambda answers, method=method: method().measure(answers))
        for name, method in NUMERIC_COEFFICIENTS.items()
    },
    "by-label": agreement.by_label,
    "by-rater": agreement.by_rater,
    "by-pair": agreement.by_pair,
    "by-group": by_group,
    "conclude": conclude,
    "conclude-with-gold": with_gold,
    "predict": predicted,
    "confusion-frame": confusions,
}
NUMERIC = {*ESTIMATORS, *NUMERIC_COEFFICIENTS}
LITTLE: Mapping[str, list[tuple[str, str, str]]] = {
    "one answer": [("a", "x", "1")],
    "one class": [("a", "x", "1"), ("a", "y", "1"), ("b", "x", "1"), ("b", "y", "1")],
    "one rater": [("a", "x", "1"), ("b", "x", "2"), ("c", "x", "1")],
    "one item": [("a", "x", "1"), ("a", "y", "2"), ("a", "z", "2")],
    "no overlap": [("a", "x", "1"), ("b", "y", "2"), ("c", "z", "3")],
    "two raters who always disagree": [(i, r, "1" if r == "x" else "2") for i in "abcd" for r in "xy"],
}


def rows_of(table: list[tuple[str, str, str]]) -> Answers:
    return encode(pl.DataFrame(table, schema=["item", "rater", "answer"], orient="row"))


def finite(result: Any) -> bool:
    """Whether every number of a result is one; None and null are declared."""
    if isinstance(result, Agreement):
        values = (result.value, result.low, result.high, result.standard_error)
        return all(value is None or np.isfinite(value) for value in values)
    frames = [result] if isinstance(result, pl.DataFrame) else [result.raters]
    frames += [getattr(result, name) for name in ("labels", "estimates") if hasattr(result, name)]
    columns = [column.drop_nulls() for frame in frames for column in frame.get_columns() if column.dtype.is_numeric()]
    tables = [getattr(result, name, None) for name in ("probabilities", "confusion")]
    return all(column.is_finite().all() for column in columns) and all(
        bool(np.isfinite(table).all()) for table in tables if table is not None
    )


@pytest.mark.parametrize("name", METHODS)
@pytest.mark.parametrize("table", LITTLE.values(), ids=LITTLE)
def test_too_little_gives_declared_results(name: str, table: list[tuple[str, str, str]]) -> None:
    result = METHODS[name](rows_of(table))
    assert finite(result)
    if isinstance(result, Agreement) and result.low is None:
        assert result.note


@pytest.mark.parametrize("name", METHODS)
def test_no_answers_at_all_give_a_declared_result_or_a_clear_error(name: str) -> None:
    answers = rows_of(LITTLE["one item"])
    with suppress(MiddlemostError):
        assert finite(METHODS[name](answers.take(np.zeros(3, dtype=bool))))


@pytest.mark.parametrize("column", ["item", "rater", "answer"])
@pytest.mark.parametrize("nothing", [None, float("nan")], ids=["none", "nan"])
def test_what_is_not_there_is_refused_at_the_door(column: str, nothing: float | None) -> None:
    frame = pl.DataFrame({"item": [1.0, 2], "rater": [1.0, 1], "answer": [1.0, 2]})
    frame = frame.with_columns(pl.Series(column, [1.0, nothing], dtype=pl.Float64))
    with pytest.raises(InputError, match=f"The {column} in row 2 is empty"):
        encode(frame)


@pytest.mark.parametrize("name", sorted(NUMERIC))
def test_words_are_no_numbers(name: str) -> None:
    with pytest.raises(MiddlemostError, match="number") as caught:
        METHODS[name](rows_of([("a", "x", "1"), ("a", "y", "many"), ("b", "x", "2")]))
    assert caught.value.place is not None
    assert caught.value.place.value == "many"


@pytest.mark.parametrize("name", AGGREGATORS)
def test_gold_of_unknown_items_and_labels_does_no_harm(name: str) -> None:
    answers, method = rows_of(LITTLE["one item"] * 2 + LITTLE["no overlap"]), AGGREGATORS[name]()
    plain = method.fit(answers)
    unknown = method.fit(answers, {"nobody's": "1", "b": "unheard of"})
    np.testing.assert_array_equal(plain.probabilities, unknown.probabilities)
    assert any("nobody's answer" in notice for notice in unknown.notices)
    with pytest.raises(InputError, match="empty"):
        method.fit(answers, pl.DataFrame({"item": ["a"], "label": [None]}))
    with pytest.raises(InputError, match="'1' and '2'"):
        method.fit(answers, pl.DataFrame({"item": ["a", "a"], "label": ["1", "2"]}))


@pytest.mark.parametrize("name", [name for name, method in AGGREGATORS.items() if method.traits.abstain])
def test_where_everybody_abstains_there_is_nothing_to_conclude(name: str) -> None:
    answers = rows_of([("a", "x", "?"), ("a", "y", "?"), ("b", "x", "?")])
    with pytest.raises(InputError, match="All answers are '\\?'"):
        AGGREGATORS[name](abstain="?").fit(answers)  # type: ignore[call-arg]
    some = rows_of([("a", "x", "?"), ("a", "y", "?"), ("b", "x", "1"), ("b", "y", "?")])
    result = AGGREGATORS[name](abstain="?").fit(some)  # type: ignore[call-arg]
    assert result.labels["label"].to_list() == ["1", "1"]


def coded(item: np.ndarray, rater: np.ndarray, answer: np.ndarray, sizes: tuple[int, int, int]) -> Answers:
    names = [pl.Series([f"{n:07d}" for n in range(size)]) for size in sizes]
    return Answers(*names, item.astype(np.int32), rater.astype(np.int32), answer.astype(np.int32))


def many_raters(n: int) -> Answers:
    """One answer from each, four to an item, three classes, right in seven of eight cases."""
    rng = np.random.default_rng(0)
    item = np.arange(n) // 4
    truth = rng.integers(3, size=n // 4)[item]
    answer = np.where(rng.random(n) < 0.8, truth, rng.integers(3, size=n))
    return coded(item, np.arange(n), answer, (n // 4, n, 3))


def many_classes(n: int) -> Answers:
    """As many items as classes, three answers each, 200 raters, two in three of whom know an item's own class."""
    rng = np.random.default_rng(0)
    item = np.repeat(np.arange(n), 3)
    answer = np.where(rng.random(3 * n) < 0.7, rng.permutation(n)[item], rng.integers(n, size=3 * n))
    answer[:n] = np.arange(n)
    return coded(item, rng.integers(200, size=3 * n), answer, (n, 200, n))


def few_items(n: int) -> Answers:
    """Ten items that everybody answered, each with a class of their own but for the tenth who agree."""
    item, rater = np.arange(n) % 10, np.arange(n) // 10
    answer = np.where(rater % 10 == 0, item, np.arange(n))
    return coded(item, rater, answer, (10, n // 10, n))


CASES = {"raters": (many_raters, 1_000_000), "classes": (many_classes, 100_000), "few-items": (few_items, 100_000)}
TOO_MANY = {
    # Four tables of (raters, classes, groups, classes), or one of (raters, classes, true class by answer).
    "raters": {"ebcc"},
    # A table of (items, classes) is part of the result; by_label and coefficients of pairs take classes one by one.
    "classes": {*AGGREGATORS, "by-label", "by-pair", "cohen-kappa", "scott-pi", "conclude", "conclude-with-gold"}
    | {"predict", "confusion-frame"},
    # 10,000 raters' tables of 100,000 classes, and the pairs of 10,000 raters on each item.
    "few-items": {"pooled-dawid-skene", "dawid-skene", "fast-dawid-skene", "ordinal-dawid-skene", "ibcc", "ebcc"}
    | {"by-label", "by-pair", "cohen-kappa", "scott-pi", "conclude", "conclude-with-gold"}
    | {"predict", "confusion-frame"},
}


LONG = {"ebcc"}


@pytest.mark.parametrize("name", [pytest.param(one, marks=pytest.mark.long if one in LONG else ()) for one in METHODS])
def test_memory_does_not_grow_with_items_times_raters(name: str) -> None:
    """20,000 raters of 5,000 items: a table of both would take 800 MB."""
    answers = many_raters(20_000)
    tracemalloc.start()
    result = METHODS[name](answers)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert finite(result)
    assert peak < 200e6


def outcome(case: str, name: str) -> dict[str, Any]:
    """What became of one method on one case in a process of its own that may not take more than `ROOM`."""
    environment = os.environ | {"OPENBLAS_NUM_THREADS": "1", "POLARS_MAX_THREADS": "1"}
    command = [sys.executable, __file__, case, name]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr[-2_000:]
    found: dict[str, Any] = json.loads(done.stdout)
    return found


@pytest.mark.long
@pytest.mark.parametrize("name", METHODS)
@pytest.mark.parametrize("case", CASES)
def test_too_much_is_done_in_four_gigabytes_or_refused_with_reason(case: str, name: str) -> None:
    found = outcome(case, name)
    if name in TOO_MANY[case]:
        assert "too many" in found["refused"] or "GiB" in found["refused"]
    else:
        assert found["refused"] is None
        assert found["finite"]


def main(case: str, name: str) -> None:
    """Run it, and print what came of it: the words of a refusal, or whether every number is finite."""
    make, size = CASES[case]
    resource.setrlimit(resource.RLIMIT_AS, (ROOM, ROOM))
    try:
        found = {"refused": None, "finite": finite(METHODS[name](make(size)))}
    except SettingError as error:
        found = {"refused": str(error), "finite": None}
    print(json.dumps(found))  # noqa: T201


if __name__ == "__main__":
    main(*sys.argv[1:])

"""What a model says of items, and what is refused."""

from __future__ import annotations

from typing import Any

import numpy as np
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from middlemost.core.probabilities import as_probabilities
from middlemost.errors import InputError


def wide(**columns: list[Any]) -> pl.DataFrame:
    return pl.DataFrame({"item": ["a", "b"], "no": [0.25, 1.0], "yes": [0.75, 0.0]} | columns, strict=False)


def long(**columns: list[Any]) -> pl.DataFrame:
    rows = {"item": ["b", "a", "a"], "label": ["no", "yes", "no"], "probability": [1.0, 0.75, 0.25]}
    return pl.DataFrame(rows | columns, strict=False)


@pytest.mark.parametrize("frame", [wide(), long(), wide().reverse(), wide().select("yes", "item", "no")])
def test_both_forms_say_the_same_in_any_order_of_rows_and_columns(frame: pl.DataFrame) -> None:
    found = as_probabilities(frame)
    assert (found.items.to_list(), found.classes.to_list(), len(found)) == (["a", "b"], ["no", "yes"], 2)
    assert found.values.tolist() == [[0.25, 0.75], [1.0, 0.0]]
    assert as_probabilities(found) is found


def test_rounded_rows_are_scaled_to_sum_to_one() -> None:
    values = as_probabilities(wide(no=[0.333, 1.0], yes=[0.66, 0.01])).values
    np.testing.assert_allclose(values.sum(axis=1), 1, rtol=1e-15)
    assert values[0, 0] == pytest.approx(0.333 / 0.993)


def test_items_and_classes_that_are_numbers_become_text() -> None:
    found = as_probabilities(pl.DataFrame({"item": [7, 8], "1": [1.0, 0.5], "0": [0.0, 0.5]}))
    assert (found.items.to_list(), found.classes.to_list()) == (["7", "8"], ["0", "1"])
    assert found.values.tolist() == [[0.0, 1.0], [0.5, 0.5]]


@pytest.mark.parametrize(
    ("frame", "message"),
    [
        (wide(no=[0.25, 0.5]), "row 2: The probabilities of item 'b' sum to 0.5, not to 1."),
        (wide(no=[25, 100], yes=[75, 0]), "row 1, column no, value '25': This is no probability."),
        (wide(no=[1.25, 1.0], yes=[-0.25, 0.0]), "row 1, column no, value '1.25': This is no probability."),
        (wide(no=[0.25, 1.1], yes=[0.75, -0.1]), "row 2, column no, value '1.1'"),
        (wide(yes=[0.75, -1e-9]), "row 2, column yes, value '-1e-09'"),
        (wide(yes=[0.75, float("nan")]), "row 2, column yes, value 'nan': This is no probability."),
        (wide(yes=[None, 0.0]), "row 1, column yes: The probability is empty."),
        (wide(yes=["most", "0"]), "row 1, column yes, value 'most': This is no number."),
        (wide(item=["a", None]), "row 2, column item: The item is empty."),
        (wide(item=["a", "a"]), "row 2, column item, value 'a': Item 'a' comes a second time."),
        (wide().clear(), "There are no probabilities."),
        (wide().select("no", "yes"), "The columns are no, yes."),
        (wide().select("item"), "The columns are item."),
        (long(probability=[1.0, 0.75, 0.5]), "row 2: The probabilities of item 'a' sum to 1.25, not to 1."),
        (
            long(label=["no", "yes", "yes"]),
            "row 3, column item, value 'a': Item 'a' has the label 'yes' a second time.",
        ),
        (long(label=["no", None, "no"]), "row 2, column label: The label is empty."),
    ],
)
def test_what_is_no_probability_is_refused_with_its_row(frame: pl.DataFrame, message: str) -> None:
    with pytest.raises(InputError) as raised:
        as_probabilities(frame)
    assert message in str(raised.value)
    assert raised.value.mend


@given(
    st.integers(1, 6),
    st.lists(st.text(min_size=1, max_size=3), min_size=1, max_size=5, unique=True).filter(
        lambda names: "item" not in names
    ),
    st.integers(0, 1_000),
)
def test_what_is_given_is_what_is_held_under_any_names(n: int, classes: list[str], seed: int) -> None:
    values = np.random.default_rng(seed).dirichlet(np.ones(len(classes)), size=n)
    items = [f"i{row}" for row in range(n)]
    frame = pl.DataFrame({"item": items} | {name: values[:, k] for k, name in enumerate(classes)})
    found = as_probabilities(frame)
    order = [classes.index(name) for name in found.classes]
    np.testing.assert_allclose(found.values, values[:, order], atol=1e-12)
    listed = frame.unpivot(index="item", variable_name="label", value_name="probability")
    np.testing.assert_allclose(as_probabilities(listed).values, found.values, atol=1e-12)

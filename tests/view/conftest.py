"""Reports to look at."""

from __future__ import annotations

import numpy as np
import polars as pl
import pytest


def crowd(n_items: int, n_raters: int, n_classes: int, per_item: int = 4, seed: int = 0) -> pl.DataFrame:
    """A crowd of mixed skill; names are not in the order of the codes."""
    rng = np.random.default_rng(seed)
    item = np.repeat(np.arange(n_items), per_item)
    rater = rng.integers(0, n_raters, len(item))
    right = rng.random(len(item)) < rng.uniform(0.5, 0.98, n_raters)[rater]
    answer = np.where(right, rng.integers(0, n_classes, n_items)[item], rng.integers(0, n_classes, len(item)))
    return pl.DataFrame(
        {
            "item": [f"i{code}" for code in item],
            "rater": [f"r{code}" for code in rater],
            "answer": [f"c{code}" for code in answer],
        }
    ).unique(["item", "rater"], keep="first", maintain_order=True)


@pytest.fixture(scope="session")
def small() -> pl.DataFrame:
    """120 items, 8 raters, 3 labels."""
    return crowd(120, 8, 3)


@pytest.fixture(scope="session")
def large() -> pl.DataFrame:
    """2,000 items, 1,000 raters, 100 labels."""
    return crowd(2_000, 1_000, 100, per_item=8)

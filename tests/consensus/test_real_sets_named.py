"""Every named method beside its peer's measured figure, on real annotation with gold."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import polars as pl
import pytest

from middlemost.consensus import BWA, EBCC, GLAD, IBCC, KOS, MACE, Wawa, ZeroBasedSkill, accuracy
from middlemost.core.answers import encode

SETS = [
    *("rte", "bluebird", "dog", "face", "possent", "barzan", "sentpol_amt", "weather_amt", "weather_cf", "music"),
    *("product", "sentpol", "trec", "relevance", "adult", "fact_eval"),
]
BESIDE = {
    "ck_Wawa": Wawa(),
    "ck_ZBS": ZeroBasedSkill(),
    "ck_KOS": KOS(),
    "ck_GLAD": GLAD(),
    "BWA": BWA(),
    "iBCC": IBCC(),
    "MACEjava_VB": MACE(),
    "MACEjava_EM": MACE(variational=False),
    "EBCC": EBCC(),
}
# crowd-kit's Wawa gives tied votes to the class that comes first in the rows: its mean over 100 orders of the rows,
# where that moves it most. Recorded are .5594 and .6457, one order out of .5390 to .5704 and of .6413 to .6457.
WAWA_OVER_ROW_ORDERS = {"relevance": 0.55125, "trec": 0.64273}
# These peers were not run on these sets, or were too slow: there is no figure to stand beside.
NO_FIGURE = {
    "ck_ZBS": ["weather_amt", "sentpol", "trec", "relevance", "adult", "fact_eval"],
    "ck_KOS": ["dog", "face", "weather_amt", "weather_cf", "music", "trec", "relevance", "adult", "fact_eval"],
    "ck_GLAD": ["product", "weather_amt", "music", "sentpol", "trec", "relevance", "adult", "fact_eval"],
}
PAIRS = [(peer, name) for peer in BESIDE for name in SETS if name not in NO_FIGURE.get(peer, [])]


def shortfall(shared: Path, name: str, method: Any, peer: float) -> float:
    """How far the method is below the peer, beyond .2 points and two items."""
    (path,) = (shared / "data" / name).glob("answers.csv*")
    (truth,) = (shared / "data" / name).glob("truth.csv*")
    answers = encode(pl.read_csv(path, infer_schema=False))
    estimate = accuracy(method.fit(answers), pl.read_csv(truth, infer_schema=False))
    return peer - max(0.002, 2 / (estimate.n or 1)) - 1e-5 - estimate.value


def figure(shared: Path, name: str, peer: str) -> float:
    table = pl.read_csv(shared / "reference/peer_accuracy_real_data.csv").filter(dataset=name)
    return float(table[peer][0])


def test_every_figure_of_a_peer_is_stood_beside(shared: Path) -> None:
    table = pl.read_csv(shared / "reference/peer_accuracy_real_data.csv")
    there = {(peer, name) for peer in BESIDE for name in table.drop_nulls(peer)["dataset"]}
    assert there == set(PAIRS)


@pytest.mark.parametrize(("peer", "name"), [pair for pair in PAIRS if pair != ("EBCC", "fact_eval")])
def test_a_method_is_not_below_its_peer(shared: Path, peer: str, name: str) -> None:
    recorded = figure(shared, name, peer)
    if peer == "ck_Wawa":
        recorded = WAWA_OVER_ROW_ORDERS.get(name, recorded)
    assert shortfall(shared, name, BESIDE[peer], recorded) <= 0


@pytest.mark.parametrize("name", WAWA_OVER_ROW_ORDERS)
def test_wawa_with_squared_weights_is_not_below_the_recorded_order_of_the_rows(shared: Path, name: str) -> None:
    assert shortfall(shared, name, Wawa(power=2), figure(shared, name, "ck_Wawa")) <= 0


@pytest.mark.long
@pytest.mark.parametrize("seed", range(4))
def test_ebcc_is_not_below_its_peer_on_many_answers_whatever_the_seed(shared: Path, seed: int) -> None:
    """Cut short after 100 steps, the restarts were still rising, and chance decided where."""
    assert shortfall(shared, "fact_eval", EBCC(seed=seed), figure(shared, "fact_eval", "EBCC")) <= 0

"""Every named method beside its peer's measured figure, on real annotation with gold."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import polars as pl
import pytest

from middlemost.consensus import BWA, EBCC, GLAD, IBCC, KOS, MACE, Wawa, ZeroBasedSkill, accuracy
from middlemost.core.answers import encode

SMALL = ["rte", "bluebird", "dog", "face", "possent", "barzan", "sentpol_amt", "weather_amt", "weather_cf", "music"]
LARGE = ["product", "sentpol", "trec", "relevance", "adult", "fact_eval"]
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
QUICK = [(peer, name) for peer in BESIDE for name in [*SMALL, *LARGE] if peer != "EBCC" or name in SMALL]


def shortfall(shared: Path, name: str, method: Any, peer: float) -> float:
    """How far the method is below the peer, beyond .2 points and two items."""
    (path,) = (shared / "data" / name).glob("answers.csv*")
    (truth,) = (shared / "data" / name).glob("truth.csv*")
    answers = encode(pl.read_csv(path, infer_schema=False))
    estimate = accuracy(method.fit(answers), pl.read_csv(truth, infer_schema=False))
    return peer - max(0.002, 2 / (estimate.n or 1)) - 1e-5 - estimate.value


def figure(shared: Path, name: str, peer: str) -> float:
    table = pl.read_csv(shared / "reference/peer_accuracy_real_data.csv").filter(dataset=name)
    value = table[peer][0]
    if value is None:
        pytest.skip("the peer did not run on this set")
    return float(value)


@pytest.mark.parametrize(("peer", "name"), QUICK)
def test_a_method_is_not_below_its_peer(shared: Path, peer: str, name: str) -> None:
    assert shortfall(shared, name, BESIDE[peer], figure(shared, name, peer)) <= 0


@pytest.mark.long
@pytest.mark.parametrize("name", LARGE)
def test_ebcc_is_not_below_its_peer(shared: Path, name: str) -> None:
    assert shortfall(shared, name, BESIDE["EBCC"], figure(shared, name, "EBCC")) <= 0

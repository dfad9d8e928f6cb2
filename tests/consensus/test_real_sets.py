"""Accuracy on real annotation with gold, beside the peers' measured figures."""

from __future__ import annotations

from pathlib import Path

import polars as pl
import pytest

from middlemost.consensus import DawidSkene, MajorityVote, accuracy
from middlemost.core.answers import Answers, encode

SETS = [
    *("rte", "bluebird", "dog", "face", "product", "possent", "barzan", "sentpol_amt", "weather_amt", "weather_cf"),
    *("music", "sentpol", "trec", "relevance", "adult", "fact_eval"),
]
# On these three the likelihood goes on rising while the labels get worse. crowd-kit stops earlier, since its objective
# counts the class prior once an answer instead of once an item and then falls. We stop when the likelihood does.
PEER_STEPS = {"relevance": 24, "adult": 2, "fact_eval": 2}


def read(shared: Path, name: str) -> tuple[Answers, pl.DataFrame, dict[str, float]]:
    (path,) = (shared / "data" / name).glob("answers.csv*")
    (truth,) = (shared / "data" / name).glob("truth.csv*")
    peers = pl.read_csv(shared / "reference/peer_accuracy_real_data.csv").filter(dataset=name).row(0, named=True)
    return encode(pl.read_csv(path, infer_schema=False)), pl.read_csv(truth, infer_schema=False), peers


@pytest.mark.parametrize("name", SETS)
def test_majority_is_the_expectation_under_random_ties(shared: Path, name: str) -> None:
    answers, gold, peers = read(shared, name)
    assert accuracy(MajorityVote().fit(answers), gold).value == pytest.approx(peers["MV_tie_expected"], abs=6e-6)


@pytest.mark.parametrize("name", [name for name in SETS if name not in PEER_STEPS])
def test_dawid_skene_is_not_below_the_peers(shared: Path, name: str) -> None:
    answers, gold, peers = read(shared, name)
    estimate = accuracy(DawidSkene().fit(answers), gold)
    slack = max(0.002, 2 / (estimate.n or 1)) + 1e-5
    assert estimate.value >= peers["ck_DS"] - slack


@pytest.mark.parametrize("name", PEER_STEPS)
def test_dawid_skene_is_not_below_the_peers_after_as_many_steps(shared: Path, name: str) -> None:
    answers, gold, peers = read(shared, name)
    estimate = accuracy(DawidSkene(smoothing=0, tol=0, max_iter=PEER_STEPS[name]).fit(answers), gold)
    slack = max(0.002, 2 / (estimate.n or 1)) + 1e-5
    assert estimate.value >= peers["ck_DS"] - slack

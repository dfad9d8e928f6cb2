"""How far the default is fitted to the sets of accuracy.py: constants chosen without a set, and thinned crowds.

    python benchmarks/accuracy_thinned.py FOLDER [--out docs]

First the default at settings (strength, correlation) that are the best in the mean of the other sets; sets of the same
items or campaign are left out together. Then each set with half of its raters, a third of its answers, two answers an
item, drawn at random twice: the default beside majority, other models and `conclude` with gold (20 draws). Two answers
an item are what no constant here was chosen for. Last, a synthetic crowd of 30 classes. Writes accuracy_thinned.csv.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
from numpy.typing import NDArray

from accuracy import DRAWS, SETS, Case, Score, n_gold, said, scored
from middlemost.consensus import IBCC, MACE, DawidSkene, MajorityVote, OneCoin, PooledDawidSkene
from middlemost.consensus.blend import fit_models
from middlemost.consensus.conclude import calibrated
from middlemost.core.gold import Gold

Bools = NDArray[np.bool_]
TWINS = ({"weather_amt", "weather_cf"}, {"sentpol", "sentpol_amt"}, {"trec", "relevance"})
GRID = [(strength, correlation) for strength in (2, 4, 8, 16, 32) for correlation in (0.0, 0.01, 0.03, 0.1)]
METHODS: dict[str, Callable[[], Any]] = {
    "pooled-dawid-skene": PooledDawidSkene,
    "majority-vote": MajorityVote,
    "dawid-skene": DawidSkene,
    "one-coin": OneCoin,
    "ibcc": IBCC,
    "mace": MACE,
}


def half_of_the_raters(case: Case, rng: np.random.Generator) -> Bools:
    """Which answers are left."""
    return np.asarray((rng.random(case.answers.n_raters) < 0.5)[case.answers.rater])


def third_of_the_answers(case: Case, rng: np.random.Generator) -> Bools:
    """Which answers are left."""
    return rng.random(len(case.answers)) < 1 / 3


def two_an_item(case: Case, rng: np.random.Generator) -> Bools:
    """Which answers are left."""
    item = case.answers.item
    order = np.lexsort((rng.random(len(item)), item))
    starts = np.searchsorted(item[order], np.arange(case.answers.n_items))
    left = np.zeros(len(item), dtype=bool)
    left[order] = np.arange(len(item)) - starts[item[order]] < 2
    return left


THINNINGS = {
    "half of the raters": half_of_the_raters,
    "a third of the answers": third_of_the_answers,
    "two answers an item": two_an_item,
}


def main() -> None:
    """Measure, print and write."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--out", type=Path, default=Path("docs"), help="folder for the CSV file")
    options = parser.parse_args()
    cases = [Case.read(options.folder, name) for name in SETS]
    rows = [*constants(cases)]
    for answers, thin in THINNINGS.items():
        rows += summarised(answers, [row for case in cases for row in thinned(case, thin)])
    rows += summarised("30 classes, synthetic", [row for seed in range(3) for row in compared(many_classes(seed))])
    frame = pl.DataFrame(rows)
    frame.write_csv(options.out / "accuracy_thinned.csv", float_precision=6)
    print(frame)


def constants(cases: list[Case]) -> Iterator[dict[str, Any]]:
    """The default as it is, at the settings that the other sets would choose, and at the worst of the grid."""
    table = np.array([[both(case, PooledDawidSkene(*_settings(pair))) for pair in GRID] for case in cases])
    told("grid of constants")
    elsewhere = [[row for row, other in enumerate(cases) if not related(case.name, other.name)] for case in cases]
    chosen = np.array([table[rows, :, 0].mean(axis=0).argmax() for rows in elsewhere])
    own = table[np.arange(len(cases)), chosen].mean(axis=0)
    means = table.mean(axis=0)
    settings = {
        "as they are": means[GRID.index((8, 0.01))],
        "chosen without the set": own,
        "best of the grid": means[means[:, 0].argmax()],
        "worst of the grid": means[means[:, 0].argmin()],
    }
    for method, (right, loss) in settings.items():
        yield {"answers": "all", "method": f"constants {method}", "accuracy": right, "log_loss": loss, "worst": None}


def _settings(pair: tuple[float, float]) -> tuple[int, float, float, float]:
    return 100, 1e-6, *pair


def related(name: str, other: str) -> bool:
    """Whether two sets are one, or have items or a campaign in common."""
    return name == other or {name, other} in TWINS


def both(case: Case, method: Any) -> tuple[float, float]:
    """Accuracy and log-loss."""
    score = fitted(case, method)
    assert score.accuracy is not None
    assert score.log_loss is not None
    return score.accuracy, score.log_loss


def fitted(case: Case, method: Any) -> Score:
    """Fit and score."""
    consensus = method.fit(case.answers)
    return scored(case, consensus.probabilities, said(consensus), 0.0)


def thinned(case: Case, thin: Callable[[Case, np.random.Generator], Bools]) -> Iterator[tuple[str, str, Score]]:
    """(set, method, score) on two thinned crowds."""
    for seed in range(2):
        rng = np.random.default_rng(seed)
        names = case.answers.frame().select("item", "rater", "answer")
        yield from compared(Case.of(case.name, names.filter(pl.Series(thin(case, rng))).rechunk(), case.gold))
    told(case.name)


def many_classes(seed: int) -> Case:
    """A synthetic crowd: 2,000 items, 30 classes, 5 answers an item by 60 raters of one skill each, any error alike."""
    rng = np.random.default_rng(seed)
    truth = rng.integers(30, size=2_000)
    rater = rng.permuted(np.tile(np.arange(60), (2_000, 1)), axis=1)[:, :5]
    right = rng.random(rater.shape) < rng.beta(4, 3, size=60)[rater]
    answer = np.where(right, truth[:, None], (truth[:, None] + rng.integers(1, 30, size=rater.shape)) % 30)
    item = np.repeat(np.arange(2_000), 5)
    columns = {"item": item, "rater": rater.ravel(), "answer": answer.ravel()}
    frame = pl.DataFrame(columns).select(pl.all().cast(pl.String).str.zfill(4))
    gold = pl.DataFrame({"item": np.arange(2_000), "label": truth}).select(pl.all().cast(pl.String).str.zfill(4))
    return Case.of("30 classes", frame, Gold(gold["item"], gold["label"]))


def compared(case: Case) -> Iterator[tuple[str, str, Score]]:
    """(set, method, score), without gold and with."""
    for method, make in METHODS.items():
        yield case.name, method, fitted(case, make())
    for score in with_gold(case):
        yield case.name, "conclude, with gold", score


def with_gold(case: Case) -> Iterator[Score]:
    """`conclude` with 50 gold items, or a third, scored on the others."""
    models = fit_models(case.answers)
    for draw in range(DRAWS):
        order = np.random.default_rng(draw).permutation(len(case.gold))
        known, rest = case.part(order[: n_gold(case)]), case.part(order[n_gold(case) :])
        consensus = calibrated(case.answers, models, Gold(known.gold.items, known.gold.labels, "random"))
        yield scored(rest, consensus.probabilities, said(consensus), 0.0)


def summarised(answers: str, rows: list[tuple[str, str, Score]]) -> list[dict[str, Any]]:
    """Means over the sets, and on its worst set how far a method is from majority, in points."""
    frame = pl.DataFrame(
        [(name, method, score.accuracy, score.log_loss) for name, method, score in rows],
        schema=["set", "method", "accuracy", "log_loss"],
        orient="row",
    )
    by_set = frame.group_by("set", "method", maintain_order=True).agg(pl.col("accuracy", "log_loss").mean())
    majority = by_set.filter(method="majority-vote").select("set", majority="accuracy")
    means = (
        by_set.join(majority, on="set")
        .group_by("method", maintain_order=True)
        .agg(
            pl.col("accuracy", "log_loss").mean(),
            worst=100 * (pl.col("accuracy") - pl.col("majority")).min(),
        )
    )
    return [{"answers": answers, **row} for row in means.to_dicts()]


def told(what: str) -> None:
    """Say what is done."""
    print(what, file=sys.stderr)


if __name__ == "__main__":
    main()

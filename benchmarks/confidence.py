"""How far `conclude` can be trusted, on real answers with gold: draw some gold, conclude, score on the rest.

    python benchmarks/confidence.py ../shared [--draws 20] [--gold 50] [--level 0.9] [--sets rte,dog] [--json]

For each set and draw: accuracy and log-loss (probabilities clipped at 1e-9) of the labels of the other gold items,
beside majority vote's and those of a constant confidence; the gap between mean confidence and share right, beside that
of the plain share of right labels among the gold drawn; whether the interval for the share of wrong labels holds that
of the other items, and how wide it is beside Clopper and Pearson's on the gold drawn. A third of the gold items is
drawn at most.
"""

from __future__ import annotations

import argparse
import json
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
from numpy.typing import NDArray

from middlemost.consensus import accuracy
from middlemost.consensus.blend import fit_models
from middlemost.consensus.conclude import calibrated
from middlemost.core.answers import Answers
from middlemost.core.gold import Gold, as_gold
from middlemost.core.results import Consensus
from middlemost.files.answers import read_answers
from middlemost.inference.proportion import clopper_pearson

SETS = (
    "rte bluebird dog face product possent barzan sentpol_amt weather_amt weather_cf music sentpol trec relevance "
    "adult fact_eval"
).split()
FIGURES = tuple("accuracy majority log_loss constant gap plain_gap covered width exact_width error claimed".split())


def main() -> None:
    """Print a line for each set and one for their means."""
    options = arguments()
    rows = [measured(name, options) for name in options.sets.split(",")]
    means = {"set": "mean", **{figure: float(np.mean([row[figure] for row in rows])) for figure in FIGURES}}
    worst = {
        "below_majority": max(row["majority"] - row["accuracy"] for row in rows),
        "covered": min(row["covered"] for row in rows),
        "width_over_exact": max(row["width"] / row["exact_width"] for row in rows),
    }
    if options.json:
        print(json.dumps({"gold": options.gold, "draws": options.draws, "sets": [*rows, means], "worst": worst}))
        return
    show([*rows, means])
    print("worst set:", ", ".join(f"{name} {value:.4f}" for name, value in worst.items()))


def arguments() -> argparse.Namespace:
    """What was asked for."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("shared", type=Path, help="folder with data/SET/answers.csv and truth.csv")
    parser.add_argument("--draws", type=int, default=20)
    parser.add_argument("--gold", type=int, default=50)
    parser.add_argument("--level", type=float, default=0.9)
    parser.add_argument("--sets", default=",".join(SETS))
    parser.add_argument("--json", action="store_true")
    return parser.parse_args()


def measured(name: str, options: argparse.Namespace) -> dict[str, Any]:
    """The means over the draws of one set."""
    answers, gold = read(options.shared / "data" / name)
    draws = list(scored(answers, gold, options))
    return {"set": name, **{figure: float(np.mean([draw[figure] for draw in draws])) for figure in FIGURES}}


def read(folder: Path) -> tuple[Answers, Gold]:
    """The answers, the last one where a rater repeats an item; the gold whose items have answers."""
    path = next(path for path in sorted(folder.glob("answers.csv*")))
    answers = read_answers(path, repeats="last")
    gold = as_gold(pl.read_csv(folder / "truth.csv", infer_schema=False).select("item", "label"))
    known = np.append(answers.per_item() > 0, False)[gold.positions(answers.items, answers.classes)[0]]
    return answers, Gold(gold.items.filter(pl.Series(known)), gold.labels.filter(pl.Series(known)))


def scored(answers: Answers, gold: Gold, options: argparse.Namespace) -> Iterator[dict[str, float]]:
    """One dictionary of figures a draw."""
    models = fit_models(answers)  # they do not see the gold: one fit serves all draws
    majority = models[0]
    n = min(options.gold, len(gold) // 3)
    for draw in range(options.draws):
        order = np.random.default_rng(draw).permutation(len(gold))
        known, rest = (part(gold, rows) for rows in (order[:n], order[n:]))
        consensus = calibrated(answers, models, Gold(known.items, known.labels, "random"), level=options.level)
        yield figures(consensus, majority, known, rest, options.level)


def part(gold: Gold, rows: NDArray[np.int64]) -> Gold:
    """Some of the gold."""
    return Gold(gold.items.gather(rows), gold.labels.gather(rows))


def figures(consensus: Consensus, majority: Consensus, known: Gold, rest: Gold, level: float) -> dict[str, float]:
    """What one draw shows."""
    item, label = rest.positions(consensus.items, consensus.classes)
    confidence, right = sure(consensus, rest)
    right_known = sure(consensus, known)[1]
    given = np.where(label >= 0, consensus.probabilities[item, label], 0.0)
    low, high = clopper_pearson(int((~right_known).sum()), len(right_known), level)
    error = consensus.error
    assert error is not None
    assert error.low is not None
    assert error.high is not None
    wrong = float(1 - right.mean())
    return {
        "accuracy": accuracy(consensus, rest).value,
        "majority": accuracy(majority, rest).value,
        "log_loss": float(-np.log(np.clip(given, 1e-9, 1)).mean()),
        "constant": constant(right_known, right, len(consensus.classes)),
        "gap": float(abs(confidence.mean() - right.mean())),
        "plain_gap": float(abs(right_known.mean() - right.mean())),
        "covered": float(error.low - 1e-12 <= wrong <= error.high + 1e-12),
        "width": error.high - error.low,
        "exact_width": high - low,
        "error": abs(error.value - wrong),
        "claimed": float(confidence.mean() - right.mean()),
    }


def sure(consensus: Consensus, gold: Gold) -> tuple[NDArray[np.float64], NDArray[np.bool_]]:
    """The confidence of the gold items' labels, and whether they are right."""
    place = gold.positions(consensus.items, consensus.classes)[0]
    labels = consensus.labels[place]
    return labels["confidence"].to_numpy(), (labels["label"] == gold.labels).to_numpy()


def constant(known: NDArray[np.bool_], right: NDArray[np.bool_], n_classes: int) -> float:
    """The log-loss on `right` of giving all labels the share right among the `known`, (k + 1/2) / (n + 1)."""
    share = (known.sum() + 0.5) / (len(known) + 1)
    return float(-np.where(right, np.log(share), np.log((1 - share) / max(n_classes - 1, 1))).mean())


def show(rows: list[dict[str, Any]]) -> None:
    """A table."""
    print(f"{'set':12}" + "".join(f"{figure:>12}" for figure in FIGURES))
    for row in rows:
        print(f"{row['set']:12}" + "".join(f"{row[figure]:12.4f}" for figure in FIGURES))


if __name__ == "__main__":
    begun = time.perf_counter()
    main()
    print(f"{time.perf_counter() - begun:.0f} s")

"""Every registered aggregator on every real set with gold, beside the peers: accuracy, log-loss, calibration, time.

    python benchmarks/accuracy.py FOLDER [--only NAME ...] [--write docs/accuracy.md]

FOLDER holds `data/` (one folder a set: answers.csv[.gz], truth.csv) and `reference/peer_accuracy_real_data.csv`.
Accuracy counts ties as their expectation; a gold label that nobody answered is wrong; of repeated answers the last
counts. Log-loss is clipped at 10⁻⁹. The calibration gap is the mean confidence less the accuracy. Peers' figures were
measured once and are read from the reference table.
"""

from __future__ import annotations

import argparse
import time
from pathlib import Path

import numpy as np
import polars as pl

from middlemost.consensus import AGGREGATORS, accuracy
from middlemost.core.answers import Answers
from middlemost.core.gold import as_gold
from middlemost.core.results import Consensus
from middlemost.files.answers import read_answers

SETS = (
    "bluebird rte dog face product possent barzan sentpol_amt weather_amt weather_cf music sentpol trec relevance "
    "adult fact_eval"
).split()
PEERS = {
    "ck_DS": "crowd-kit Dawid-Skene",
    "ck_OneCoinDS": "crowd-kit one-coin",
    "ck_GLAD": "crowd-kit GLAD",
    "ck_Wawa": "crowd-kit Wawa",
    "MACEjava_VB": "MACE.jar variational",
    "MACEjava_EM": "MACE.jar EM",
    "iBCC": "iBCC, authors' code",
    "BWA": "BWA, authors' code",
    "EBCC": "EBCC, authors' code",
}
CLIP = 1e-9


def main() -> None:
    """Measure, and print or write the tables."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--only", nargs="*", help="aggregators to run; all if absent")
    parser.add_argument("--write", type=Path, help="write the tables to this Markdown page")
    options = parser.parse_args()
    rows = [row for name in SETS for row in measured(options.folder, name, options.only or list(AGGREGATORS))]
    page = tables(pl.DataFrame(rows), peers_of(options.folder))
    if options.write:
        options.write.write_text(HEAD + page, encoding="utf-8")
    print(page)


HEAD = """# Accuracy on real annotation

Made by `python benchmarks/accuracy.py FOLDER --write docs/accuracy.md`. No gold is used in a fit. Accuracy counts ties
as their expectation; a gold label that nobody answered counts as wrong. Log-loss is clipped at 10⁻⁹; the gap is the
mean confidence less the accuracy: above zero, a method overstates itself. Seconds are CPU time over
all sets. Peers' figures were measured once, on the same sets; empty: the peer did not run.

"""


def measured(folder: Path, name: str, methods: list[str]) -> list[dict[str, object]]:
    """One row a method on the set `name`."""
    (path,) = (folder / "data" / name).glob("answers.csv*")
    (truth,) = (folder / "data" / name).glob("truth.csv*")
    answers, gold = read_answers(path, repeats="last"), pl.read_csv(truth, infer_schema=False)
    return [{"set": name, "method": method} | scores(answers, gold, method) for method in methods]


def scores(answers: Answers, gold: pl.DataFrame, method: str) -> dict[str, float]:
    """Accuracy, log-loss, calibration gap and CPU seconds of one method."""
    started = time.process_time()
    consensus = AGGREGATORS[method]().fit(answers)
    seconds = time.process_time() - started
    right, loss, confidence = accuracy(consensus, gold).value, *on_gold(consensus, gold)
    return {"accuracy": right, "log_loss": loss, "gap": confidence - right, "seconds": seconds}


def on_gold(consensus: Consensus, gold: pl.DataFrame) -> tuple[float, float]:
    """Mean log-loss and mean confidence on the gold items that have answers."""
    items, classes = as_gold(gold).positions(consensus.items, consensus.classes)
    known = items >= 0
    found = consensus.probabilities[items[known]]
    said = np.where(classes[known] >= 0, found[np.arange(len(found)), classes[known]], 0.0)
    return float(-np.log(np.maximum(said, CLIP)).mean()), float(found.max(axis=1).mean())


def peers_of(folder: Path) -> pl.DataFrame:
    """The peers' measured accuracies, one row a set."""
    return pl.read_csv(folder / "reference" / "peer_accuracy_real_data.csv").rename({"dataset": "set"})


def tables(rows: pl.DataFrame, peers: pl.DataFrame) -> str:
    """The Markdown tables: by set, and the means."""
    by_set = rows.pivot(on="set", index="method", values="accuracy").with_columns(
        mean=pl.mean_horizontal(pl.exclude("method"))
    )
    theirs = peers.select("set", *(pl.col(column).alias(name) for column, name in PEERS.items()))
    others = theirs.unpivot(index="set", variable_name="method").pivot(on="set", index="method", values="value")
    others = others.select("method", *SETS).with_columns(mean=pl.mean_horizontal(*SETS, ignore_nulls=False))
    means = rows.group_by("method", maintain_order=True).agg(
        pl.col("accuracy", "log_loss", "gap").mean(), pl.sum("seconds")
    )
    parts = {"Accuracy by set": by_set, "Peers, measured": others, "Means over the sets": means}
    return "\n".join(f"## {title}\n\n{markdown(frame)}\n" for title, frame in parts.items())


def markdown(frame: pl.DataFrame) -> str:
    """A frame as a Markdown table, numbers to four places."""
    head = ["| " + " | ".join(frame.columns) + " |", "|" + "---|" * len(frame.columns)]
    lines = [
        ["" if v is None else f"{v:.4f}" if isinstance(v, float) else str(v) for v in row] for row in frame.iter_rows()
    ]
    return "\n".join(head + ["| " + " | ".join(line) + " |" for line in lines])


if __name__ == "__main__":
    main()

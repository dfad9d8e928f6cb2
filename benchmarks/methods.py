"""How fast the methods are, beside the peers that are installed, in one run.

    python benchmarks/methods.py [--json] [--quick] [--only NAME]

CPU seconds of the whole process (all threads), the least of five runs for ours, one run for a peer. Dawid-Skene is
timed from a frame of names; all else from coded columns, on both sides. `--quick` takes a tenth of the answers: a check
that the benchmark runs, not a figure to quote.
"""

from __future__ import annotations

import argparse
import importlib.util
import json
import subprocess
import sys
import time
from collections.abc import Callable
from typing import Any, TypeVar

import numpy as np
import polars as pl
from numpy.typing import NDArray

from middlemost.agreement import Alpha
from middlemost.consensus import GLAD, MACE, DawidSkene, MajorityVote, OneCoin, PooledDawidSkene
from middlemost.core.answers import Answers, encode

T = TypeVar("T")
Figures = dict[str, Any]
CLASSES, RATERS, PER_ITEM, TOL = 5, 1_000, 5, 1e-5
STEPS, LATE, MOST_DENSE = 50, 1_000, 100_000


def main() -> None:
    """Measure everything, print a table or JSON."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--json", action="store_true", help="print the figures as JSON")
    parser.add_argument("--quick", action="store_true", help="a tenth of the answers")
    parser.add_argument("--only", choices=[row.__name__ for row in ROWS], action="append", help="some rows only")
    options = parser.parse_args()
    scale = 10 if options.quick else 1
    figures: Figures = {"import_seconds": import_seconds()}
    for row, n in ROWS.items():
        if not options.only or row.__name__ in options.only:
            figures |= row(n // scale)
    print(json.dumps(figures, indent=1) if options.json else "\n".join(f"{k:46} {v}" for k, v in figures.items()))


def dawid_skene(n: int) -> Figures:
    """From a frame of names to labels, and the cost of one iteration for one answer."""
    frame = coded(n).frame().rechunk()
    seconds, fitted = least(lambda: DawidSkene(tol=TOL).fit(encode(frame, repeats="all")))
    answers = encode(frame, repeats="all")
    short, _ = least(lambda: DawidSkene(max_iter=5, tol=0).fit(answers))
    long, _ = least(lambda: DawidSkene(max_iter=25, tol=0).fit(answers))
    figures = {
        "answers": len(answers),
        "dawid_skene_frame_to_labels_cpu_s": round(seconds, 3),
        "dawid_skene_iterations": fitted.n_iter,
        "dawid_skene_ns_per_answer_and_iteration": round((long - short) / 20 / len(answers) * 1e9, 1),
    }
    names = {"item": "task", "rater": "worker", "answer": "label"}
    columns = {names[name]: frame[name].to_list() for name in frame.columns}
    theirs, peer = crowdkit("DawidSkene", columns, seconds, n_iter=100, tol=TOL)
    return figures | theirs | ({"crowdkit_DawidSkene_iterations": len(peer.loss_history_)} if peer else {})


def warm_start(n: int) -> Figures:
    """A fit of all answers that begins at one of all but 1,000, and how far its objective is below the batch fit's."""
    answers = coded(n)
    early = np.ones(n, dtype=bool)
    early[np.random.default_rng(1).choice(n, LATE, replace=False)] = False
    figures: Figures = {"warm_start_answers": n, "warm_start_new_answers": LATE}
    for method in (DawidSkene(), PooledDawidSkene()):
        first, batch = method.fit(answers.take(early)), method.fit(answers)
        seconds, warm = least(lambda method=method, first=first: method.fit(answers, start=first))
        below = (batch.objective - warm.objective) / abs(batch.objective)
        figures[f"warm_{method.name}_cpu_s"] = round(seconds, 3)
        figures[f"warm_{method.name}_relative_below_batch"] = float(f"{below:.2g}")
    return figures


def one_coin(n: int) -> Figures:
    """The whole fit, at the peer's tolerance."""
    answers = coded(n)
    seconds, fitted = least(lambda: OneCoin(tol=TOL).fit(answers))
    figures = {"one_coin_cpu_s": round(seconds, 3), "one_coin_iterations": fitted.n_iter}
    theirs, peer = crowdkit("OneCoinDawidSkene", long(answers), seconds, n_iter=100, tol=TOL)
    return figures | theirs | ({"crowdkit_OneCoinDawidSkene_iterations": len(peer.loss_history_)} if peer else {})


def mace(n: int) -> Figures:
    """One restart by variational Bayes, and one of a batch of four by EM."""
    answers = coded(n)
    seconds, _ = least(lambda: MACE(restarts=1, max_iter=STEPS, tol=0).fit(answers), runs=3)
    batch, _ = least(lambda: MACE(restarts=4, max_iter=STEPS, tol=0, variational=False).fit(answers), runs=1)
    figures = {"mace_cpu_s_a_restart": round(seconds, 3), "mace_em_cpu_s_a_restart": round(batch / 4, 3)}
    return figures | crowdkit("MACE", long(answers), seconds, n_restarts=1, n_iter=STEPS)[0]


def glad(n: int) -> Figures:
    """The whole fit, each side at its own tolerance; and only until the objective passes what the peer ended at."""
    answers = coded(n)
    seconds, fitted = least(lambda: GLAD().fit(answers))
    figures = {
        "glad_answers": n,
        "glad_cpu_s": round(seconds, 4),
        "glad_iterations": fitted.n_iter,
        "glad_objective": round(fitted.objective or 0.0, 1),
    }
    theirs, peer = crowdkit("GLAD", long(answers), seconds)
    if peer is None:
        return figures | theirs
    reached = glad_objective(answers, peer.alphas_.sort_index().to_numpy(), peer.betas_.sort_index().to_numpy())
    steps = int(np.argmax(np.array(fitted.history) >= reached)) + 1
    level, _ = least(lambda: GLAD(max_iter=steps, tol=0).fit(answers))
    return figures | theirs | {
        "crowdkit_GLAD_objective": round(reached, 1),
        "glad_cpu_s_to_that_objective": round(level, 4),
        "crowdkit_GLAD_over_ours_to_that_objective": round(theirs["crowdkit_GLAD_cpu_s"] / level, 1),
    }  # fmt: skip


def glad_objective(answers: Answers, ability: NDArray[np.float64], ease: NDArray[np.float64]) -> float:
    """The log-likelihood and, up to its constant, the log-density of the prior, as Whitehill et al. define them."""
    odds = ability[answers.rater] * np.exp(ease)[answers.item]
    shape = answers.n_items, answers.n_classes
    right, wrong = -np.logaddexp(0, -odds), -np.logaddexp(0, odds) - np.log(shape[1] - 1)
    joint = np.bincount(answers.cells(), right - wrong, shape[0] * shape[1]).reshape(shape)
    joint += np.bincount(answers.item, wrong, shape[0])[:, None] - np.log(shape[1])
    log_prior = -0.5 * (((ability - 1) ** 2).sum() + ((ease - 1) ** 2).sum())
    return float(np.logaddexp.reduce(joint, axis=1).sum() + log_prior)


def majority(n: int) -> Figures:
    """Majority vote to labels, and raters judged by the others' majority."""
    answers = coded(n)
    seconds, _ = least(lambda: MajorityVote().fit(answers))
    figures = {"majority_answers": n, "majority_cpu_s": round(seconds, 3)}
    return figures | crowdkit("MajorityVote", long(answers), seconds)[0]


def alpha(n: int) -> Figures:
    """Krippendorff's alpha from long data, alone (with its error by formula) and with 1,000 bootstrap draws.

    The peer takes a dense table of raters and items, here of fewer answers as it needs much memory, or counts that
    somebody has made: these are given to it.
    """
    answers = coded(n)
    seconds, measured = least(lambda: Alpha(interval="formula").measure(answers))
    drawn, _ = least(lambda: Alpha().measure(answers))
    figures = {"alpha_answers": n, "alpha_cpu_s": round(seconds, 3), "alpha_with_bootstrap_cpu_s": round(drawn, 3)}
    if importlib.util.find_spec("krippendorff") is None:
        return figures | {"krippendorff": NOT_INSTALLED}
    import krippendorff

    fewer = answers.take(answers.item < min(n, MOST_DENSE) // PER_ITEM)
    table = np.full((fewer.n_raters, min(n, MOST_DENSE) // PER_ITEM), np.nan)
    table[fewer.rater, fewer.item] = fewer.answer
    dense, _ = cpu(lambda: krippendorff.alpha(table, level_of_measurement="nominal"))
    counts = answers.counts()
    counted, value = cpu(lambda: krippendorff.alpha(value_counts=counts, level_of_measurement="nominal"))
    assert abs(value - measured.value) < 1e-9
    return figures | {
        "krippendorff_dense_answers": len(fewer),
        "krippendorff_dense_cpu_s": round(dense, 3),
        "krippendorff_dense_over_ours_an_answer": round(dense / len(fewer) / (seconds / n), 1),
        "krippendorff_counts_cpu_s": round(counted, 3),
        "krippendorff_counts_over_ours": round(counted / seconds, 2),
    }


ROWS: dict[Callable[[int], Figures], int] = {
    dawid_skene: 1_000_000,
    warm_start: 1_000_000,
    one_coin: 1_000_000,
    mace: 1_000_000,
    glad: 100_000,
    alpha: 1_000_000,
    majority: 10_000_000,
}
NOT_INSTALLED = "not installed: no ratio (see the dependency group bench)"


def crowdkit(name: str, columns: Any, ours: float, **settings: float) -> tuple[Figures, Any]:
    """crowd-kit's method of that name on the same rows: its figures, and the fitted peer if there is one."""
    if importlib.util.find_spec("crowdkit") is None:
        return {f"crowdkit_{name}": NOT_INSTALLED}, None
    import crowdkit.aggregation
    import pandas as pd

    table = pd.DataFrame(columns)
    seconds, fitted = cpu(lambda: getattr(crowdkit.aggregation, name)(**settings).fit(table))
    ratio = {f"crowdkit_{name}_cpu_s": round(seconds, 2), f"crowdkit_{name}_over_ours": round(seconds / ours, 1)}
    return ratio, fitted


def long(answers: Answers) -> dict[str, NDArray[np.int32]]:
    """The coded columns under crowd-kit's names."""
    return {"task": answers.item, "worker": answers.rater, "label": answers.answer}


def import_seconds() -> float:
    """Wall-clock seconds that `import middlemost` adds to the start of Python: the least of five."""
    return round(min(start("import middlemost") for _ in range(5)) - min(start("pass") for _ in range(5)), 3)


def start(code: str) -> float:
    """Wall-clock seconds of a new Python that runs `code`."""
    begun = time.perf_counter()
    subprocess.run([sys.executable, "-c", code], check=True)
    return time.perf_counter() - begun


def coded(n: int, seed: int = 0) -> Answers:
    """Answers of raters who are right with chances of .1 to .6 and else guess; nobody answers an item twice."""
    rng = np.random.default_rng(seed)
    n_items = n // PER_ITEM
    truth = rng.integers(CLASSES, size=n_items)
    skill = rng.uniform(0.1, 0.6, size=RATERS)
    order = rng.permutation(n)
    item = np.repeat(np.arange(n_items), PER_ITEM)[order]
    first, step = rng.integers(RATERS, size=n_items), rng.integers(1, RATERS // PER_ITEM, size=n_items)
    rater = (first[:, None] + step[:, None] * np.arange(PER_ITEM)).ravel()[order] % RATERS
    answer = np.where(rng.random(n) < skill[rater], truth[item], rng.integers(CLASSES, size=n))
    axes = (names("item-", n_items), names("w", RATERS), names("class", CLASSES))
    return Answers(*axes, item.astype(np.int32), rater.astype(np.int32), answer.astype(np.int32))


def names(prefix: str, n: int) -> pl.Series:
    """`n` names that sort as they count."""
    return pl.Series([f"{prefix}{i:07d}" for i in range(n)])


def least(work: Callable[[], T], runs: int = 5) -> tuple[float, T]:
    """The least CPU seconds of some runs, and a result."""
    results = [cpu(work) for _ in range(runs)]
    return min(seconds for seconds, _ in results), results[-1][1]


def cpu(work: Callable[[], T]) -> tuple[float, T]:
    """CPU seconds of this process, all threads, and the result."""
    begun = time.process_time()
    result = work()
    return time.process_time() - begun, result


if __name__ == "__main__":
    main()

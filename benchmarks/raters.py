"""How fast the models of raters are (GLAD on 10⁵ answers, MACE on 10⁶), beside crowd-kit if installed, in one run.

    python benchmarks/raters.py [--json] [--quick]

CPU seconds of the whole process from coded answers, the least of three runs for ours, one run for a peer. GLAD runs
with each side's default tolerance; MACE with one restart of 50 steps. `--quick` takes a tenth of the answers.
"""

from __future__ import annotations

import argparse
import importlib.util
import json
from typing import Any

from methods import coded, cpu, least
from middlemost.consensus import GLAD, MACE
from middlemost.core.answers import Answers

STEPS = 50


def main() -> None:
    """Measure everything, print a table or JSON."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--json", action="store_true", help="print the figures as JSON")
    parser.add_argument("--quick", action="store_true", help="a tenth of the answers")
    options = parser.parse_args()
    scale = 10 if options.quick else 1
    figures = glad(coded(100_000 // scale)) | mace(coded(1_000_000 // scale))
    print(json.dumps(figures, indent=1) if options.json else "\n".join(f"{k:46} {v}" for k, v in figures.items()))


def glad(answers: Answers) -> dict[str, Any]:
    """The whole fit."""
    seconds, fitted = least(lambda: GLAD().fit(answers))
    figures: dict[str, Any] = {"glad_answers": len(answers), "glad_cpu_s": round(seconds, 4)}
    figures["glad_iterations"] = fitted.n_iter
    return figures | peer("GLAD", answers, seconds)


def mace(answers: Answers) -> dict[str, Any]:
    """One restart by variational Bayes, and one of a batch of four by EM."""
    seconds, _ = least(lambda: MACE(restarts=1, max_iter=STEPS, tol=0).fit(answers))
    batch, _ = least(lambda: MACE(restarts=4, max_iter=STEPS, tol=0, variational=False).fit(answers), runs=1)
    figures: dict[str, Any] = {"mace_answers": len(answers), "mace_cpu_s": round(seconds, 3)}
    figures["mace_em_cpu_s_a_restart"] = round(batch / 4, 3)
    return figures | peer("MACE", answers, seconds, n_restarts=1, n_iter=STEPS)


def peer(name: str, answers: Answers, ours: float, **settings: int) -> dict[str, Any]:
    """crowd-kit's method of that name on the same answers."""
    if importlib.util.find_spec("crowdkit") is None:
        return {f"crowdkit_{name}": "not installed: no ratio (see the dependency group bench)"}
    import crowdkit.aggregation
    import pandas as pd

    table = pd.DataFrame({"task": answers.item, "worker": answers.rater, "label": answers.answer})
    seconds, _ = cpu(lambda: getattr(crowdkit.aggregation, name)(**settings).fit(table))
    return {f"crowdkit_{name}_cpu_s": round(seconds, 2), f"crowdkit_{name}_over_ours": round(seconds / ours, 1)}


if __name__ == "__main__":
    main()

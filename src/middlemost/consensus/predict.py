"""Labels of new items from what an earlier fit learned of the raters."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import polars as pl
from numpy.typing import NDArray

from middlemost.consensus.concluded import label_frame, rater_frame
from middlemost.consensus.em import TINY
from middlemost.consensus.history import codes_among
from middlemost.core.answers import Answers
from middlemost.core.operator import SparseOperator
from middlemost.core.results import Consensus
from middlemost.errors import SettingError
from middlemost.inference.softmax import normalise

Floats = NDArray[np.float64]


def predict(consensus: Consensus, answers: Answers) -> Consensus:
    """The labels of `answers` under the class shares and confusion matrices of `consensus`, with nothing fitted anew.

    A rater whom the fit did not see is taken as the mean of those it saw, each weighing as their answers. Answers that
    are none of its classes are left out, with a notice. Raises SettingError where the method has no confusion matrices.

    >>> from middlemost.consensus.dawid_skene import DawidSkene
    >>> from middlemost.core.answers import encode
    >>> frame = pl.DataFrame({"item": list("aaabbbccc"), "rater": list("xyzxyzxyz"), "answer": list("112221112")})
    >>> new = encode(pl.DataFrame({"item": list("dd"), "rater": list("xz"), "answer": list("12")}))
    >>> predict(DawidSkene().fit(encode(frame)), new).labels["label"].to_list()
    ['1']
    """
    matrices = consensus.confusion
    if matrices is None:
        raise SettingError(
            f"A result of {consensus.method} has no confusion matrices to predict with.",
            mend="Fit DawidSkene or PooledDawidSkene.",
        )
    known, notices = _on_classes(answers, consensus.classes)
    confusion = _of_raters(matrices, consensus.raters, answers.raters)
    scores = SparseOperator.of(known).scores(np.log(np.maximum(confusion, TINY)))
    scores += np.log(np.maximum(consensus.class_prior, TINY))
    scores[:, consensus.class_prior == 0] = -np.inf
    log_likelihood = float(normalise(scores).sum())
    right = np.bincount(known.rater, weights=scores.ravel()[known.cells()], minlength=known.n_raters).astype(float)
    return replace(
        consensus,
        items=known.items,
        probabilities=scores,
        labels=label_frame(known, scores, known.counts(), seed=0),
        raters=rater_frame(known, right, known.per_rater().astype(float)),
        confusion=confusion,
        log_likelihood=log_likelihood,
        objective=None,
        history=(),
        n_iter=0,
        calibrated=False,
        error=None,
        notices=(*answers.notices, *notices),
    )


def _on_classes(answers: Answers, classes: pl.Series) -> tuple[Answers, tuple[str, ...]]:
    """The answers on other classes, and what to say of those that are none of them."""
    code = codes_among(answers.classes, classes).astype(np.int32)[answers.answer]
    among = code >= 0
    lost = int(np.count_nonzero(~among))
    recoded = replace(answers.take(among), classes=classes, answer=code[among])
    return recoded, (f"{lost:,} answers are none of the classes of the fit: left out.",) if lost else ()


def _of_raters(matrices: Floats, fitted: pl.DataFrame, raters: pl.Series) -> Floats:
    """The matrices of `raters`; the weighted mean for those who have none."""
    weights = fitted["n_answers"].to_numpy().astype(float)
    mean = np.einsum("r,rkl->kl", weights, matrices) / max(weights.sum(), 1.0)
    position = codes_among(raters, fitted["rater"])
    return np.where((position >= 0)[:, None, None], matrices[position], mean)

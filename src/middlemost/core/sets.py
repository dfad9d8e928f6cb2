"""Answers that are sets of labels, such as "toxic|insult"."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import polars as pl
from numpy.typing import NDArray

from middlemost.core.answers import Answers
from middlemost.core.gold import Gold


@dataclass(frozen=True, eq=False)
class Members:
    """Which `labels` (sorted) are in which answer: `table`, booleans, shape (answers, labels)."""

    labels: pl.Series
    table: NDArray[np.bool_]

    @classmethod
    def of(cls, answers: pl.Series, separator: str) -> Members:
        """Take each answer apart. Spaces round a label do not count, nor does their order; "" is the empty set.

        >>> found = Members.of(pl.Series(["a|b", "b", ""]), "|")
        >>> found.labels.to_list(), found.table.astype(int).tolist()
        (['a', 'b'], [[1, 1], [0, 1], [0, 0]])
        """
        parts = answers.str.split(separator).list.eval(pl.element().str.strip_chars()).list.unique()
        long = pl.DataFrame({"answer": np.arange(len(answers)), "label": parts}).explode("label")
        long = long.filter(pl.col("label") != "")
        labels = long["label"].unique().sort()
        table = np.zeros((len(answers), len(labels)), dtype=np.bool_)
        if len(long):
            table[long["answer"].to_numpy(), labels.search_sorted(long["label"]).to_numpy()] = True
        return cls(labels, table)

    def texts(self, separator: str) -> pl.Series:
        """Each answer in one spelling: its labels in sorted order."""
        names = np.array(self.labels.to_list(), dtype=object)
        return pl.Series([separator.join(names[row]) for row in self.table], dtype=pl.String)


def as_sets(answers: Answers, separator: str, *, empty: str | None = None) -> Answers:
    """The same answers with each set in one spelling, "" for the empty one; `empty` is the word that stands for it."""
    spelled = _spelled(answers.classes, separator, empty)
    classes = spelled.unique().sort()
    position = classes.search_sorted(spelled).to_numpy().astype(np.int32)
    return replace(answers, classes=classes, answer=position[answers.answer])


def gold_sets(gold: Gold, separator: str, *, empty: str | None = None) -> Gold:
    """The same for the labels of gold."""
    return replace(gold, labels=_spelled(gold.labels, separator, empty))


def _spelled(texts: pl.Series, separator: str, empty: str | None) -> pl.Series:
    if empty is not None:
        texts = texts.set(texts.str.strip_chars() == empty, "")
    return Members.of(texts, separator).texts(separator)

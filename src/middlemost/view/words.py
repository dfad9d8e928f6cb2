"""Sentences about figures, for the report and the desk."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from middlemost.core.answers import Answers
from middlemost.core.results import Agreement
from middlemost.core.words import plural
from middlemost.errors import shorten
from middlemost.project.coefficients import why
from middlemost.project.overview import Confused
from middlemost.project.verdict import AGREE_FAIRLY, AGREE_WELL, HARDLY
from middlemost.view.pages import percent


def facts_line(answers: Answers, what: str | None = None) -> str:
    """What the data is, in one line; `what` the answers are, if not labels."""
    per_item = answers.per_item()
    least, most = int(per_item.min()), int(per_item.max())
    spread = f"{least:,}" if least == most else f"{answers_per_item(per_item)} ({least:,} to {most:,})"
    question = [f"question {answers.question}"] if answers.question else []
    numbers = [(answers.n_items, "item"), (answers.n_raters, "rater"), (len(answers), "answer")]
    counted = [plural(n, noun) for n, noun in numbers]
    what = what or plural(answers.n_classes, "label")
    return " · ".join([*question, *counted, what, f"{spread} answer{'' if spread == '1' else 's'} an item"])


def answers_per_item(per_item: NDArray[np.int64]) -> str:
    """The mean number of answers, as short as it can be said."""
    return f"{per_item.mean():.1f}".removesuffix(".0")


def agreement_words(alpha: Agreement, nouns: str = "labels") -> str:
    """What the coefficient means for whoever trains on the data."""
    if alpha.value >= 1:
        return "They always agree."
    if alpha.low is None:
        return f"There is little to go by: {why(alpha.estimate)}."
    if alpha.low >= AGREE_WELL:
        return "They agree well: the whole interval lies above .80, the customary bar for relying on single answers."
    if alpha.value >= AGREE_FAIRLY:
        return "They agree fairly well: not surely above .80, so single answers support tentative conclusions only."
    if alpha.value >= HARDLY:
        return (
            "They often disagree: below .667 a single answer is not to be relied on. Several answers an item can still "
            f"make good {nouns}; only gold shows whether they do."
        )
    return (
        "They hardly agree more than chance would make them. Either the question is unclear, or many do not answer it."
    )


def agreement_says(agreement: Agreement) -> str:
    """One clause on what a coefficient measures."""
    return {
        "alpha": "agreement beyond chance, 0 to 1; copes with missing answers",
        "fleiss-kappa": "agreement beyond chance, 0 to 1; the classic",
        "gwet-ac": "agreement beyond chance; steady where nearly all items have the same label",
        "icc": "the share of the variance that lies between items, for one rater’s number",
        "concordance": "how near the raters’ numbers are to being equal, 0 to 1",
        "mean-spearman": "how alike two raters order the items",
        "percent-agreement": "how often two raters of an item say the same; high by chance if one label is common",
    }.get(agreement.name, "")


def confusion_words(confused: Sequence[Confused], *, caveat: str) -> str:
    """The largest confusion in words."""
    if not confused:
        return "No label is taken for another often enough to say."
    first = confused[0]
    pair = f"“{shorten(first.label, 40)}” for “{shorten(first.answered, 40)}”"
    return f"Raters most often take {pair}: {percent(first.share)} of their answers to such items. {caveat}"


def drawn(how: str | None) -> str:
    """What gold can speak for."""
    return {
        "random": "It was drawn at random, so it speaks for all items.",
        "chosen": "It was chosen, so it speaks for itself only.",
    }.get(how or "", "Nobody said how it was drawn; if not at random, these figures speak for the gold only.")

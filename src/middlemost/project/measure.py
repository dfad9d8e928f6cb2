"""`measure`: do the raters agree."""

from __future__ import annotations

from middlemost.agreement import COEFFICIENTS
from middlemost.core.answers import Answers
from middlemost.core.results import Agreement
from middlemost.project.collected import collected
from middlemost.project.folder import Project


def measure(project: Project) -> tuple[Agreement, ...]:
    """Every coefficient on the raters' first answers to each item; empty while there are no answers.

    Deliberate repeats are left out: a rater agreeing with themselves says nothing of agreement between raters.
    """
    answers = collected(project)
    return () if answers is None else measured(answers)


def measured(answers: Answers) -> tuple[Agreement, ...]:
    """The same for answers at hand."""
    if answers.round is not None:
        answers = answers.take(answers.round == 1)
    return tuple(row().measure(answers) for row in COEFFICIENTS.values())

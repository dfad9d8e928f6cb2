"""`measure`: do the raters agree."""

from __future__ import annotations

from middlemost.core.answers import Answers
from middlemost.core.results import Agreement
from middlemost.project.coefficients import between_raters
from middlemost.project.collected import collected
from middlemost.project.folder import Project


def measure(project: Project) -> tuple[Agreement, ...]:
    """The coefficients that are shown, on each rater's first answer to an item; empty while there are no answers."""
    answers = collected(project)
    return () if answers is None else measured(answers)


def measured(answers: Answers) -> tuple[Agreement, ...]:
    """The same for answers at hand."""
    return between_raters(answers)

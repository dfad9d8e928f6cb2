"""`measure`: do the raters agree."""

from __future__ import annotations

from middlemost.core.answers import Answers
from middlemost.core.results import Agreement
from middlemost.project import by_question
from middlemost.project.coefficients import between_raters
from middlemost.project.collected import collected
from middlemost.project.folder import Project


def measure(project: Project, question: str | None = None) -> tuple[Agreement, ...]:
    """The coefficients that fit a question (the first), on each rater's first answer to an item; empty without answers.

    MissingError if there is no such question.
    """
    asked = project.question(question)
    answers = collected(project, asked.id)
    return () if answers is None else by_question.measured(asked, answers)


def measured(answers: Answers) -> tuple[Agreement, ...]:
    """The coefficients of labels for answers at hand."""
    return between_raters(answers)

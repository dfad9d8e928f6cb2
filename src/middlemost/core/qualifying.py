"""What raters go through before they are lent items: training, a test; and control items among those they are lent."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Literal

from pydantic import Field

from middlemost.core.declared import Declared, Mistake

Stage = Literal["training", "test", "calibration"]
# unready: no exercises have been added. waiting: until the next try. failed: no try is left. admitted: lent items.
Where = Literal["training", "test", "unready", "waiting", "failed", "admitted"]
HOUR = 3600.0
_HAIR = 1e-9  # 0.7 of 10 is 7, whatever floats say


class Test(Declared):
    """A test of which a share has to be answered right."""

    pass_: float = Field(alias="pass", gt=0, le=1, description="The share to be answered right: 0.8.")
    items: int | None = Field(None, ge=1, le=1000, description="How many, drawn anew for each try; all if absent.")
    attempts: int = Field(2, ge=1, le=100, description="How many tries a rater has.")
    wait_hours: float = Field(24, ge=0, le=8760, description="How long after a failed try the next one may begin.")


class Qualification(Declared):
    """What a rater goes through before the first item."""

    training: bool = Field(True, description="Whether they go through the training items, with feedback on each.")
    test: Test | None = Field(None, description="A test without feedback, to be passed.")

    def mistakes(self) -> Iterator[Mistake]:
        """Something has to be gone through."""
        if not self.training and self.test is None:
            message = "There is neither training nor a test to go through."
            yield Mistake(("training",), message, "Leave `qualification` out, or declare one.", at_key=True)


class Controls(Declared):
    """Items with a known answer, mixed in without a sign."""

    share: float = Field(gt=0, le=0.5, description="The share of a rater's items, as long as there are new ones: 0.05.")


@dataclass(frozen=True)
class Exercise:
    """An item of training, of a test, or of a calibration round.

    `label`: the right answer to the first choice; `why`: what feedback says.
    """

    seq: int
    stage: Stage
    id: str
    text: str
    fields: dict[str, object]
    label: str | None
    why: str | None


@dataclass(frozen=True)
class Attempt:
    """An exercise that was answered, in which try; `right` is None where no answer to it is wrong."""

    exercise: int
    stage: Stage
    number: int
    right: bool | None
    at: float


@dataclass(frozen=True)
class Score:
    """How many of how many were answered right, in try `number`."""

    number: int
    right: int
    of: int


@dataclass(frozen=True)
class Course:
    """Where a rater stands: `done` of `total` exercises of the stage; in a test, which try this is, and of how many.

    `until` (Unix seconds): when the next try may begin. `last`: the try that ended last.
    """

    where: Where
    done: int = 0
    total: int = 0
    number: int = 1
    tries: int = 1
    until: float | None = None
    last: Score | None = None


def course(
    asked: Qualification, training: Sequence[int], test: Sequence[int], attempts: Sequence[Attempt], now: float
) -> Course:
    """Where a rater stands who has made these attempts; `training`, `test`: the exercises that are to be answered.

    >>> passing = Qualification(training=False, test=Test(**{"pass": 0.5, "wait_hours": 1}))
    >>> right = [Attempt(7, "test", 1, True, 0.0), Attempt(8, "test", 1, False, 0.0)]
    >>> course(passing, [], [7, 8], right[:1], 0.0).where, course(passing, [], [7, 8], right, 0.0).where
    ('test', 'admitted')
    """
    if asked.training:
        done = {one.exercise for one in attempts if one.stage == "training"} & set(training)
        if not training:
            return Course("unready")
        if len(done) < len(training):
            return Course("training", len(done), len(training))
    if asked.test is None:
        return Course("admitted")
    return _tested(asked.test, len(test), [one for one in attempts if one.stage == "test"], now)


def _tested(test: Test, size: int, made: Sequence[Attempt], now: float) -> Course:
    size = min(size, test.items or size)
    if not size or size < (test.items or 0):
        return Course("unready")
    number = max((one.number for one in made), default=1)
    current = [one for one in made if one.number == number]
    if len(current) < size:
        return Course("test", len(current), size, number, test.attempts, last=_score(made, number - 1))
    last = _score(made, number)
    if last and last.right >= test.pass_ * last.of - _HAIR:
        return Course("admitted", last=last)
    if number >= test.attempts:
        return Course("failed", number=number, tries=test.attempts, last=last)
    until = max(one.at for one in current) + test.wait_hours * HOUR
    if now < until:
        return Course("waiting", number=number + 1, tries=test.attempts, until=until, last=last)
    return Course("test", 0, size, number + 1, test.attempts, last=last)


def _score(made: Sequence[Attempt], number: int) -> Score | None:
    these = [one for one in made if one.number == number]
    return Score(number, sum(bool(one.right) for one in these), len(these)) if these else None

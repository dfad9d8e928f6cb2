"""Panels: where raters are recruited who come by a link that says who they are, and go with a completion code."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, TypeAlias, get_args

PanelName: TypeAlias = Literal["prolific", "mturk"]
PANELS: tuple[PanelName, ...] = get_args(PanelName)


@dataclass(frozen=True)
class Panel:
    """How a panel says who comes: the names of the parameters of its links.

    `back`: where a rater who is done is sent, with the code in it; None where each enters a code of their own.
    """

    title: str
    member: str
    study: str
    session: str
    back: str | None


# As Prolific documents its URL parameters, and Mechanical Turk those of links to surveys.
CONVENTIONS: dict[PanelName, Panel] = {
    "prolific": Panel(
        "Prolific",
        "PROLIFIC_PID",
        "STUDY_ID",
        "SESSION_ID",
        "https://app.prolific.com/submissions/complete?cc={code}",
    ),
    "mturk": Panel("Mechanical Turk", "workerId", "hitId", "assignmentId", None),
}


@dataclass(frozen=True)
class Arrival:
    """Who came from a panel, as its link says; `study` and `session` may be empty."""

    member: str
    study: str = ""
    session: str = ""


@dataclass(frozen=True)
class Completion:
    """The code that a rater who is done shows to the panel, and where to go with it, where the panel has an address."""

    code: str
    link: str | None
    panel: str


def completion(panel: PanelName, code: str) -> Completion:
    """What a rater of `panel` is told in the end.

    >>> completion("prolific", "C1ABC").link
    'https://app.prolific.com/submissions/complete?cc=C1ABC'
    """
    how = CONVENTIONS[panel]
    return Completion(code, how.back.format(code=code) if how.back else None, how.title)

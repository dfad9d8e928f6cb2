"""`pay`: what each rater has done and earned."""

from __future__ import annotations

from dataclasses import dataclass

from middlemost.errors import SettingError, StateError
from middlemost.project.folder import Project
from middlemost.store import work


@dataclass(frozen=True)
class Earned:
    """What a rater earned: for `items` answered, or for `hours` of active work. `name` is theirs, and never released.

    `untimed` answers came without their active time, and count as none where work is paid by the hour.
    """

    rater: str
    name: str
    items: int
    hours: float
    untimed: int
    amount: float
    currency: str


def pay(project: Project, since: float = 0.0, until: float | None = None) -> list[Earned]:
    """What raters earned by pages sent from `since` up to before `until` (Unix seconds; now if None).

    Repeats and surplus are paid like all else, a correction's time too. StateError where the protocol declares no pay.
    """
    declared = project.protocol.pay
    if declared is None:
        mend = "Declare it in protocol.yaml: pay: {per_hour: 15, currency: EUR}."
        raise StateError("The protocol does not say what raters earn.", mend=mend)
    until = project.store.clock() if until is None else until
    if until < since:
        raise SettingError("The end is before the beginning.", mend="Exchange them.")
    return [
        Earned(
            rater=row.pseudonym,
            name=row.name,
            items=int(row.pages),
            hours=round(row.active_ms / 3_600_000, 4),
            untimed=int(row.untimed),
            amount=round(declared.earned(int(row.pages), row.active_ms / 1000), 2),
            currency=declared.currency,
        )
        for row in project.store.read(work.done, since, until)
    ]

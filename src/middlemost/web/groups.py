"""Who answers, and how groups of raters differ, as the desk's templates want it: for leads, and never one person's."""

from __future__ import annotations

from dataclasses import dataclass

from middlemost.core.about import LEAST, Groups
from middlemost.core.estimate import decimal
from middlemost.core.questions.base import texts
from middlemost.core.values import CODE
from middlemost.project.coefficients import why
from middlemost.project.differences import Agreed, Difference
from middlemost.project.people import SignedIn
from middlemost.project.standing import Standing
from middlemost.view.pages import percent


@dataclass(frozen=True)
class Compared:
    """A `Difference` in words: `shares` by option, a row a group; `square`: agreement of each two, for a picture."""

    about: str
    asked: str
    groups: list[str]
    shares: list[tuple[str, list[dict[str, object]]]]
    square: list[list[float | None]]
    agreement: list[tuple[str, str, str]]
    level: str


def who(now: Standing | None, session: SignedIn) -> dict[str, object]:
    """What the raters' page shows of who answers: nothing to those who may not invite, or where nothing is asked."""
    if now is None or now.who is None or not session.may("invite"):
        return {"sizes": [], "compared": [], "least": LEAST}
    return {
        "sizes": [_sizes(one) for one in now.who.groups],
        "compared": [_compared(one) for one in now.differences],
        "least": LEAST,
    }


def _sizes(groups: Groups) -> dict[str, object]:
    named = texts(groups.question.options)
    rows = [(named[name], n) for name, n in groups.shown.items()]
    hidden = [named[name] for name in groups.hidden] + (["not said"] if groups.unsaid is None else [])
    return {
        "ask": groups.question.ask,
        "rows": rows,
        "hidden": hidden,
        "rest": groups.rest,
        "unsaid": groups.unsaid,
        "all": sum(groups.shown.values()) + groups.rest + (groups.unsaid or 0),
    }


def _compared(one: Difference) -> Compared:
    named, said = texts(one.about.options), texts(one.question.declared())
    by_option: dict[str, list[dict[str, object]]] = {}
    for share in one.shares:
        # Whole percents: exact ones could be tried out against who answered what.
        interval = f"{percent(share.low, 0)} to {percent(share.high, 0)}"
        row: dict[str, object] = {"group": named[share.group], "share": percent(share.share, 0), "interval": interval}
        ends = {"at": round(share.share, 2), "low": round(share.low, 2), "high": round(share.high, 2)}
        by_option.setdefault(said.get(share.option, share.option), []).append(row | ends)
    known = {frozenset((found.first, found.second)): found.estimate.value for found in one.agreement}
    return Compared(
        about=one.about.ask,
        asked=one.question.ask,
        groups=[named[group] for group in one.groups],
        shares=list(by_option.items()),
        square=[[known.get(frozenset((a, b))) for b in one.groups] for a in one.groups],
        agreement=[(named[found.first], named[found.second], _figure(found)) for found in one.agreement],
        level="equal or not" if one.question.kind is CODE else "by the squares of differences",
    )


def _figure(found: Agreed) -> str:
    """The value with its interval to two places, or why it has none."""
    one = found.estimate
    if one.low is None or one.high is None:
        return why(one)
    return f"{decimal(one.value, 2)} ({decimal(one.low, 2)} to {decimal(one.high, 2)})"

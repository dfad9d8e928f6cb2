"""Raters without hands: real answers sent through the real HTTP interface, as a rater's page sends them."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from middlemost.client import Client

Script = Mapping[tuple[str, int], str]  # (item, round) -> answer


def replay(rater: Client, script: Script, *, on_answer: Callable[[], None], want: int = 3) -> int:
    """Answer as `script` says whatever the server lends to `rater`, until it lends nothing more.

    Returns the number of answers that the server has acknowledged.
    """
    acknowledged = 0
    while lent := rater.next(want):
        for one in lent:
            rater.answer(one, script[one.item, one.round])
            acknowledged += 1
            on_answer()
    return acknowledged

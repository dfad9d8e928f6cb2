"""Passwords are hashed beside the event loop, few at once: each takes 64 MiB and a core or more while it lasts."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import ParamSpec, TypeVar

from anyio import CapacityLimiter, to_thread

from middlemost.errors import UnavailableError

P = ParamSpec("P")
T = TypeVar("T")
AT_ONCE, MOST_WAITING = 2, 50


class Hashing:
    """Runs what hashes passwords in threads of its own, `AT_ONCE` of them; the others wait without holding a thread."""

    def __init__(self) -> None:
        self._limiter = CapacityLimiter(AT_ONCE)

    async def run(self, act: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        """Do `act` in a thread. UnavailableError where too many wait."""
        if self._limiter.statistics().tasks_waiting >= MOST_WAITING:
            raise UnavailableError("Too many sign in at once.", mend="Try again in a moment.")
        return await to_thread.run_sync(partial(act, *args, **kwargs), limiter=self._limiter)

"""What happens beside the requests: lapsed leases are given back, and the desk's figures follow the answers.

A protocol that another process has put in force is followed, too.
"""

from __future__ import annotations

import logging
from dataclasses import dataclass, replace
from threading import Condition, Event, Thread
from time import monotonic

from middlemost.errors import UnavailableError
from middlemost.project.next import sweep
from middlemost.project.standing import Standing, pulse, standing
from middlemost.web.current import Current

log = logging.getLogger("middlemost.web")

LOOK_SECONDS = 0.5
SWEEP_SECONDS = 15.0
# The figures take at most this share of the thread's time, however many answers there are.
WORK_SHARE = 0.25
# Whoever sees the desk asks every few seconds. After so long without a question the figures wait for the next.
ASKED_SECONDS = 60.0


@dataclass(frozen=True)
class Snapshot:
    """The standing at `pulse`. It holds everything acknowledged before `at`, by this process's `monotonic`."""

    standing: Standing
    pulse: tuple[int, ...]
    at: float


class Board:
    """One thread that keeps a `Snapshot`. Pages read it and never wait for statistics longer than they want to."""

    def __init__(self, current: Current) -> None:
        self._current = current
        self._snapshot: Snapshot | None = None
        self._changed = Condition()
        self._wanted, self._stopped = Event(), Event()
        self._asked = monotonic()
        self._thread = Thread(target=self._run, name="board", daemon=True)

    def start(self) -> None:
        """Begin to follow the project."""
        self._thread.start()

    def stop(self) -> None:
        """End the thread; returns when it has ended."""
        self._stopped.set()
        self._wanted.set()
        self._thread.join()

    def read(self, patience: float = 0.0) -> Snapshot | None:
        """The newest snapshot. Waits up to `patience` seconds for one that shows everything acknowledged so far."""
        asked, now = monotonic(), pulse(self._current.project)
        self._asked = asked
        if self._is_fresh(asked, now):
            return self._snapshot
        self._wanted.set()
        with self._changed:
            self._changed.wait_for(lambda: self._is_fresh(asked, now), timeout=patience)
        return self._snapshot

    def _is_fresh(self, asked: float, now: tuple[int, ...]) -> bool:
        """Where answers keep coming no snapshot is at the pulse `now`: one begun since it was `asked` for will do."""
        return self._snapshot is not None and (self._snapshot.pulse == now or self._snapshot.at >= asked)

    def _run(self) -> None:
        swept, warm, away = 0.0, False, False
        while not self._stopped.is_set():
            began = monotonic()
            try:
                if began - swept > SWEEP_SECONDS:
                    sweep(self._current.project)
                    swept = began
                if began - self._asked < ASKED_SECONDS:
                    self._follow()
                else:
                    self._current.follow()
                away = False
            except UnavailableError as error:
                if not away:
                    log.warning("the figures wait: %s", error)
                away = True
            except Exception:
                log.exception("the board could not follow the project; it tries again")
            # The first look also pays for loading the methods: that says nothing of how long the next will take.
            self._rest(monotonic() - began if warm else 0.0)
            warm = warm or self._snapshot is not None

    def _rest(self, worked: float) -> None:
        if not self._stopped.wait(worked * (1 / WORK_SHARE - 1)):
            self._wanted.wait(LOOK_SECONDS)
            self._wanted.clear()

    def _follow(self) -> None:
        before, began, now = self._snapshot, monotonic(), pulse(self._current.project)
        self._current.follow()  # after the pulse: what it counts is not shown under an earlier protocol
        if before is not None and before.pulse == now:
            snapshot = replace(before, at=began)
        else:
            snapshot = Snapshot(standing(self._current.project), now, began)
        with self._changed:
            self._snapshot = snapshot
            self._changed.notify_all()

"""A thread that does what nobody waits for: jobs, one after another."""

from __future__ import annotations

import logging
from threading import Event, Thread
from time import monotonic
from uuid import uuid4

from middlemost.errors import UnavailableError
from middlemost.project.jobs import Maker, work_once
from middlemost.project.taking_along import KIND, make_export, remove_debris, tidy
from middlemost.web.current import Current

log = logging.getLogger("middlemost.web")

LOOK_SECONDS = 1.0
TIDY_SECONDS = 60.0
MAKERS: dict[str, Maker] = {KIND: make_export}


class Workshop:
    """Looks every second whether there is anything to do, and at once when it is woken."""

    def __init__(self, current: Current) -> None:
        self._current, self._name = current, uuid4().hex[:12]
        self._stopped, self._woken = Event(), Event()
        self._thread = Thread(target=self._run, name="workshop", daemon=True)

    def start(self) -> None:
        """Begin."""
        self._thread.start()

    def wake(self) -> None:
        """There is something to do."""
        self._woken.set()

    def stop(self) -> None:
        """End the thread. A job that is being done is given back, as soon as its present step is over."""
        self._stopped.set()
        self._woken.set()
        self._thread.join()

    def _run(self) -> None:
        tidied = float("-inf")
        while not self._stopped.is_set():
            self._woken.clear()
            try:
                if monotonic() - tidied > TIDY_SECONDS:
                    tidy(self._current.project)
                    tidied = monotonic()
                while (
                    work_once(self._current.project, MAKERS, self._name, self._stopped) and not self._stopped.is_set()
                ):
                    pass
                remove_debris(self._current.project)
            except UnavailableError as error:
                log.warning("jobs wait: %s", error)
            except Exception:
                log.exception("jobs could not be done; it tries again")
            self._woken.wait(LOOK_SECONDS)

    def _work(self) -> bool:
        return work_once(self._current.project, MAKERS, self._name, self._stopped)

"""A thread that tells others of what happens: it sends what is due to webhooks."""

from __future__ import annotations

import logging
from threading import Event, Thread

import httpx

from middlemost.errors import UnavailableError
from middlemost.project.folder import Project
from middlemost.project.hooks import TIMEOUT, deliver

log = logging.getLogger("middlemost.web")

LOOK_SECONDS = 1.0


class Courier:
    """Looks every second whether there is anything to tell."""

    def __init__(self, project: Project) -> None:
        self._project = project
        self._stopped = Event()
        self._thread = Thread(target=self._run, name="courier", daemon=True)

    def start(self) -> None:
        """Begin."""
        self._thread.start()

    def stop(self) -> None:
        """End the thread; a message that is on its way is waited for."""
        self._stopped.set()
        self._thread.join()

    def _run(self) -> None:
        with httpx.Client(timeout=TIMEOUT, follow_redirects=False, trust_env=False) as client:
            while not self._stopped.wait(LOOK_SECONDS):
                try:
                    deliver(self._project, client)
                except UnavailableError as error:
                    log.warning("webhooks wait: %s", error)
                except Exception:
                    log.exception("webhooks could not be told; it tries again")

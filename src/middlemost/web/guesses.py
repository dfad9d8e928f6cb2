"""Guessing is slow: links and tokens that stand for nothing are counted by address."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager
from time import monotonic

from starlette.requests import Request

from middlemost.errors import MissingError, TooManyError

MOST, SECONDS = 30, 60.0
MOST_ADDRESSES = 10_000


class Guesses:
    """After `MOST` failures within `SECONDS` an address has to wait. Kept in memory, so each process counts its own."""

    def __init__(self) -> None:
        self._failures: dict[str, deque[float]] = {}

    def check(self, request: Request) -> None:
        """TooManyError if the request's address has failed too often of late."""
        failures, now = self._failures.get(_address(request)), monotonic()
        while failures and failures[0] < now - SECONDS:
            failures.popleft()
        if failures and len(failures) >= MOST:
            message = "Too many links or tokens that are not valid came from this address."
            raise TooManyError(message, after=max(1, round(failures[0] + SECONDS - now)))

    def failed(self, request: Request) -> None:
        """Count one."""
        if len(self._failures) >= MOST_ADDRESSES:
            self._failures.clear()
        self._failures.setdefault(_address(request), deque(maxlen=MOST)).append(monotonic())

    @contextmanager
    def of_links(self, request: Request) -> Iterator[None]:
        """Look a link up within this: one that is unknown counts."""
        self.check(request)
        try:
            yield
        except MissingError:
            self.failed(request)
            raise


def _address(request: Request) -> str:
    return request.client.host if request.client else ""

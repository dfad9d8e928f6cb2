"""Guessing is slow: links, tokens and passwords that are not right are counted by address."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager
from time import monotonic

from starlette.requests import Request

from middlemost.errors import AccessError, MissingError, TooManyError

MOST, SECONDS = 30, 60.0
MOST_SIGN_UPS, SIGN_UP_SECONDS = 30, 3600.0
MOST_ADDRESSES = 10_000


class Guesses:
    """After `MOST` failures within `SECONDS` an address has to wait. Kept in memory, so each process counts its own."""

    def __init__(self) -> None:
        self._failures: dict[str, deque[float]] = {}

    @property
    def most(self) -> int:
        """How many there may be."""
        return MOST

    seconds = SECONDS
    message = "Too many links, tokens or passwords that are not valid came from this address."

    def check(self, request: Request) -> None:
        """TooManyError if the request's address has failed too often of late."""
        failures, now = self._failures.get(_address(request)), monotonic()
        while failures and failures[0] < now - self.seconds:
            failures.popleft()
        if failures and len(failures) >= self.most:
            raise TooManyError(self.message, after=max(1, round(failures[0] + self.seconds - now)))

    def failed(self, request: Request) -> None:
        """Count one."""
        if len(self._failures) >= MOST_ADDRESSES:
            self._failures.clear()
        self._failures.setdefault(_address(request), deque(maxlen=self.most)).append(monotonic())

    @contextmanager
    def of_links(self, request: Request) -> Iterator[None]:
        """Look a link up within this: one that is unknown counts, and so does a password that is not right."""
        self.check(request)
        try:
            yield
        except (MissingError, AccessError):
            self.failed(request)
            raise


class SignUps(Guesses):
    """The same for those who sign up, each of whom counts."""

    seconds = SIGN_UP_SECONDS
    message = "Too many signed up from this address."

    @property
    def most(self) -> int:
        """How many there may be."""
        return MOST_SIGN_UPS


def _address(request: Request) -> str:
    return request.client.host if request.client else ""

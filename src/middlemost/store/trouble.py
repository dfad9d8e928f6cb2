"""What goes wrong below the operations: what the drivers say of it, and what our callers are to hear."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager

import sqlalchemy as sa

from middlemost.errors import InputError, MiddlemostError, UnavailableError

# PostgreSQL's words: https://www.postgresql.org/docs/current/errcodes-appendix.html
_RACES = {"40001", "40P01", "23505", "23514", "55P03"}  # serialization, deadlock, unique, check, lock not available
_GONE = ("08", "57P")  # the connection broke; the server is shutting down, has crashed or is starting
_FULL = ("53",)  # no disk, no memory, no connections left
RETRY_SECONDS = 2


def driven(error: BaseException) -> BaseException:
    """What the driver said: SQLAlchemy wraps it, `Prepared` does not."""
    return error.orig if isinstance(error, sa.exc.DBAPIError) and error.orig is not None else error


def is_race(error: BaseException) -> bool:
    """Whether another transaction got in between on PostgreSQL: the next try sees what it did."""
    return _state(error) in _RACES


def is_lost(error: BaseException) -> bool:
    """Whether PostgreSQL is gone, or the connection to it."""
    said, state = driven(error), _state(error)
    if state is not None:
        return state.startswith(_GONE)
    return (isinstance(error, sa.exc.DBAPIError) and error.connection_invalidated) or _is_broken(said)


def _is_broken(said: BaseException) -> bool:
    """What psycopg says without a word from the server."""
    return type(said).__module__.startswith("psycopg") and type(said).__name__ in {"OperationalError", "InterfaceError"}


def in_words(error: Exception) -> Exception:
    """What to tell: our own errors as they are, a database that cannot work as one to be asked again later.

    Everything else is a mistake of ours and stays what it is.
    """
    said = driven(error)
    if isinstance(error, MiddlemostError):
        return error
    return _unavailable(error, said) or _unusable(said) or error


@contextmanager
def telling() -> Iterator[None]:
    """Whatever goes wrong in the block comes out in words."""
    try:
        yield
    except Exception as error:
        told = in_words(error)
        if told is error:
            raise
        raise told from error


def _unavailable(error: Exception, said: BaseException) -> MiddlemostError | None:
    if isinstance(said, sqlite3.DatabaseError) and not isinstance(
        said, (sqlite3.IntegrityError, sqlite3.ProgrammingError)
    ):
        return UnavailableError(
            f"Nothing was written: {said}.", mend="Make room or mend the disk; then send it again.", after=RETRY_SECONDS
        )
    if isinstance(error, sa.exc.TimeoutError) or is_lost(error):
        return UnavailableError("The database does not answer.", mend="Send it again in a moment.", after=RETRY_SECONDS)
    if (_state(error) or "").startswith(_FULL):
        return UnavailableError(
            f"Nothing was written: {_first_line(said)}.", mend="Make room; then send it again.", after=RETRY_SECONDS
        )
    if is_race(error) and _state(error) not in {"23505", "23514"}:
        return UnavailableError("Too many wrote at once.", mend="Send it again in a moment.", after=RETRY_SECONDS)
    return None


def _unusable(said: BaseException) -> MiddlemostError | None:
    """What no text column of PostgreSQL, or of any database, takes."""
    if isinstance(said, UnicodeEncodeError):
        return InputError("A text holds half a character (a lone surrogate), which cannot be stored.")
    if "NUL (0x00)" in str(said):
        return InputError("A text holds the character NUL, which cannot be stored.", mend="Remove it.")
    return None


def _state(error: BaseException) -> str | None:
    state = getattr(driven(error), "sqlstate", None)
    return state if isinstance(state, str) else None


def _first_line(said: BaseException) -> str:
    return (str(said).splitlines() or [""])[0].rstrip(".")

"""What is done about memory where much is made at once."""

from __future__ import annotations

import gc
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def uncollected() -> Iterator[None]:
    """Let the collector of cycles rest while much is made that stays, or a million rows, none of which can be in one.

    Each time that so many are new it would look through all of them: a tenth of the whole time.

    >>> with uncollected():
    ...     rows = [(n, str(n)) for n in range(1000)]
    """
    before = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if before:
            gc.enable()

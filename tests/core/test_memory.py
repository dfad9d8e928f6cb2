"""The collector of cycles rests for a while."""

from __future__ import annotations

import gc
from contextlib import suppress

from middlemost.core.memory import uncollected


def test_the_collector_is_afterwards_as_it_was_before_whatever_happens() -> None:
    with suppress(ZeroDivisionError), uncollected():
        assert not gc.isenabled()
        raise ZeroDivisionError
    assert gc.isenabled()
    gc.disable()
    try:
        with uncollected():
            pass
        assert not gc.isenabled()
    finally:
        gc.enable()

"""What every test may use."""

from __future__ import annotations

import os
import socket
from contextlib import closing
from pathlib import Path

import pytest
from hypothesis import settings

# A busy machine is no mistake of the code: how long an example takes is for the benchmarks.
settings.register_profile("untimed", deadline=None)
settings.load_profile("untimed")

ROOT = Path(__file__).parent.parent


@pytest.fixture(scope="session")
def shared() -> Path:
    """The folder of development data beside the checkout; a test that needs it is skipped where it is absent."""
    folder = Path(os.environ.get("MIDDLEMOST_TEST_DATA", ROOT.parent / "shared"))
    if not (folder / "data").is_dir():
        pytest.skip("needs the development data (MIDDLEMOST_TEST_DATA)")
    return folder


@pytest.fixture
def free_port() -> int:
    """A port of 127.0.0.1 on which nothing listens."""
    with closing(socket.socket()) as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])

"""The server as a user starts it: its own process, spoken to over HTTP alone."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from middlemost.errors import StateError


@dataclass(frozen=True)
class Running:
    """A server that answers at `url`; `owner_link` signs its owner in, once; None when an owner has joined before."""

    url: str
    owner_link: str | None
    process: subprocess.Popen[str]


@contextmanager
def running(folder: Path, port: int, *, database: str | None = None) -> Iterator[Running]:
    """Serve `folder` until the block ends, on the database of this URL. StateError if the server does not start."""
    command = [sys.executable, "-m", "middlemost", "serve", str(folder), "--port", str(port), "--json"]
    environment = {**os.environ, **({"MIDDLEMOST_DATABASE_URL": database} if database else {})}
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=environment)  # noqa: S603
    try:
        line = process.stdout.readline() if process.stdout else ""
        if not line:
            raise StateError("The server did not start.", mend="Its own message stands above.")
        said = json.loads(line)
        yield Running(said["url"], said["owner_link"], process)
    finally:
        process.terminate()
        try:
            process.wait(timeout=10)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
        if process.stdout:
            process.stdout.close()

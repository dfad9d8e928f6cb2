"""`serve`: server and background work in one process, until it is told to stop."""

from __future__ import annotations

import errno
import gc
import signal
import socket
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from types import FrameType

import uvicorn

from middlemost.errors import SettingError, StateError
from middlemost.project.folder import Project
from middlemost.project.people import owner_invite
from middlemost.web.app import create_app
from middlemost.web.provider import Provider, Settings
from middlemost.web.security import allowed_hosts, is_loopback

GRACE_SECONDS = 5
STOP_SIGNALS = (signal.SIGINT, signal.SIGTERM)


@dataclass(frozen=True)
class Address:
    """Where the server answers. `owner_link` signs the owner in, once; None when an owner has joined before."""

    url: str
    owner_link: str | None = None


def serve(
    folder: Path | str,
    host: str = "127.0.0.1",
    port: int = 8000,
    announce: Callable[[Address], None] = lambda _: None,
    *,
    database: str | None = None,
    provider: Settings | None = None,
) -> None:
    """Serve the project in `folder` until SIGINT or SIGTERM. `database`: see `Project.open`.

    `provider`: by whose accounts people can sign in too.

    `announce` is called once, when the server answers. Port 0 takes a free one. StateError if the port is in use or not
    ours to take; what `Project.open` raises if the folder is not a project.
    """
    listener = listen(host, port)
    try:
        with Project.open(Path(folder), database=database) as project:
            token = owner_invite(project)
            url = url_of(host, listener)
            address = Address(url, f"{url}/join/{token}" if token else None)
            vouching = provider_at(provider, host, url)
            server_of(project, host, lambda: _begun(address, announce), vouching).run(sockets=[listener])
    finally:
        listener.close()


def _begun(address: Address, announce: Callable[[Address], None]) -> None:
    """What is there by now stays: the collector need not look through it while raters wait.

    Where many rows are read beside the requests, as for an export, that took some 70 ms each time.
    """
    gc.freeze()
    gc.enable()
    announce(address)


@contextmanager
def serving(
    project: Project, host: str = "127.0.0.1", port: int = 0, *, provider: Settings | None = None
) -> Iterator[str]:
    """The same in a thread of this process for as long as the block lasts; gives the server's address."""
    listener = listen(host, port)
    started, url = threading.Event(), url_of(host, listener)
    try:
        server = server_of(project, host, started.set, provider_at(provider, host, url))
        thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]}, name="server")
        thread.start()
        try:
            while not started.wait(0.05):
                if not thread.is_alive():
                    raise StateError("The server did not start.")
            yield url
        finally:
            server.should_exit = True
            thread.join()
    finally:
        listener.close()


def provider_at(settings: Settings | None, host: str, url: str) -> Provider | None:
    """The provider that sends browsers back to this server.

    SettingError where others can reach the server and nobody has said by which address: it is never taken from what a
    browser says.
    """
    if settings is None:
        return None
    if settings.base is None and not is_loopback(host):
        mend = "Say it in MIDDLEMOST_URL: https://labels.example.org"
        raise SettingError("A provider has to know at which address browsers reach this server.", mend=mend)
    return Provider(settings, settings.base or url)


def server_of(project: Project, host: str, started: Callable[[], None], provider: Provider | None = None) -> Server:
    """The server of `project`; `started` is called when it answers."""
    # The event loop and the thread that writes share the interpreter lock: shorter turns, quicker answers.
    sys.setswitchinterval(0.0005)
    config = uvicorn.Config(
        create_app(project, hosts=allowed_hosts(host), provider=provider),
        log_level="warning",
        access_log=False,
        server_header=False,
        ws="none",
        lifespan="on",
        timeout_graceful_shutdown=GRACE_SECONDS,
    )
    return Server(config, started)


class Server(uvicorn.Server):
    """Uvicorn, told when it has started, and ending in peace: a signal to stop is not passed on once it is obeyed."""

    def __init__(self, config: uvicorn.Config, started: Callable[[], None]) -> None:
        super().__init__(config)
        self._tell = started

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Begin to answer."""
        await super().startup(sockets)
        self._tell()

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Let the signals stop the server, and give them back to whoever had them."""
        if threading.current_thread() is not threading.main_thread():
            yield
            return
        before = {one: signal.signal(one, self._stop) for one in STOP_SIGNALS}
        try:
            yield
        finally:
            for one, handler in before.items():
                signal.signal(one, handler)

    def _stop(self, sig: int, frame: FrameType | None) -> None:
        self.handle_exit(sig, frame)


def listen(host: str, port: int) -> socket.socket:
    """A socket that listens. StateError with a mend where the address cannot be had."""
    if not 0 <= port <= 65535:
        raise SettingError(f"{port} is not a port.", mend="Ports go from 1 to 65535; 0 takes a free one.")
    try:
        listener = socket.create_server((host, port), family=_family(host), backlog=2048)
    except (OSError, UnicodeError) as error:
        raise _explain(error, host, port) from None
    # Handed down to each connection: asyncio sets it only on sockets that name their protocol, and without it every
    # answer waits 40 ms for an acknowledgement.
    listener.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    return listener


def url_of(host: str, listener: socket.socket) -> str:
    """The address to open in a browser on this machine."""
    port = listener.getsockname()[1]
    name = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(host, host)  # noqa: S104 - compared, not bound
    return f"http://[{name}]:{port}" if ":" in name else f"http://{name}:{port}"


def _family(host: str) -> socket.AddressFamily:
    return socket.AF_INET6 if ":" in host else socket.AF_INET


def _explain(error: Exception, host: str, port: int) -> StateError:
    code = error.errno if isinstance(error, OSError) else None
    if code == errno.EADDRINUSE:
        mend = f"Stop what uses it, or take another one: --port {port + 1 if port < 65535 else 8000}."
        return StateError(f"Port {port} on {host} is in use.", mend=mend)
    if code == errno.EACCES:
        return StateError(f"Port {port} may not be taken by this user.", mend="Ports above 1023 may: --port 8000.")
    mend = "127.0.0.1 is reached from this machine alone, 0.0.0.0 from others too."
    return StateError(f"The server cannot listen on {host}, port {port}: {error}.", mend=mend)

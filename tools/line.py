"""A line to a server on this machine that is as slow, and as bad, as it is told: for tests and benchmarks."""

from __future__ import annotations

import asyncio
import random
import threading
from collections import Counter
from contextlib import suppress
from types import TracebackType
from urllib.parse import urlsplit


class Line:
    """Passes on to the server at `url` whatever comes to the address `self.url`, until it is closed.

    `delay`: seconds that everything takes, each way. `piece`: so many bytes come at most at once, `pause` seconds
    apart. `cuts`: the share of what is passed on in the middle of which the connection breaks; `broken` counts them,
    those on the way "up" to the server and those on the way "down". All of them can be changed while it runs.
    """

    def __init__(self, url: str, *, delay: float = 0, piece: int = 65536, pause: float = 0, cuts: float = 0) -> None:
        self.delay, self.piece, self.pause, self.cuts = delay, piece, pause, cuts
        self.broken: Counter[str] = Counter()
        self._server, self._dice = urlsplit(url), random.Random(20261123)  # noqa: S311
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, name="line")
        self._tasks: set[asyncio.Task[None]] = set()

    async def _connect(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None  # noqa: S101
        self._tasks.add(task)
        lines = [writer]
        with suppress(OSError, asyncio.CancelledError):
            await asyncio.sleep(2 * self.delay)  # opening a connection is a journey there and back
            there, back = await asyncio.open_connection(self._server.hostname, self._server.port)
            lines.append(back)
            await asyncio.gather(self._pass(reader, back, lines, "up"), self._pass(there, writer, lines, "down"))
        for one in lines:
            one.close()
        self._tasks.discard(task)

    async def _pass(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, lines: list[asyncio.StreamWriter], way: str
    ) -> None:
        """Read on while what was read before is on its way: a delay is not a narrow line."""
        queue: asyncio.Queue[tuple[float, bytes]] = asyncio.Queue()
        delivery = asyncio.ensure_future(self._deliver(queue, writer, lines, way))
        try:
            while data := await reader.read(self.piece):
                queue.put_nowait((self._loop.time() + self.delay, data))
                await asyncio.sleep(self.pause)
            queue.put_nowait((self._loop.time() + self.delay, b""))
            await delivery
        finally:
            delivery.cancel()

    async def _deliver(
        self,
        queue: asyncio.Queue[tuple[float, bytes]],
        writer: asyncio.StreamWriter,
        lines: list[asyncio.StreamWriter],
        way: str,
    ) -> None:
        with suppress(OSError):
            while True:
                due, data = await queue.get()
                await asyncio.sleep(max(0.0, due - self._loop.time()))
                if not data:
                    return writer.close()
                if self._dice.random() < self.cuts:
                    return self._break(writer, lines, data, way)
                writer.write(data)
                await writer.drain()

    def _break(self, writer: asyncio.StreamWriter, lines: list[asyncio.StreamWriter], data: bytes, way: str) -> None:
        """Pass on a part, and no more: neither side is told why."""
        self.broken[way] += 1
        writer.write(data[: self._dice.randrange(len(data))])
        for one in lines:
            one.close()

    def __enter__(self) -> Line:
        self._thread.start()
        started = asyncio.run_coroutine_threadsafe(asyncio.start_server(self._connect, "127.0.0.1", 0), self._loop)
        self._listening = started.result(10)
        self.url = f"http://127.0.0.1:{self._listening.sockets[0].getsockname()[1]}"
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        asyncio.run_coroutine_threadsafe(self._end(), self._loop).result(10)
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()

    async def _end(self) -> None:
        self._listening.close()
        for task in list(self._tasks):
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        await asyncio.sleep(0.05)

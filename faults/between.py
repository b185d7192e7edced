"""A line between the platform and a server it stands on, that can be cut and slowed down and can swallow everything."""

from __future__ import annotations

import asyncio
import threading
from contextlib import suppress
from dataclasses import dataclass, field
from enum import Enum

SECONDS = 10.0
BYTES = 65_536


class Way(Enum):
    """What the line does with what it is given."""

    FINE = "fine"
    SLOW = "200 ms later"
    DRIP = "a byte each 10 ms"
    SILENT = "swallowed"
    CUT = "cut"
    REFUSED = "refused"


@dataclass
class Line:
    """Listens on a port of its own in a thread of its own; `to` is a port, or the path of a socket.

    The way may be changed at any time, for what is on the line too. TCP itself always goes on: what is swallowed is
    acknowledged first, so that no limit of TCP ever helps who waits for an answer.
    """

    to: int | str
    port: int = 0
    way: Way = Way.FINE
    taken: int = 0  # connections
    loop: asyncio.AbstractEventLoop = field(default_factory=asyncio.new_event_loop)
    open: set[asyncio.StreamWriter] = field(default_factory=set)
    server: asyncio.Server | None = None

    def __enter__(self) -> Line:
        self.thread = threading.Thread(target=self.loop.run_forever, name="line", daemon=True)
        self.thread.start()
        self._do(self._listen())
        return self

    def __exit__(self, *_: object) -> None:
        self.way = Way.REFUSED
        self._do(self._close())
        self.loop.call_soon_threadsafe(self.loop.stop)
        self.thread.join(SECONDS)
        self.loop.close()

    def be(self, way: Way) -> None:
        """From now on. A line that is cut or refused loses what is on it; one that is not refused any more listens."""
        self.way = way
        self._do(self._change())

    def _do(self, work: object) -> None:
        asyncio.run_coroutine_threadsafe(work, self.loop).result(SECONDS)  # type: ignore[arg-type]  # always one of ours

    async def _change(self) -> None:
        if self.way in (Way.CUT, Way.REFUSED):
            for writer in list(self.open):
                writer.transport.abort()
        if self.way is Way.REFUSED:
            await self._close()
        elif self.server is None:
            await self._listen()

    async def _listen(self) -> None:
        self.server = await asyncio.start_server(self._serve, "127.0.0.1", self.port)
        self.port = self.server.sockets[0].getsockname()[1]

    async def _close(self) -> None:
        if self.server:
            self.server.close()
            self.server = None
        for writer in list(self.open):
            writer.transport.abort()
        others = [task for task in asyncio.all_tasks() if task is not asyncio.current_task()]
        await asyncio.wait(others, timeout=SECONDS) if others else None

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.taken += 1
        self.open.add(writer)
        try:
            if self.way is Way.CUT:
                return
            if isinstance(self.to, int):
                there, away = await asyncio.open_connection("127.0.0.1", self.to)
            else:
                there, away = await asyncio.open_unix_connection(self.to)
            self.open.add(away)
            await asyncio.gather(self._carry(reader, away), self._carry(there, writer))
            self.open.discard(away)
        except OSError:
            return
        finally:
            self.open.discard(writer)
            writer.transport.abort()

    async def _carry(self, source: asyncio.StreamReader, target: asyncio.StreamWriter) -> None:
        """What comes from one side goes to the other by the way of the moment."""
        with suppress(OSError):
            while data := await source.read(BYTES):
                await self._pass_on(data, target)
        target.transport.abort()

    async def _pass_on(self, data: bytes, target: asyncio.StreamWriter) -> None:
        for first in range(0, len(data), 1) if self.way is Way.DRIP else (0,):
            if self.way is Way.SILENT:
                return
            if self.way in (Way.SLOW, Way.DRIP):
                await asyncio.sleep(0.2 if self.way is Way.SLOW else 0.01)
            part = data[first : first + 1] if self.way is Way.DRIP else data[first:]
            target.write(part)
            await target.drain()
            if self.way is not Way.DRIP:
                return

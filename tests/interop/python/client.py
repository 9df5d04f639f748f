"""Connections of the library that note what it reports on its own."""
from __future__ import annotations

import asyncio
from typing import Any

from nats.aio.client import Client
from nats.aio.msg import Msg
from nats.aio.subscription import Subscription

from server import DEADLINE, Server


class WatchedClient(Client):
    """The library's client, which also tells of PING and PONG; it has no public way to."""

    def __init__(self) -> None:
        super().__init__()
        self.pinged: asyncio.Queue[None] = asyncio.Queue()
        self.ponged: asyncio.Queue[None] = asyncio.Queue()

    async def _process_ping(self) -> None:
        await super()._process_ping()
        self.pinged.put_nowait(None)

    async def _process_pong(self) -> None:
        await super()._process_pong()
        self.ponged.put_nowait(None)


class Connection:
    """A connection and its events: a queue for each kind. It retries fast after a restart of the server."""

    def __init__(self) -> None:
        self.nc = WatchedClient()
        self.errors: asyncio.Queue[Exception] = asyncio.Queue()
        self.disconnected: asyncio.Queue[None] = asyncio.Queue()
        self.reconnected: asyncio.Queue[None] = asyncio.Queue()
        self.closed: asyncio.Queue[None] = asyncio.Queue()
        self.lame_duck: asyncio.Queue[None] = asyncio.Queue()

    async def open(self, *servers: Server | str, **options: Any) -> Connection:
        quick = {"connect_timeout": DEADLINE, "reconnect_time_wait": 0.01, "max_reconnect_attempts": -1}
        connecting = self.nc.connect(
            servers=[s if isinstance(s, str) else s.url for s in servers], error_cb=self.errors.put,
            disconnected_cb=self._note(self.disconnected), reconnected_cb=self._note(self.reconnected),
            closed_cb=self._note(self.closed), lame_duck_mode_cb=self._note(self.lame_duck), **{**quick, **options})
        try:
            await asyncio.wait_for(connecting, DEADLINE)
        except asyncio.TimeoutError:  # it tries again for ever
            raise AssertionError(f"not connected: {self.nc.last_error!r}") from None
        return self

    @staticmethod
    def _note(queue: asyncio.Queue[None]):
        async def note() -> None:
            queue.put_nowait(None)
        return note

    async def close(self) -> None:
        if not self.nc.is_closed:
            await self.nc.close()

    # -- a step with its deadline ---------------------------------------------------------------------------------
    async def subscribe(self, subject: str, queue: str = "", **options: Any) -> Subscription:
        """Returns when the server knows the subscription."""
        sub = await self.nc.subscribe(subject, queue=queue, **options)
        await self.flush()
        return sub

    async def publish(self, subject: str, text: str = "", **options: Any) -> None:
        await self.nc.publish(subject, text.encode(), **options)

    async def flush(self) -> None:
        """Returns when the server has answered to all that was sent. The library's own flush() is not enough: it
        sends PING before what is waiting to be sent."""
        await self.nc._flush_pending(force_flush=True)
        await self.nc.flush(timeout=DEADLINE)

    async def request(self, subject: str, text: str = "", **options: Any) -> Msg:
        return await self.nc.request(subject, text.encode(), timeout=DEADLINE, **options)

    async def exchange(self) -> None:
        """Checks that the connection is of use."""
        sub = await self.subscribe(self.nc.new_inbox())
        await self.publish(sub.subject, "hello")
        await want_next(sub, "hello")
        await sub.unsubscribe()


async def event(queue: asyncio.Queue[Any]) -> Any:
    """The next event of a kind."""
    return await asyncio.wait_for(queue.get(), DEADLINE)


async def next_message(sub: Subscription) -> Msg:
    return await sub.next_msg(timeout=DEADLINE)


async def want_next(sub: Subscription, *texts: str) -> None:
    for text in texts:
        m = await next_message(sub)
        assert m.data.decode() == text, f"on {m.subject}"


def want_no_more(sub: Subscription) -> None:
    """Relies on order: what was meant for the subscription came before a flush was answered."""
    assert sub.pending_msgs == 0


async def refused(server: Server, **options: Any) -> Exception:
    """The error with which a connection is not had."""
    once = {"connect_timeout": DEADLINE, "allow_reconnect": False, "max_reconnect_attempts": 1,
            "reconnect_time_wait": 0.01}
    connection = Connection()
    try:
        await connection.open(server, **{**once, **options})
    except Exception as error:  # whichever the library chooses
        return error
    finally:
        if connection.nc._transport:
            connection.nc._transport.close()  # the library leaves that to the garbage collector
    raise AssertionError("the connection was accepted")


def numbered(count: int, first: int = 0) -> list[str]:
    return [f"message {i}" for i in range(first, first + count)]


def patterned(size: int) -> bytes:
    """A payload in which no part is like another."""
    out = bytearray(size)
    state = 1
    for i in range(size):
        state = (state * 1664525 + 1013904223) & 0xFFFFFFFF
        out[i] = state >> 24
    return bytes(out)

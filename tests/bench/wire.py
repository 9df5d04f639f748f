"""A bare client: bytes made beforehand go out, bytes that come back are counted.

What it sends is built before any clock starts, so that the server is what takes the time.
"""

import socket
import threading
from collections.abc import Iterable
from typing import Self

TIMEOUT_S = 120.0
READ_BYTES = 1 << 20
CONNECT = b'CONNECT {"verbose":false,"pedantic":false,"lang":"python","version":"1","name":"bench"}\r\n'
PING, PONG = b"PING\r\n", b"PONG\r\n"


class WireFailed(Exception):
    """The server said something else than was expected."""


class Wire:
    """One connection, logged in."""

    def __init__(self, port: int, connect: bytes = CONNECT):
        self._socket = socket.create_connection(("127.0.0.1", port), timeout=TIMEOUT_S)
        self._socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._rest = b""
        if not self._line().startswith(b"INFO "):
            raise WireFailed("no INFO")
        self.send(connect)

    def close(self) -> None:
        self._socket.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def send(self, data: bytes) -> None:
        self._socket.sendall(data)

    def flush(self) -> None:
        """Waits until all that was sent before has been handled; nothing else may come."""
        self.send(PING)
        while (line := self._line()) != PONG:
            if line != PING:
                raise WireFailed(f"the server sent {line[:200]!r}")

    def receive(self, size: int) -> None:
        """Takes so many bytes of messages. PINGs of the server don't count."""
        got, tail = len(self._rest), self._rest
        pings = tail.count(PING)
        room = bytearray(READ_BYTES)
        while got - pings * len(PING) < size:
            count = self._socket.recv_into(room)
            if count == 0:
                raise WireFailed(f"the connection ended after {got} of {size} bytes: {tail[-200:]!r}")
            got += count
            text = tail[1 - len(PING) :] + room[:count]  # a PING may be cut; a whole one is counted once
            pings += text.count(PING)
            tail = text
        if got - pings * len(PING) != size:
            raise WireFailed(f"{got - pings * len(PING)} bytes came, not {size}: {tail[-200:]!r}")
        self._rest = b""

    def _line(self) -> bytes:
        while b"\n" not in self._rest:
            got = self._socket.recv(READ_BYTES)
            if not got:
                raise WireFailed(f"the connection ended: {self._rest[-200:]!r}")
            self._rest += got
        line, _, self._rest = self._rest.partition(b"\n")
        return line + b"\n"


class Crowd:
    """Connections that are there and do nothing."""

    def __init__(self, port: int, count: int):
        self._wires: list[Wire] = []
        try:
            for _ in range(count):
                self._wires.append(Wire(port))
            for wire in self._wires:
                wire.flush()
        except BaseException:
            self.close()
            raise

    def close(self) -> None:
        for wire in self._wires:
            wire.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


def publish_and_receive(publisher: Wire, data: bytes, subscriber: Wire, size: int) -> None:
    """Sends while the other connection takes what it gets; returns when both are done."""
    failures: list[Exception] = []

    def send() -> None:
        try:
            publisher.send(data)
            publisher.flush()
        except (OSError, WireFailed) as error:
            failures.append(error)

    thread = threading.Thread(target=send)
    thread.start()
    try:
        subscriber.receive(size)
    finally:
        thread.join()
    if failures:
        raise failures[0]


def subscriptions(subjects: Iterable[str]) -> bytes:
    """SUB operations; the sids count from 1."""
    return b"".join(b"SUB %s %d\r\n" % (subject.encode(), sid) for sid, subject in enumerate(subjects, 1))


def removals(count: int) -> bytes:
    return b"".join(b"UNSUB %d\r\n" % sid for sid in range(1, count + 1))


def publications(subjects: Iterable[str], payload: bytes) -> bytes:
    end = b" %d\r\n%s\r\n" % (len(payload), payload)
    return b"".join(b"PUB " + subject.encode() + end for subject in subjects)


def delivery_bytes(subject: str, sid: int, payload: bytes) -> int:
    """How long a message is on its way to a subscriber."""
    return len(f"MSG {subject} {sid} {len(payload)}\r\n") + len(payload) + 2

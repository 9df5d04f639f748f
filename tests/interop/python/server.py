"""Start and stop the server under test, which $NATSD names."""
from __future__ import annotations

import asyncio
import os
import random
import signal
import socket
import subprocess
import time
from pathlib import Path

# How long a test waits for anything that should happen, in seconds.
DEADLINE = 10.0


class Server:
    """One server process on a free port of loopback, with these lines in its configuration file beside the address.
    Its files are called after its port."""

    def __init__(self, *config: str) -> None:
        self.port = free_port()
        self.base = Path(setting("INTEROP_DIR")) / f"python-{self.port}"
        self.configure(*config)
        self.start()

    def configure(self, *config: str) -> None:
        """Write the configuration file for the next start."""
        text = "\n".join([f'listen: "127.0.0.1:{self.port}"', *config, ""])
        self.base.with_suffix(".conf").write_text(text)

    def start(self) -> None:
        """Run the server; it accepts connections on return, and dies with the tests should they be killed."""
        with open(self.base.with_suffix(".log"), "ab") as log:
            self.process = subprocess.Popen(
                ["setpriv", "--pdeathsig", "KILL", "--", setting("NATSD"), "-c", self.base.with_suffix(".conf")],
                stdin=subprocess.DEVNULL, stdout=log, stderr=log)
        self._await_ready()

    def _await_ready(self) -> None:
        end = time.monotonic() + DEADLINE
        while time.monotonic() < end:
            try:
                socket.create_connection(("127.0.0.1", self.port), timeout=DEADLINE).close()
                return
            except OSError:
                pass
            try:
                self.process.wait(timeout=0.01)
            except subprocess.TimeoutExpired:
                continue
            raise AssertionError(f"the server ended while starting:\n{self.log()}")
        raise AssertionError(f"the server is not ready after {DEADLINE} s:\n{self.log()}")

    async def stop(self) -> None:
        """End the server as an operator does, unless it has ended. Connections see it happen."""
        if self.process.poll() is None:
            self.signal(signal.SIGTERM)
            await self.await_exit()

    async def kill(self) -> None:
        """Leave the server no time for anything."""
        self.signal(signal.SIGKILL)
        await asyncio.to_thread(self.process.wait, timeout=DEADLINE)

    def signal(self, number: signal.Signals) -> None:
        self.process.send_signal(number)

    async def await_exit(self) -> None:
        """Wait for an end in good order."""
        status = await asyncio.to_thread(self.process.wait, timeout=DEADLINE)
        assert status == 0, f"the server ended badly:\n{self.log()}"

    @property
    def address(self) -> str:
        return f"127.0.0.1:{self.port}"

    @property
    def url(self) -> str:
        return f"nats://{self.address}"

    def log(self) -> str:
        return self.base.with_suffix(".log").read_text(errors="replace")


def setting(name: str) -> str:
    value = os.environ.get(name)
    assert value, f"no {name}: start the tests with tests/interop/python/run"
    return value


def free_port() -> int:
    """A port below those the system gives to outgoing connections, because a client that tries to reconnect to a
    port nobody listens on could be given that very port and meet itself."""
    for _ in range(1000):
        port = random.randrange(10_000, 32_000)
        with socket.socket() as s:
            s.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                s.bind(("127.0.0.1", port))
            except OSError:
                continue
            return port
    raise AssertionError("no free port")

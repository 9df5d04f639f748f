"""The servers that are compared: started fresh, waited for, and ended again."""

import json
import re
import socket
import subprocess
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Self

NATSD, REFERENCE, FLOOR = "natsd", "reference", "floor"
START_MAX_S = 10.0
STOP_MAX_S = 10.0
POLL_S = 0.005

# The same file for both servers. Nothing in it is a default that only one of them has; idle clients are
# asked for a sign of life so rarely that no measurement sees it.
CONFIG = """\
host: "127.0.0.1"
port: {port}
ping_interval: "10m"
"""
TLS = 'tls {{ cert_file: "{folder}/server.pem", key_file: "{folder}/server-key.pem" }}\n'

# What a server complains of in its log. A run in which it does so proves nothing.
# (A probe for readiness is a TLS handshake that ends early.)
COMPLAINT = re.compile(
    r"\[(?:ERR|FTL)\](?!.*TLS handshake error: EOF).*|.*(?:[Ss]low [Cc]onsumer|panic:|assertion|Assertion).*"
)


class ServerFailed(Exception):
    """It did not start, did not stop, or complained."""


@dataclass(frozen=True)
class Program:
    """How a server is started."""

    name: str  # in the results
    kind: str  # natsd, reference, floor
    path: Path
    arguments: tuple[str, ...] = ()
    cores: tuple[int, ...] = ()  # that it may use; all of them when empty

    def command(self, port: int, config: Path) -> list[str]:
        pinned = ["taskset", "-c", ",".join(map(str, self.cores))] if self.cores else []
        if self.kind == FLOOR:  # it knows a port and nothing else
            return [*pinned, str(self.path), str(port)]
        return [*pinned, str(self.path), "-c", str(config), *self.arguments]


def free_port() -> int:
    """One that nothing listened on a moment ago."""
    with socket.create_server(("127.0.0.1", 0)) as held:
        port: int = held.getsockname()[1]
    return port


class Server:
    """One process on loopback, with a folder of its own, while the block lasts."""

    def __init__(self, program: Program, pki: Path | None = None, more: str = ""):
        """`more` is added to the configuration."""
        self.program = program
        self.port = free_port()
        self.url = f"{'tls' if pki else 'nats'}://127.0.0.1:{self.port}"
        self.ca = pki / "ca.pem" if pki else None
        self._more = (TLS.format(folder=pki) if pki else "") + more
        self._folder = tempfile.TemporaryDirectory(prefix="natsd-bench-")
        self._log = Path(self._folder.name) / "log"

    def __enter__(self) -> Self:
        config = self.config = Path(self._folder.name) / "server.conf"
        config.write_text(CONFIG.format(port=self.port) + self._more)
        with open(self._log, "wb") as log:
            self.process = subprocess.Popen(
                self.program.command(self.port, config), stdin=subprocess.DEVNULL, stdout=log, stderr=log
            )
        try:
            self._wait_until_ready()
        except BaseException:
            self._end()
            raise
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._end()

    @property
    def pid(self) -> int:
        return self.process.pid

    def complaints(self) -> list[str]:
        """Lines of its log that make what was measured worthless."""
        return [found.group() for found in COMPLAINT.finditer(self._log_text())]

    def _wait_until_ready(self) -> None:
        deadline = time.monotonic() + START_MAX_S
        while time.monotonic() < deadline:
            status = self.process.poll()
            if status is not None:
                raise ServerFailed(f"{self.program.name} ended with status {status}: {self._log_text()}")
            if self._sends_info():
                return
            time.sleep(POLL_S)
        raise ServerFailed(f"{self.program.name} was not ready within {START_MAX_S:g} s: {self._log_text()}")

    def _log_text(self) -> str:
        return self._log.read_text(errors="replace").strip()

    def _sends_info(self) -> bool:
        try:
            with socket.create_connection(("127.0.0.1", self.port), timeout=1) as probe:
                line = probe.makefile("rb").readline()
        except OSError:
            return False
        return line.startswith(b"INFO ") and "server_id" in json.loads(line[5:])

    def _end(self) -> None:
        """Ends this process and no other: asked to first, then made to."""
        if self.process.poll() is None:
            self.process.terminate()
        try:
            self.process.wait(STOP_MAX_S)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait(STOP_MAX_S)
        self._folder.cleanup()

"""Where a measurement takes place, and the meter that stands beside the server."""

from abc import ABC, abstractmethod
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import process_use
from servers import Server

Values = dict[str, float]  # by the key of a metric


class Invalid(Exception):
    """The run did not do what was asked: its numbers mean nothing."""


@dataclass(frozen=True)
class Tools:
    """The programs that make load, and where they may run."""

    natsctl: Path
    loopback: Path
    cores: tuple[int, ...] = ()  # of the load; all of them when empty

    def pinned(self, *command: str | Path) -> list[str]:
        prefix = ["taskset", "-c", ",".join(map(str, self.cores))] if self.cores else []
        return [*prefix, *map(str, command)]


@dataclass
class Stage:
    """A fresh server, and how much of everything is asked for (1: all)."""

    server: Server
    tools: Tools
    scale: float
    notes: list[str] = field(default_factory=list)  # what a reader of the numbers should know

    def scaled(self, count: int, parts: int = 1) -> int:
        """As many as are wanted, evenly divisible among the parts."""
        return max(round(count * self.scale / parts), 1) * parts


class Scene(ABC):
    """What happens to a server in one run."""

    has_tls: bool = False

    @abstractmethod
    def run(self, stage: Stage) -> Values:
        """Makes the load, and returns what it measured."""

    def connections(self, scale: float) -> int:
        """How many there are at once, where that is more than a process usually may have."""
        return 0

    def limit(self, tools: Tools) -> Values:
        """The same numbers as far as the machine's loopback alone tells them."""
        return {}


@dataclass
class Used:
    """What the server used while the meter ran."""

    cpu_ns: int = 0
    busiest_thread_ns: int = 0


@contextmanager
def meter(pid: int) -> Iterator[Used]:
    """Measures the server from rest to rest."""
    used = Used()
    cpu = process_use.settled_cpu_ns(pid)
    threads = process_use.thread_cpu_ns(pid)
    yield used
    used.cpu_ns = process_use.settled_cpu_ns(pid) - cpu
    used.busiest_thread_ns = process_use.busiest_thread_ns(threads, process_use.thread_cpu_ns(pid))

"""Messages on their way: publishers, subscribers, requests."""

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass

import process_use
from crowds import insert, other_subjects
from load import Result, bench, expect, loopback
from measure import Scene, Stage, Tools, Used, Values, meter
from wire import Crowd, Wire

SUBJECT = "bench"
WARM_UP = 0.2  # of the load, before anything is measured
WRITE_BYTES = 96 << 10  # about what natsctl gives to the kernel at once
LOOPBACK_SECONDS = 0.5  # how long the loopback is looked at, roughly
LOOPBACK_BYTES_PER_S = 2e9  # roughly


@dataclass(frozen=True)
class Flow(Scene):
    """Publishers that send as fast as they can, and subscribers that all keep up.

    A message counts when it is delivered; without subscribers, when it is published.
    """

    size: int
    msgs: int  # published, by all publishers together
    pubs: int = 1
    subs: int = 1
    queue: str = ""
    has_own_subjects: bool = False  # each publisher one, with a subscriber of its own
    rate: int = 0  # messages per second; 0: as fast as it goes. With one, latency is what counts
    has_tls: bool = False
    idle_connections: int = 0  # beside it
    other_subscriptions: int = 0  # that match nothing
    is_divided: bool = False  # among the threads of the server, of which the busiest one is looked at

    def run(self, stage: Stage) -> Values:
        msgs = stage.scaled(self.msgs, self.pubs)
        with beside(stage, self.idle_connections, self.other_subscriptions):
            self._load(stage, max(round(msgs * WARM_UP / self.pubs), 1) * self.pubs)
            with meter(stage.server.pid) as used:
                result = self._load(stage, msgs)
            rss = process_use.rss_bytes(stage.server.pid)
        return self._values(result, used) | {"rss": rss}

    def connections(self, scale: float) -> int:
        return self.idle_connections

    def limit(self, tools: Tools) -> Values:
        """Messages per second of which the bytes alone would fill the loopback."""
        if self.rate or self.has_tls:
            return {}
        found = loopback(tools, "stream", max(WRITE_BYTES, self.size), round(LOOPBACK_SECONDS * LOOPBACK_BYTES_PER_S))
        return {"throughput": found["bytes_per_sec"] / self.bytes_per_count()}

    def copies(self) -> int:
        """Deliveries of each message."""
        return 1 if self.queue or self.has_own_subjects else self.subs

    def bytes_per_count(self) -> float:
        """What crosses the loopback for a message that counts: its way to the server and from there."""
        published = len(f"PUB {SUBJECT} {self.size}\r\n") + self.size + 2
        delivered = len(f"MSG {SUBJECT} 1 {self.size}\r\n") + self.size + 2
        return published if self.subs == 0 else delivered + published / self.copies()

    def _load(self, stage: Stage, msgs: int) -> Result:
        result = bench(stage, *self.arguments(msgs))
        if self.subs > 0:
            expect(result.roles["publisher"], msgs)
        expect(result.total, msgs * max(self.copies(), 1))
        return result

    def arguments(self, msgs: int) -> list[str]:
        """Of natsctl bench."""
        common = [SUBJECT, "--msgs", str(msgs), "--size", f"{self.size}B"]
        if self.subs == 0:
            return ["pub", *common, "--clients", str(self.pubs)]
        clients = ["--pubs", str(self.pubs), "--subs", str(self.subs)]
        queue = ["--queue", self.queue] if self.queue else []
        own = ["--own-subjects"] if self.has_own_subjects else []
        rate = ["--throughput", str(self.rate)] if self.rate else []
        return ["pubsub", *common, *clients, *queue, *own, *rate]

    def _values(self, result: Result, used: Used) -> Values:
        total = result.total
        values = {"cpu": used.cpu_ns / total.msgs}
        if self.rate:
            return values | {key: total.latency_ns[key] for key in ("p50", "p99", "p999")}
        values["throughput"] = total.msgs_per_sec
        if self.is_divided:
            values["capacity"] = total.msgs / used.busiest_thread_ns * 1e9
        return values


@contextmanager
def beside(stage: Stage, connections: int, subscriptions: int) -> Iterator[None]:
    """Others that are there meanwhile, and have nothing to do with it."""
    with ExitStack() as stack:
        if connections:
            stack.enter_context(Crowd(stage.server.port, connections))
        if subscriptions:
            wire = stack.enter_context(Wire(stage.server.port))
            insert(wire, other_subjects(subscriptions))
        yield

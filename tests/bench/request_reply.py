"""Requests and their answers; and connections, of which each asks for nothing but an answer to its PING."""

from dataclasses import dataclass

import process_use
from flows import SUBJECT, WARM_UP
from load import Result, bench, expect, loopback
from measure import Scene, Stage, Tools, Values, meter

PERCENTILES = ("p50", "p99", "p999")
HOPS = 2  # round trips on the loopback that a request takes: to the server and from there, and back
LOOPBACK_TRIPS = 20_000


@dataclass(frozen=True)
class Requests(Scene):
    """Requesters with one request under way each, and one client that answers with what it was sent."""

    size: int
    msgs: int  # of all requesters together
    requesters: int = 1

    def run(self, stage: Stage) -> Values:
        msgs = stage.scaled(self.msgs, self.requesters)
        self._load(stage, stage.scaled(round(self.msgs * WARM_UP), self.requesters))
        with meter(stage.server.pid) as used:
            total = self._load(stage, msgs).total
        latencies = {key: total.latency_ns[key] for key in PERCENTILES}
        rss = process_use.rss_bytes(stage.server.pid)
        return {"cpu": used.cpu_ns / msgs, "throughput": total.msgs_per_sec, **latencies, "rss": rss}

    def limit(self, tools: Tools) -> Values:
        """What one request after the other would take with nobody in between."""
        if self.requesters > 1:
            return {}
        found = loopback(tools, "echo", self.size, LOOPBACK_TRIPS)
        return {"throughput": found["count"] / found["seconds"] / HOPS, "p50": found["p50"] * HOPS}

    def _load(self, stage: Stage, msgs: int) -> Result:
        clients = ["--clients", str(self.requesters), "--responders", "1"]
        result = bench(stage, "request", SUBJECT, "--msgs", str(msgs), "--size", f"{self.size}B", *clients)
        expect(result.total, msgs)
        return result


@dataclass(frozen=True)
class ConnectionRate(Scene):
    """Connections made as fast as the server takes them."""

    count: int

    def connections(self, scale: float) -> int:
        return round(self.count * scale)

    def run(self, stage: Stage) -> Values:
        count = stage.scaled(self.count)
        self._load(stage, max(round(count * WARM_UP), 1))
        with meter(stage.server.pid) as used:
            total = self._load(stage, count).total
        return {
            "cpu_connect": used.cpu_ns / count,
            "connect_rate": count / total.seconds,
            "seconds_connect": total.seconds,
        }

    def _load(self, stage: Stage, count: int) -> Result:
        result = bench(stage, "connect", "--clients", str(count))
        expect(result.total, count)
        return result

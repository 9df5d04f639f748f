"""What is measured, and how it is written."""

from dataclasses import dataclass
from enum import Enum


class Unit(Enum):
    NANOSECONDS = "ns"
    SECONDS = "s"
    BYTES = "B"
    PER_SECOND = "/s"


@dataclass(frozen=True)
class Metric:
    key: str  # in the raw results
    title: str
    unit: Unit
    section: str  # of the document
    is_better_high: bool = False


CPU, THROUGHPUT, LATENCY, MEMORY, TIME, WORKERS = (
    "CPU time of the server",
    "Throughput",
    "Latency",
    "Memory",
    "Time taken",
    "Workers",
)
SECTIONS = (CPU, THROUGHPUT, LATENCY, MEMORY, TIME, WORKERS)

METRICS = {
    metric.key: metric
    for metric in (
        Metric("cpu", "CPU per message", Unit.NANOSECONDS, CPU),
        Metric("cpu_connect", "CPU per connection", Unit.NANOSECONDS, CPU),
        Metric("cpu_insert", "CPU to insert one", Unit.NANOSECONDS, CPU),
        Metric("cpu_match", "CPU to match one", Unit.NANOSECONDS, CPU),
        Metric("cpu_remove", "CPU to remove one", Unit.NANOSECONDS, CPU),
        Metric("throughput", "messages", Unit.PER_SECOND, THROUGHPUT, True),
        Metric("connect_rate", "connections", Unit.PER_SECOND, THROUGHPUT, True),
        Metric("p50", "p50", Unit.NANOSECONDS, LATENCY),
        Metric("p99", "p99", Unit.NANOSECONDS, LATENCY),
        Metric("p999", "p99.9", Unit.NANOSECONDS, LATENCY),
        Metric("rss_idle", "RSS without clients", Unit.BYTES, MEMORY),
        Metric("rss", "RSS after the load", Unit.BYTES, MEMORY),
        Metric("rss_connection", "RSS per connection", Unit.BYTES, MEMORY),
        Metric("rss_subscription", "RSS per subscription", Unit.BYTES, MEMORY),
        Metric("seconds_connect", "time to connect", Unit.SECONDS, TIME),
        Metric("seconds_insert", "time to insert", Unit.SECONDS, TIME),
        Metric("seconds_match", "time to match", Unit.SECONDS, TIME),
        Metric("seconds_remove", "time to remove", Unit.SECONDS, TIME),
        Metric("capacity", "capacity (busiest thread)", Unit.PER_SECOND, WORKERS, True),
    )
}

_STEPS = {
    Unit.NANOSECONDS: ((1e9, "s"), (1e6, "ms"), (1e3, "µs"), (1, "ns")),
    Unit.SECONDS: ((1, "s"), (1e-3, "ms")),
    Unit.BYTES: ((1 << 30, "GiB"), (1 << 20, "MiB"), (1 << 10, "KiB"), (1, "B")),
    Unit.PER_SECOND: ((1e6, "M/s"), (1e3, "k/s"), (1, "/s")),
}


def three_digits(value: float) -> str:
    """1234 as it is, 12.3, 0.123."""
    if abs(value) >= 100:
        return f"{value:.0f}"
    return f"{value:.1f}" if abs(value) >= 10 else f"{value:.2f}"


def ratio_text(value: float) -> str:
    """0.253, 1.02, 12.3."""
    return f"{value:.3g}" if abs(value) < 1000 else f"{value:.0f}"


def written(value: float, unit: Unit) -> str:
    """The value in the largest step of its unit that it fills."""
    steps = _STEPS[unit]
    size, name = next((step for step in steps if abs(value) >= step[0]), steps[-1])
    return f"{three_digits(value / size)} {name}"

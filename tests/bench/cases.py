"""The cases: what is measured, with which servers, and which ratios natsd shall reach."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from fnmatch import fnmatchcase

from crowds import ColdWildcards, IdleConnections, IdleMemory, Subscriptions
from flows import Flow
from measure import Scene
from request_reply import ConnectionRate, Requests
from servers import FLOOR, NATSD, REFERENCE

ONE_WORKER, TWO_WORKERS = "natsd, 1 worker", "natsd, 2 workers"
BOTH = (NATSD, REFERENCE)
BESIDE = (ONE_WORKER, REFERENCE)
ALL = (NATSD, REFERENCE, FLOOR)
WORKERS = (TWO_WORKERS, ONE_WORKER)


@dataclass(frozen=True)
class Case:
    """One row, or a few: the first server's values, as ratios to the second's."""

    name: str
    what: str
    scene: Scene
    servers: tuple[str, ...]
    targets: Mapping[str, float] = field(default_factory=dict)  # ratios, by metric
    short_scale: float = 0  # of the load in the short version; 0: not in it
    base: str = ""  # the case whose cost per message it shall not exceed: then the target is GROWTH_AT_MOST
    group: str = ""  # cases that alternate with each other; their own name when empty


# Beside 10 or 100 times as many others a message may cost this much more: what a measurement can tell.
GROWTH_AT_MOST = 1.1
# natsd shall need no more than this much of what the bare loop needs.
FLOOR_AT_MOST = 2.0


def _flow(name: str, what: str, flow: Flow, cpu: float, throughput: float, short: float = 0) -> Case:
    servers = BOTH if flow.has_tls else ALL
    return Case(name, what, flow, servers, {"cpu": cpu, "throughput": throughput}, short)


def _messages() -> list[Case]:
    return [
        _flow("publish only 16 B", "a publisher that nobody hears", Flow(16, 8_000_000, subs=0), 0.33, 2, 0.2),
        _flow("publish only 1 KiB", "the same, larger", Flow(1024, 2_000_000, subs=0), 0.6, 1),
        _flow("1:1 16 B", "a publisher, a subscriber", Flow(16, 5_000_000), 0.2, 4, 0.1),
        _flow("1:1 128 B", "the same with larger messages, as are the next", Flow(128, 3_000_000), 0.25, 3),
        _flow("1:1 1 KiB", "", Flow(1024, 1_200_000), 0.5, 1.2, 0.1),
        _flow("1:1 16 KiB", "", Flow(16 << 10, 160_000), 0.55, 1.1, 0.1),
        _flow("1:1 256 KiB", "", Flow(256 << 10, 10_000), 0.55, 1.1, 0.1),
        _flow("1:10 128 B", "a publisher, ten subscribers of all", Flow(128, 500_000, subs=10), 0.2, 3, 0.1),
        _flow("1:100 128 B", "a hundred subscribers", Flow(128, 50_000, subs=100), 0.4, 1.3, 0.1),
        _flow(
            "8:8 own subjects 128 B",
            "eight publishers, each with a subscriber of its own",
            Flow(128, 3_000_000, pubs=8, subs=8, has_own_subjects=True),
            0.25,
            2,
            0.1,
        ),
        _flow(
            "4:4 shared subject 128 B",
            "four publishers, four subscribers of all they send",
            Flow(128, 1_000_000, pubs=4, subs=4),
            0.25,
            2,
        ),
        _flow(
            "queue of 8 128 B", "a queue group of eight", Flow(128, 3_000_000, subs=8, queue="workers"), 0.25, 2, 0.1
        ),
        _flow("1:1 TLS 128 B", "both connections with TLS 1.3", Flow(128, 2_000_000, has_tls=True), 0.4, 1.5, 0.1),
        Case(
            "1:1 128 B at 20,000/s",
            "latency from publisher to subscriber at a rate that leaves the server time",
            Flow(128, 60_000, rate=20_000),
            ALL,
        ),
    ]


def _requests() -> list[Case]:
    targets = {"cpu": 0.5, "throughput": 1.3, "p50": 0.8, "p99": 0.7, "p999": 0.5}
    return [
        Case("request 1", "one requester, one request at a time", Requests(128, 40_000), ALL, targets, 0.1),
        Case("request 10", "ten requesters", Requests(128, 150_000, requesters=10), ALL, targets, 0.1),
    ]


def _crowds() -> list[Case]:
    return [
        Case("idle", "a server without clients", IdleMemory(), BOTH, {"rss_idle": 0.25}, 1),
        Case(
            "10,000 idle connections",
            "logged in and silent: what each of them keeps",
            IdleConnections(10_000),
            BOTH,
            {"rss_connection": 0.1},
            0.1,
        ),
        Case(
            "connect 10,000",
            "connections made as fast as they are taken",
            ConnectionRate(10_000),
            BOTH,
            {"seconds_connect": 0.7},
            0.1,
        ),
        Case(
            "1,000,000 subscriptions",
            "inserted, matched once each, removed",
            Subscriptions(1_000_000),
            BOTH,
            {"seconds_insert": 0.5, "rss_subscription": 0.25},
            0.1,
        ),
        Case(
            "cold wildcards",
            "100,000 subscriptions with wildcards, each message with a subject of its own",
            ColdWildcards(100_000, 200_000),
            BOTH,
            {},
            0.2,
        ),
    ]


def _beside(others: str, flows: list[tuple[int, Flow]]) -> list[Case]:
    """1:1 beside ever more of what has nothing to do with it.

    With one worker of natsd: with two it depends on who came before whether the pair shares one, which costs more or
    less than what is looked for here.
    """
    names = [f"beside {count:,} {others}" for count, _ in flows]
    what = f"1:1 16 B beside {others}: does a message cost more than beside the fewest?"
    return [
        Case(name, what, flow, BESIDE, base=names[0] if name != names[0] else "", group=f"beside {others}")
        for name, (_, flow) in zip(names, flows, strict=True)
    ]


def _workers() -> list[Case]:
    own = Flow(16, 6_000_000, pubs=8, subs=8, has_own_subjects=True, is_divided=True)
    return [
        Case("workers 8:8 16 B", "8:8 own subjects, with 2 workers and with 1", own, WORKERS, {"capacity": 1.6}),
        Case("workers 1:1 16 B", "1:1, with 2 workers and with 1", Flow(16, 5_000_000), WORKERS, {"throughput": 1}),
    ]


CONNECTIONS = (10, 100, 1_000, 10_000)
SUBSCRIPTIONS = (1_000, 10_000, 100_000, 1_000_000)
CASES = tuple(
    _messages()
    + _requests()
    + _crowds()
    + _beside("idle connections", [(n, Flow(16, 3_000_000, idle_connections=n)) for n in CONNECTIONS])
    + _beside("other subscriptions", [(n, Flow(16, 3_000_000, other_subscriptions=n)) for n in SUBSCRIPTIONS])
    + _workers()
)


def selected(patterns: list[str], *, is_short: bool) -> list[Case]:
    """Those that any of the patterns names; without patterns all, or all of the short version."""
    if patterns:
        return [case for case in CASES if any(fnmatchcase(case.name, pattern) for pattern in patterns)]
    return [case for case in CASES if case.short_scale or not is_short]

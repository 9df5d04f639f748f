"""Many of something: connections, subscriptions. Their number is the load."""

import time
from dataclasses import dataclass

import process_use
from measure import Invalid, Scene, Stage, Used, Values, meter
from wire import Crowd, Wire, delivery_bytes, publications, publish_and_receive, removals, subscriptions

REST_S = 1.5  # until a server that has just been given something is left with what it keeps
PAYLOAD = b"0123456789abcdef"


def other_subjects(count: int) -> list[str]:
    """Of subscriptions that stand for many clients' interests: a thousand branches, all leaves different."""
    return [f"foo.{i % 1000}.bar{i}" for i in range(count)]


def insert(wire: Wire, subjects: list[str]) -> None:
    wire.send(subscriptions(subjects))
    wire.flush()


@dataclass(frozen=True)
class IdleMemory(Scene):
    """The server alone, a while after its start."""

    def run(self, stage: Stage) -> Values:
        time.sleep(REST_S)
        return {"rss_idle": process_use.rss_bytes(stage.server.pid)}


@dataclass(frozen=True)
class IdleConnections(Scene):
    """Connections that logged in and are silent: what each of them keeps."""

    count: int

    def connections(self, scale: float) -> int:
        return round(self.count * scale)

    def run(self, stage: Stage) -> Values:
        count = stage.scaled(self.count)
        with Crowd(stage.server.port, 10):  # so that what the first connection brings is there
            time.sleep(REST_S)
            before = process_use.rss_bytes(stage.server.pid)
            with Crowd(stage.server.port, count):
                time.sleep(REST_S)
                after = process_use.rss_bytes(stage.server.pid)
        return {"rss_connection": (after - before) / count}


@dataclass(frozen=True)
class Subscriptions(Scene):
    """All inserted, one message for each of them, all removed."""

    count: int

    def run(self, stage: Stage) -> Values:
        count = stage.scaled(self.count)
        subjects = other_subjects(count)
        pid = stage.server.pid
        with Wire(stage.server.port) as subscriber, Wire(stage.server.port) as publisher:
            subscriber.flush()
            rss = process_use.rss_bytes(pid)
            values = self._insert(pid, subscriber, subjects)
            values["rss_subscription"] = (process_use.rss_bytes(pid) - rss) / count
            values |= self._match(pid, publisher, subscriber, subjects)
            values |= self._remove(pid, subscriber, publisher, subjects)
        return values

    def _insert(self, pid: int, subscriber: Wire, subjects: list[str]) -> Values:
        data = subscriptions(subjects)
        with meter(pid) as used:
            start = time.monotonic()
            subscriber.send(data)
            subscriber.flush()
            seconds = time.monotonic() - start
        return _values("insert", seconds, used, len(subjects))

    def _match(self, pid: int, publisher: Wire, subscriber: Wire, subjects: list[str]) -> Values:
        data = publications(subjects, PAYLOAD)
        size = sum(delivery_bytes(subject, sid, PAYLOAD) for sid, subject in enumerate(subjects, 1))
        with meter(pid) as used:
            start = time.monotonic()
            publish_and_receive(publisher, data, subscriber, size)
            seconds = time.monotonic() - start
        return _values("match", seconds, used, len(subjects))

    def _remove(self, pid: int, subscriber: Wire, publisher: Wire, subjects: list[str]) -> Values:
        data = removals(len(subjects))
        with meter(pid) as used:
            start = time.monotonic()
            subscriber.send(data)
            subscriber.flush()
            seconds = time.monotonic() - start
        publisher.send(publications(subjects[-10:], PAYLOAD))
        publisher.flush()
        subscriber.flush()  # which fails when a message comes
        return _values("remove", seconds, used, len(subjects))


def _values(phase: str, seconds: float, used: Used, count: int) -> Values:
    return {f"seconds_{phase}": seconds, f"cpu_{phase}": used.cpu_ns / count}


@dataclass(frozen=True)
class ColdWildcards(Scene):
    """Subscriptions with wildcards, and messages of which each has another subject: no cache knows it.

    Of each four subscriptions one has a wildcard in the middle, one at the end, one at the beginning, and one
    everywhere but at the end. A message has two or three of the first three kinds.
    """

    subscriptions: int
    msgs: int

    def run(self, stage: Stage) -> Values:
        branches = stage.scaled(self.subscriptions) // 4
        subjects = cold_subjects(branches, stage.scaled(self.msgs))
        sids = {pattern: sid for sid, pattern in enumerate(wildcard_patterns(branches), 1)}
        data = publications(subjects, PAYLOAD)
        size = sum(delivery_bytes(s, sids[p], PAYLOAD) for s in subjects for p in matching(s) if p in sids)
        with Wire(stage.server.port) as subscriber, Wire(stage.server.port) as publisher:
            insert(subscriber, list(sids))
            with meter(stage.server.pid) as used:
                start = time.monotonic()
                publish_and_receive(publisher, data, subscriber, size)
                seconds = time.monotonic() - start
        return {"cpu": used.cpu_ns / len(subjects), "throughput": len(subjects) / seconds}


ROOMS = 100


def wildcard_patterns(branches: int) -> list[str]:
    return [
        pattern
        for k in range(branches)
        for pattern in (f"dev.{k}.*.temp", f"dev.{k}.>", f"*.{k}.room{k % ROOMS}.temp", f"*.*.*.gone{k}")
    ]


def cold_subjects(branches: int, count: int) -> list[str]:
    """All different: a room is passed through by all branches before the next one."""
    if count > branches * ROOMS:
        raise Invalid(f"{branches} branches have no {count} different subjects")
    return [f"dev.{i % branches}.room{i // branches}.temp" for i in range(count)]


def matching(subject: str) -> tuple[str, ...]:
    """What could match it among the patterns; the third is there for one branch in a hundred only."""
    _, k, room, _ = subject.split(".")
    return f"dev.{k}.*.temp", f"dev.{k}.>", f"*.{k}.{room}.temp"

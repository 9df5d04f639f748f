"""Runs the cases: servers alternate, so that what changes on the machine meets all of them alike."""

import itertools
import sys
import time
from collections.abc import Iterator
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from cases import ONE_WORKER, TWO_WORKERS, Case
from measure import Invalid, Stage, Tools, Values
from process_use import ProcessEnded
from servers import FLOOR, NATSD, REFERENCE, Program, Server, ServerFailed
from wire import WireFailed

LOOPBACK = "loopback"
SHORT_SCALE = 0.1  # of cases that are not in the short version, when asked for
FAULTS = (Invalid, ServerFailed, ProcessEnded, WireFailed, OSError)


@dataclass(frozen=True)
class Run:
    """One server in one round of one case."""

    case: str
    round: int
    server: str
    values: Values = field(default_factory=dict)
    problem: str = ""  # why it is worth nothing
    notes: list[str] = field(default_factory=list)
    seconds: float = 0  # it took in all

    def to_json(self) -> dict[str, Any]:
        return asdict(self)


@dataclass(frozen=True)
class Plan:
    """How the cases are run."""

    programs: dict[str, Program]
    tools: Tools
    pki: Path
    rounds: int
    is_short: bool
    has_limits: bool  # the loopback is looked at, too
    is_quiet: bool

    def scale(self, case: Case) -> float:
        return case.short_scale or SHORT_SCALE if self.is_short else 1.0

    def servers(self, case: Case) -> list[str]:
        return [name for name in case.servers if name in self.programs]


def order(names: list[str], number: int) -> list[str]:
    """Who comes when in a round: each round the other way round, ABC, CBA, ..."""
    return names if number % 2 == 0 else names[::-1]


def groups(cases: list[Case]) -> list[list[Case]]:
    """Those that alternate with each other."""
    return [list(members) for _, members in itertools.groupby(cases, key=lambda case: case.group or case.name)]


def run_all(cases: list[Case], plan: Plan) -> Iterator[tuple[list[Case], list[Run]]]:
    """The runs of each group of cases, once it is done."""
    for group in groups(cases):
        runs: list[Run] = []
        for number in range(plan.rounds):
            for case in group:
                runs += [_run(case, plan, number, name) for name in order(plan.servers(case), number)]
                runs += _limit(case, plan, number)
        yield group, runs


def _run(case: Case, plan: Plan, number: int, name: str) -> Run:
    start = time.monotonic()
    if not plan.is_quiet:
        print(f"{case.name}: round {number + 1} of {plan.rounds}, {name}", file=sys.stderr, flush=True)
    try:
        with Server(plan.programs[name], plan.pki if case.scene.has_tls else None) as server:
            stage = Stage(server, plan.tools, plan.scale(case))
            values = case.scene.run(stage)
            complaints = server.complaints()
        if complaints:
            raise ServerFailed(f"the server complained: {complaints[0]}")
    except FAULTS as error:
        return Run(case.name, number, name, problem=str(error), seconds=time.monotonic() - start)
    return Run(case.name, number, name, values, notes=stage.notes, seconds=time.monotonic() - start)


def _limit(case: Case, plan: Plan, number: int) -> list[Run]:
    """What the loopback gives for the same bytes, where that can be told."""
    try:
        values = case.scene.limit(plan.tools) if plan.has_limits else {}
    except FAULTS as error:
        return [Run(case.name, number, LOOPBACK, problem=str(error))]
    return [Run(case.name, number, LOOPBACK, values)] if values else []


def programs(natsd: Path, reference: Path, floor: Path, *, workers: int, cores: tuple[int, ...]) -> dict[str, Program]:
    """All that cases may name."""
    given = ("--workers", str(workers)) if workers else ()
    found = (
        Program(NATSD, NATSD, natsd, given, cores),
        Program(REFERENCE, REFERENCE, reference, (), cores),
        Program(FLOOR, FLOOR, floor, (), cores),
        Program(ONE_WORKER, NATSD, natsd, ("--workers", "1"), cores),
        Program(TWO_WORKERS, NATSD, natsd, ("--workers", "2"), cores),
    )
    return {program.name: program for program in found}

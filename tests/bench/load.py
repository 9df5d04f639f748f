"""Runs `natsctl bench` and `loopback`, and reads what they found."""

import json
import os
import subprocess
from dataclasses import dataclass
from typing import Any

from measure import Invalid, Stage, Tools

TIMEOUT_S = 300
# What natsctl says of itself, not of the server: the run is good, but a reader should know.
TOOL_BOUND = "tool-bound"


@dataclass(frozen=True)
class Total:
    """All clients of one role together."""

    role: str
    msgs: int
    seconds: float
    msgs_per_sec: float
    latency_ns: dict[str, float]  # p50, p99, p999, ...; empty without latencies


@dataclass(frozen=True)
class Result:
    total: Total  # of the receiving side
    roles: dict[str, Total]
    notes: list[str]


def parse(text: str) -> Result:
    """What `natsctl bench --json` printed. Raises Invalid when the run was not what it should be."""
    try:
        found = json.loads(text)
        total = _total(found["total"])
        roles = {name: _total(row) for name, row in found.get("totals", {total.role: found["total"]}).items()}
        warnings: list[str] = found["warnings"]
        faults = [row for row in found["clients"] if row["errors"] or row["reconnects"]]
        is_partial: bool = found["partial"]
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise Invalid(f"natsctl printed no result: {error!r}: {text[:200]!r}") from error
    problems = [text for text in warnings if TOOL_BOUND not in text]
    if is_partial:
        problems.append("it was ended early")
    if faults:
        problems.append(f"{len(faults)} clients had errors or connected again")
    if problems:
        raise Invalid("; ".join(problems))
    return Result(total, roles, [text for text in warnings if TOOL_BOUND in text])


def _total(row: dict[str, Any]) -> Total:
    return Total(row["role"], row["msgs"], row["seconds"], row["msgs_per_sec"], row.get("latency_ns", {}))


def environment() -> dict[str, str]:
    """Without a context or login of whoever runs this."""
    return {name: value for name, value in os.environ.items() if not name.startswith("NATS_")}


def natsctl_command(stage: Stage, *arguments: str) -> list[str]:
    trust = ["--tlsca", str(stage.server.ca)] if stage.server.ca else []
    return stage.tools.pinned(
        stage.tools.natsctl,
        "--no-context",
        "-s",
        stage.server.url,
        *trust,
        "bench",
        *arguments,
        "--no-progress",
        "--json",
    )


def bench(stage: Stage, *arguments: str) -> Result:
    """One load, from beginning to end."""
    result = parse(_output(natsctl_command(stage, *arguments)))
    stage.notes += [note for note in result.notes if note not in stage.notes]
    return result


def expect(total: Total, msgs: int) -> None:
    if total.msgs != msgs:
        raise Invalid(f"{total.role}s had {total.msgs} messages, not {msgs}")


def loopback(tools: Tools, *arguments: object) -> dict[str, float]:
    """What the machine's loopback gives by itself; see loopback/loopback.c."""
    found: dict[str, float] = json.loads(_output(tools.pinned(tools.loopback, *map(str, arguments))))
    return found


def _output(command: list[str]) -> str:
    try:
        got = subprocess.run(
            command, capture_output=True, text=True, timeout=TIMEOUT_S, env=environment(), stdin=subprocess.DEVNULL
        )
    except subprocess.TimeoutExpired as error:
        raise Invalid(f"{command[0]} was not done within {TIMEOUT_S} s") from error
    if got.returncode != 0:
        raise Invalid(f"{' '.join(command)} failed with {got.returncode}: {got.stderr.strip()[-500:]}")
    return got.stdout

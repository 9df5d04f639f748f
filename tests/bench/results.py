"""Raw results on disk: every run, with what it was made by and on."""

import json
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from campaign import Run
from machine import Machine


class BadFile(Exception):
    """It is no file of results."""


@dataclass(frozen=True)
class Results:
    """All that a command measured."""

    command: str
    machine: Machine
    runs: list[Run]

    def write(self, path: Path) -> None:
        path.write_text(json.dumps(asdict(self), indent=1) + "\n")


def read(path: Path) -> Results:
    try:
        found: dict[str, Any] = json.loads(path.read_text())
        return Results(found["command"], Machine(**found["machine"]), [Run(**row) for row in found["runs"]])
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise BadFile(f"{path}: {error}") from error


def together(parts: list[Results]) -> list[Run]:
    """Of a case that is in several of them the runs of the last one count, all of them."""
    latest = {run.case: number for number, part in enumerate(parts) for run in part.runs}
    return [run for number, part in enumerate(parts) for run in part.runs if latest[run.case] == number]

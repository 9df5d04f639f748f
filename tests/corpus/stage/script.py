"""A scene: commands, and what is seen after each. The format is described in the README."""
from __future__ import annotations

import shlex
from dataclasses import dataclass, field
from pathlib import Path


class Malformed(Exception):
    """A scene that cannot be read."""


@dataclass
class Step:
    """One command. `seen` is what the reference shows; `ours` what natsd does where it differs, with the reason."""
    number: int
    text: str
    seen: list[str] = field(default_factory=list)
    why: str | None = None
    ours: list[str] = field(default_factory=list)

    @property
    def words(self) -> list[str]:
        return shlex.split(self.text)

    def lines(self) -> list[str]:
        differs = [f"  ~ {self.why}", *("  " + row for row in self.ours)] if self.why else []
        return [f"$ {self.text}", *("  " + row for row in self.seen), *differs]


class Script:
    """A scene file: steps, and the remarks between them (empty lines and lines that start with #)."""

    def __init__(self, path: Path):
        self.path = path
        self.rows: list[Step | str] = []
        for number, line in enumerate(path.read_text().splitlines(), 1):
            self._take(number, line)

    @property
    def steps(self) -> list[Step]:
        return [row for row in self.rows if isinstance(row, Step)]

    def _take(self, number: int, line: str) -> None:
        last = self.rows[-1] if self.rows else None
        if line.startswith("$ "):
            self.rows.append(Step(number, line[2:]))
        elif not line or line.startswith("#"):
            self.rows.append(line)
        elif not line.startswith("  ") or not isinstance(last, Step):
            raise Malformed(f"{self.path}:{number}: neither a command, nor what is seen after one")
        elif line.startswith("  ~ "):
            last.why = line[4:]
        else:
            (last.seen if last.why is None else last.ours).append(line[2:])

    def write(self) -> None:
        rows = [line for row in self.rows for line in (row.lines() if isinstance(row, Step) else [row])]
        self.path.write_text("\n".join(rows) + "\n")

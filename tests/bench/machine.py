"""What the numbers were measured on."""

import os
import platform
import re
import subprocess
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Machine:
    """Without a date and without a name: only what numbers depend on."""

    cpu: str
    cores: int
    kernel: str
    memory_bytes: int
    versions: list[str]  # of the servers

    def line(self) -> str:
        memory = f"{round(self.memory_bytes / (1 << 30))} GiB"
        return ", ".join([self.cpu, f"{self.cores} cores", memory, f"Linux {self.kernel}", *self.versions])


def this_machine(versions: list[str]) -> Machine:
    return Machine(
        _field(Path("/proc/cpuinfo"), "model name") or platform.machine(),
        os.cpu_count() or 1,
        platform.release(),
        int((_field(Path("/proc/meminfo"), "MemTotal") or "0").split()[0]) * 1024,
        versions,
    )


def reference_version(program: Path) -> str:
    """What it says, "nats-server: v2.15.2", in our words."""
    got = subprocess.run([program, "--version"], capture_output=True, text=True, check=True)
    return " ".join(got.stdout.replace(":", "").split())


def natsd_version(root: Path) -> str:
    """Of the tree and of its commit. (To clients natsd says the version of the reference.)"""
    found = re.search(r"project\(natsd VERSION ([0-9.]+)", (root / "CMakeLists.txt").read_text())
    assert found is not None
    git = ["git", "-C", str(root), "rev-parse", "--short", "HEAD"]
    commit = subprocess.run(git, capture_output=True, text=True, check=False).stdout.strip()
    return f"natsd {found.group(1)}" + (f" of commit {commit}" if commit else "")


def _field(path: Path, name: str) -> str:
    """The first line that begins with the name, behind the colon."""
    for line in path.read_text().splitlines():
        key, _, text = line.partition(":")
        if key.strip() == name:
            return " ".join(text.split())
    return ""

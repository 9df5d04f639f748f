"""What a process has used: CPU time and resident memory."""

import time
from pathlib import Path

CLOCK_OF_A_PROCESS = 2  # CPUCLOCK_SCHED of the kernel: user and system time, exact to the nanosecond
SETTLED_NS_PER_STEP = 200_000  # less CPU than this in a step is silence
STEP_S = 0.02
SETTLE_MAX_S = 2.0


class ProcessEnded(Exception):
    """There is nothing to measure any more."""


def cpu_ns(pid: int) -> int:
    """User and system time of all its threads, of ended ones too."""
    try:
        return time.clock_gettime_ns((~pid) << 3 | CLOCK_OF_A_PROCESS)
    except OSError as error:
        raise ProcessEnded(f"process {pid} has ended") from error


def settled_cpu_ns(pid: int) -> int:
    """The same, once it has come to rest: what a load left to do counts as well."""
    deadline = time.monotonic() + SETTLE_MAX_S
    last = cpu_ns(pid)
    while time.monotonic() < deadline:
        time.sleep(STEP_S)
        now = cpu_ns(pid)
        if now - last < SETTLED_NS_PER_STEP:
            return now
        last = now
    return last


def thread_cpu_ns(pid: int) -> dict[int, int]:
    """Time on a CPU of each thread that lives, by its id (the first number of its schedstat)."""
    found = {}
    for folder in Path(f"/proc/{pid}/task").iterdir():
        try:
            found[int(folder.name)] = int((folder / "schedstat").read_text().split()[0])
        except (FileNotFoundError, ProcessLookupError):
            continue  # ended while we looked
    return found


def busiest_thread_ns(before: dict[int, int], after: dict[int, int]) -> int:
    """What the thread that had most to do in between used."""
    return max(ns - before.get(thread, 0) for thread, ns in after.items())


def rss_bytes(pid: int) -> int:
    """Resident memory, exactly: Rss of smaps_rollup (VmRSS may lag behind by some pages per thread)."""
    try:
        text = Path(f"/proc/{pid}/smaps_rollup").read_text()
    except (FileNotFoundError, ProcessLookupError) as error:
        raise ProcessEnded(f"process {pid} has ended") from error
    for line in text.splitlines():
        if line.startswith("Rss:"):
            return int(line.split()[1]) * 1024
    raise ProcessEnded(f"process {pid} has no memory any more")

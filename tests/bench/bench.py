"""Measures natsd, the reference server and a bare event loop side by side on this machine.

The same load for each, runs alternating, each run on a fresh server. Printed are medians, and for natsd and the
reference the ratio of what ran in the same round: its median, and from where to where it went. Targets that are
missed don't fail the command; runs that did not do what was asked do.
"""

import argparse
import os
import re
import resource
import shlex
import signal
import subprocess
import sys
import tempfile
from pathlib import Path
from types import FrameType

import campaign
import document
import report
from campaign import LOOPBACK, Plan, Run
from cases import CASES, Case, selected
from machine import natsd_version, reference_version, this_machine
from measure import Tools
from ratios import Row, rows
from results import BadFile, Results, read, together
from servers import FLOOR, NATSD, REFERENCE

ROOT = Path(__file__).resolve().parents[2]
DOCUMENT = ROOT / "docs" / "performance.md"
PKI = ROOT / "tests" / "interop" / "pki"
ROUNDS, SHORT_ROUNDS = 5, 2
PIN_CORES_MIN = 4
SPARE_FILES = 200  # that a process needs besides its connections
EPILOG = """\
examples:
  scripts/bench --list                     the cases
  scripts/bench '1:1*' 'request *'         some of them
  scripts/bench --short                    all in about a minute, as CI does: roughly right
  scripts/bench --json all.json            everything, some 25 minutes; let nothing else run meanwhile
  scripts/bench --from all.json --write-docs
                                           the same as tables in docs/performance.md

The exit status is 0 when all runs of natsd were valid, whatever the ratios; 1 when one was not; 2 for a wrong argument.
"""


class CannotRun(Exception):
    """Something is missing that is nobody's fault in the tree."""


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        "scripts/bench", description=__doc__, epilog=EPILOG, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("patterns", nargs="*", metavar="CASE", help="names of cases, with * and ? (default: all)")
    parser.add_argument("--list", action="store_true", help="print the cases, and what they are")
    parser.add_argument("--short", action="store_true", help="fewer cases, a tenth of the load, two rounds")
    parser.add_argument("--rounds", type=positive, metavar="N", help=f"runs of each server [{ROUNDS}]")
    parser.add_argument(
        "--servers",
        default=f"{NATSD},{REFERENCE},{FLOOR},{LOOPBACK}",
        metavar="NAMES",
        help="which of them [%(default)s]",
    )
    parser.add_argument("--natsd", type=Path, metavar="PATH", help="another natsd than the one that was built")
    parser.add_argument("--workers", type=positive, metavar="N", help="of natsd [what natsd chooses]")
    parser.add_argument(
        "--pin", action="store_true", help=f"server and load on cores of their own (from {PIN_CORES_MIN} cores on)"
    )
    parser.add_argument("--quiet", action="store_true", help="no progress on standard error")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write the raw results of every run there")
    parser.add_argument(
        "--from", type=Path, metavar="FILE", action="append", dest="earlier",
        help="don't measure, show what --json wrote; of a case in several files the last one counts",
    )  # fmt: skip
    parser.add_argument("--write-docs", action="store_true", help=f"write the tables of {DOCUMENT.relative_to(ROOT)}")
    return parser.parse_args()


def positive(text: str) -> int:
    if (number := int(text)) < 1:
        raise argparse.ArgumentTypeError("must be 1 or more")
    return number


def list_cases(cases: list[Case]) -> None:
    for case in cases:
        targets = ", ".join(f"{name} {bound:g}" for name, bound in case.targets.items())
        print(f"{case.name:42} {'short' if case.short_scale else '':6} {case.what or case.group}")
        if targets:
            print(f"{'':49} ratios asked for: {targets}")


def chosen_cases(options: argparse.Namespace) -> list[Case]:
    cases = selected(options.patterns, is_short=options.short)
    if not cases:
        raise CannotRun(f"no case is named {' '.join(options.patterns)}: see --list")
    return cases


def allow_files(cases: list[Case], plan: Plan) -> None:
    """As many open files as the largest case needs, for ourselves and what we start."""
    wanted = max(case.scene.connections(plan.scale(case)) for case in cases) + SPARE_FILES
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    limit = hard if hard == resource.RLIM_INFINITY or hard >= wanted else wanted
    try:
        resource.setrlimit(resource.RLIMIT_NOFILE, (limit, limit))
    except (ValueError, OSError) as error:
        raise CannotRun(
            f"{wanted} open files are needed, {hard} are allowed (ulimit -Hn): raise the limit, or leave out "
            "the cases with many connections"
        ) from error


def cores_apart(is_wanted: bool) -> tuple[tuple[int, ...], tuple[int, ...]]:
    """Those of the server and of the load; empty: any."""
    cores = sorted(os.sched_getaffinity(0))
    if not is_wanted:
        return (), ()
    if len(cores) < PIN_CORES_MIN:
        raise CannotRun(f"--pin needs {PIN_CORES_MIN} cores, there are {len(cores)}")
    half = len(cores) // 2
    return tuple(cores[:half]), tuple(cores[half:])


def built(name: str) -> Path:
    path = Path(os.environ.get("NATSD_BENCH_BIN", ROOT / "build/release/bin")) / name
    if not path.exists():
        raise CannotRun(f"{path} is not there: scripts/bench builds it")
    return path


def make_plan(options: argparse.Namespace, pki: Path) -> Plan:
    server_cores, load_cores = cores_apart(options.pin)
    reference = Path(os.environ.get("NATSD_BENCH_REFERENCE", "nats-server"))
    known = campaign.programs(
        options.natsd or built("natsd"),
        reference,
        built("floor"),
        workers=options.workers or len(server_cores),
        cores=server_cores,
    )
    names = options.servers.split(",")
    unknown = set(names) - {NATSD, REFERENCE, FLOOR, LOOPBACK}
    if unknown:
        raise CannotRun(f"--servers: there is no {', '.join(sorted(unknown))}")
    wanted = {name: program for name, program in known.items() if program.kind in names}
    tools = Tools(built("natsctl"), built("loopback"), load_cores)
    rounds = options.rounds or (SHORT_ROUNDS if options.short else ROUNDS)
    return Plan(wanted, tools, pki, rounds, options.short, LOOPBACK in names, options.quiet)


def command_line(words: list[str]) -> str:
    """As it would have to be repeated: without what only says where results go."""
    text = shlex.join(["scripts/bench", *words])
    return re.sub(r" --(?:json(?: |=)\S+|write-docs|quiet)(?= |$)", "", text)


def versions(options: argparse.Namespace, plan: Plan) -> list[str]:
    found = [f"natsd at {options.natsd}" if options.natsd else natsd_version(ROOT)]
    reference = plan.programs.get(REFERENCE)
    return [*found, reference_version(reference.path)] if reference else found


def measure(options: argparse.Namespace) -> tuple[Results, list[Row]]:
    """Runs the cases and prints each when it is done."""
    cases = chosen_cases(options)
    found: list[Row] = []
    with tempfile.TemporaryDirectory(prefix="natsd-bench-pki-") as folder:
        subprocess.run([PKI, folder], check=True)
        plan = make_plan(options, Path(folder))
        allow_files(cases, plan)
        machine = this_machine(versions(options, plan))
        print(machine.line(), flush=True)
        results = Results(command_line(sys.argv[1:]), machine, [])
        for group, its_runs in campaign.run_all(cases, plan):
            results.runs.extend(its_runs)
            found += show(group, its_runs)
            if options.json:
                results.write(options.json)  # each time: a long campaign may be interrupted
    return results, found


def show(group: list[Case], runs: list[Run]) -> list[Row]:
    found = rows(group, runs)
    for case in group:
        print()
        print("\n".join(report.case_lines(case, found)))
    for line in report.faults(runs) + report.notes(runs):
        print(line)
    sys.stdout.flush()
    return found


def show_earlier(paths: list[Path]) -> tuple[list[Results], list[Run], list[Row]]:
    """The same lines from files."""
    parts = [read(path) for path in paths]
    runs = together(parts)
    measured = {run.case for run in runs}
    cases = [case for case in CASES if case.name in measured]
    found = []
    for group in campaign.groups(cases):
        names = {case.name for case in group}
        found += show(group, [run for run in runs if run.case in names])
    return parts, runs, found


def end_in_order(number: int, frame: FrameType | None) -> None:
    """A signal ends what was started as an exception does."""
    sys.exit(128 + number)


def main() -> int:
    options = arguments()
    signal.signal(signal.SIGTERM, end_in_order)
    signal.signal(signal.SIGINT, end_in_order)
    if options.list:
        list_cases(selected(options.patterns, is_short=options.short))
        return 0
    try:
        if options.earlier:
            parts, runs, found = show_earlier(options.earlier)
        else:
            results, found = measure(options)
            parts, runs = [results], results.runs
        if options.write_docs:
            document.write(DOCUMENT, parts, found, runs)
    except (CannotRun, BadFile, document.BadDocument) as error:
        print(f"scripts/bench: {error}", file=sys.stderr)
        return 2
    print()
    print("\n".join(report.summary(found, runs)))
    others = (REFERENCE, FLOOR, LOOPBACK)  # what they lose is shown, and not natsd's fault
    return 1 if any(run.problem and run.server not in others for run in runs) else 0


if __name__ == "__main__":
    sys.exit(main())

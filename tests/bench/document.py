"""The tables of docs/performance.md."""

from pathlib import Path

from campaign import LOOPBACK, Run
from cases import CASES, FLOOR_AT_MOST, GROWTH_AT_MOST, ONE_WORKER, TWO_WORKERS
from metrics import CPU, SECTIONS, THROUGHPUT
from ratios import Row
from report import spread, target_text, value
from results import Results
from servers import FLOOR, NATSD, REFERENCE

BEGIN = "<!-- scripts/bench --write-docs writes from here ... -->"
END = "<!-- ... to here. -->"


class BadDocument(Exception):
    """It has no place for the tables."""


def write(path: Path, parts: list[Results], rows: list[Row], runs: list[Run]) -> None:
    """Puts them between the markers of the document, and leaves the rest as it is."""
    text = path.read_text()
    before, begin, rest = text.partition(BEGIN)
    _, end, after = rest.partition(END)
    if not begin or not end:
        raise BadDocument(f"{path} has no place for the tables: {BEGIN} and {END}")
    path.write_text(f"{before}{BEGIN}\n\n{tables(parts, rows, runs)}\n{END}{after}")


def tables(parts: list[Results], rows: list[Row], runs: list[Run]) -> str:
    blocks = [_origin(parts, runs)]
    base_names = {case.base for case in CASES if case.base}
    growing = {case.name for case in CASES if case.base} | base_names
    for section in SECTIONS:
        own = [row for row in rows if row.metric.section == section and row.first == NATSD and row.case not in growing]
        if own:
            blocks.append(f"### {section}\n\n{_comparison(section, own)}")
    grown = [row for row in rows if row.metric.key == "cpu" and row.case in growing]
    if grown:
        blocks.append(f"### Cost beside others\n\n{_growth(grown)}")
    workers = [row for row in rows if row.first == TWO_WORKERS]
    if workers:
        blocks.append(f"### Workers\n\n{_workers(workers)}")
    return "\n".join(blocks)


def _origin(parts: list[Results], runs: list[Run]) -> str:
    lines = list(dict.fromkeys(f"{part.machine.line()}." for part in parts))
    commands = list(dict.fromkeys(part.command for part in parts))
    invalid = sum(1 for run in runs if run.problem)
    text = "\n".join(f"{line}\n" for line in lines) + "\n" + "\n".join(f"    {line}" for line in commands) + "\n"
    return text + (f"\n{invalid} of {len(runs)} runs were not valid and don't count.\n" if invalid else "")


def _table(titles: list[str], cells: list[list[str]]) -> str:
    lines = [titles, ["---", *["---:" for _ in titles[1:]]], *cells]
    return "".join(f"| {' | '.join(line)} |\n" for line in lines)


def _title(row: Row) -> str:
    return row.case if row.metric.key in ("cpu", "throughput") else f"{row.case}: {row.metric.title}"


def _target(row: Row) -> str:
    if not row.ratio or not row.target:
        return ""
    return f"{target_text(row.target)} {_verdict(row.target.is_met(row.ratio.median))}"


def _verdict(is_met: bool) -> str:
    return "met" if is_met else "**missed**"


def _comparison(section: str, rows: list[Row]) -> str:
    """natsd and the reference, and what else is known in this section."""
    titles = ["Row", NATSD, REFERENCE, "ratio (from..to)", "target"]
    has_floor = any(FLOOR in row.medians for row in rows)
    titles += [FLOOR] if has_floor else []
    titles += ["natsd to floor"] if section == CPU else []
    titles += [LOOPBACK] if section == THROUGHPUT else []
    cells = []
    for row in rows:
        line = [_title(row), value(row, NATSD), value(row, REFERENCE), spread(row.ratio) if row.ratio else "-"]
        line.append(_target(row))
        line += [value(row, FLOOR)] if has_floor else []
        line += [_floor(row)] if section == CPU else []
        line += [value(row, LOOPBACK)] if section == THROUGHPUT else []
        cells.append(line)
    return _table(titles, cells)


def _floor(row: Row) -> str:
    if not row.floor:
        return ""
    met = row.floor.median <= FLOOR_AT_MOST
    return spread(row.floor) + ("" if met else " **missed**")


def _growth(rows: list[Row]) -> str:
    """What a message costs beside ever more of what has nothing to do with it."""
    titles = ["1:1 16 B", NATSD, "growth (from..to)", "target", REFERENCE, "growth (from..to)"]
    cells = []
    for row in rows:
        met = row.growth is not None and row.growth.median <= GROWTH_AT_MOST
        cells.append(
            [
                row.case,
                value(row, row.first),
                spread(row.growth) if row.growth else "1",
                f"≤ {GROWTH_AT_MOST:g} {_verdict(met)}" if row.growth else "",
                value(row, REFERENCE),
                spread(row.reference_growth) if row.reference_growth else "1",
            ]
        )
    return _table(titles, cells)


def _workers(rows: list[Row]) -> str:
    cells = [
        [
            f"{row.case}: {row.metric.title}",
            value(row, TWO_WORKERS),
            value(row, ONE_WORKER),
            spread(row.ratio) if row.ratio else "-",
            _target(row),
        ]
        for row in rows
    ]
    return _table(["Row", "2 workers", "1 worker", "ratio (from..to)", "target"], cells)

"""Rows as they are printed while the cases run, and the last word."""

from campaign import LOOPBACK, Run
from cases import FLOOR_AT_MOST, GROWTH_AT_MOST, ONE_WORKER, TWO_WORKERS, Case
from metrics import ratio_text, written
from ratios import Ratio, Row, Target

NAME_WIDTH = 34
VALUE_WIDTH = 11
COLUMN_TITLES = {ONE_WORKER: "1 worker", TWO_WORKERS: "2 workers"}


def case_lines(case: Case, rows: list[Row]) -> list[str]:
    """A case: its title with the servers, a line for each metric."""
    own = [row for row in rows if row.case == case.name]
    names = columns(case, own)
    titles = "".join(f"{COLUMN_TITLES.get(name, name):>{VALUE_WIDTH}}" for name in names)
    return [f"{case.name:{NAME_WIDTH + 2}}{titles}".rstrip(), *(_line(row, names) for row in own)]


def columns(case: Case, rows: list[Row]) -> list[str]:
    """The servers that have values, and the loopback."""
    return [name for name in (*case.servers, LOOPBACK) if any(name in row.medians for row in rows)]


def value(row: Row, name: str) -> str:
    return written(row.medians[name], row.metric.unit) if name in row.medians else "-"


def spread(ratio: Ratio) -> str:
    """The median, and from where to where when there are several."""
    text = ratio_text(ratio.median)
    return f"{text} ({ratio_text(ratio.low)}..{ratio_text(ratio.high)})" if ratio.pairs > 1 else text


def verdict(is_met: bool) -> str:
    return "met" if is_met else "MISSED"


def target_text(target: Target) -> str:
    return f"{'≥' if target.is_at_least else '≤'} {target.bound:g}"


def remarks(row: Row) -> list[str]:
    """Its ratios, each with what was asked of it."""
    found = []
    if row.ratio:
        text = f"ratio {spread(row.ratio)}"
        if row.target:
            text += f" {target_text(row.target)} {verdict(row.target.is_met(row.ratio.median))}"
        found.append(text)
    if row.floor:
        met = verdict(row.floor.median <= FLOOR_AT_MOST)
        found.append(f"to floor {spread(row.floor)} ≤ {FLOOR_AT_MOST:g} {met}")
    if row.growth:
        met = verdict(row.growth.median <= GROWTH_AT_MOST)
        found.append(f"growth {spread(row.growth)} ≤ {GROWTH_AT_MOST:g} {met}")
    if row.reference_growth:
        found.append(f"reference's growth {spread(row.reference_growth)}")
    return found


def _line(row: Row, names: list[str]) -> str:
    values = "".join(f"{value(row, name):>{VALUE_WIDTH}}" for name in names)
    return f"  {row.metric.title:{NAME_WIDTH}}{values}   {', '.join(remarks(row))}".rstrip()


def faults(runs: list[Run]) -> list[str]:
    """The runs that are worth nothing."""
    return [f"INVALID {run.case}, round {run.round + 1}, {run.server}: {run.problem}" for run in runs if run.problem]


def notes(runs: list[Run]) -> list[str]:
    """What a reader should know, once for each server of a case."""
    return list(dict.fromkeys(f"note {run.case}, {run.server}: {text}" for run in runs for text in run.notes))


def summary(rows: list[Row], runs: list[Run]) -> list[str]:
    """How many targets are met, and which are not."""
    verdicts = [(row, what, is_met) for row in rows for what, is_met in row.verdicts()]
    missed = [f"  {row.case}: {row.metric.title}, {what}" for row, what, is_met in verdicts if not is_met]
    invalid = sum(1 for run in runs if run.problem)
    count = len(verdicts)
    return [f"{count - len(missed)} of {count} targets met, {invalid} of {len(runs)} runs invalid", *missed]

"""From runs to rows: medians, ratios of what ran side by side, and whether they are what natsd shall reach."""

from dataclasses import dataclass
from statistics import median

from campaign import LOOPBACK, Run
from cases import FLOOR_AT_MOST, GROWTH_AT_MOST, Case
from metrics import METRICS, Metric
from servers import FLOOR, NATSD, REFERENCE


@dataclass(frozen=True)
class Ratio:
    """The median of the ratios of each round, and the smallest and the largest of them."""

    median: float
    low: float
    high: float
    pairs: int


@dataclass(frozen=True)
class Target:
    """A bound that a ratio shall keep."""

    bound: float
    is_at_least: bool

    def is_met(self, ratio: float) -> bool:
        return ratio >= self.bound if self.is_at_least else ratio <= self.bound


@dataclass(frozen=True)
class Row:
    """One metric of one case."""

    case: str
    metric: Metric
    medians: dict[str, float]  # by server, in the case's order, and of the loopback
    first: str  # the ratio's upper side, ...
    second: str  # ... and its lower one
    ratio: Ratio | None
    target: Target | None
    floor: Ratio | None  # natsd's to the bare loop's
    growth: Ratio | None  # natsd's to that of the case's base
    reference_growth: Ratio | None

    def verdicts(self) -> list[tuple[str, bool]]:
        """What was asked of it, and whether it is so."""
        found = []
        if self.ratio and self.target:
            found.append((f"{self.first} to {self.second}", self.target.is_met(self.ratio.median)))
        if self.floor:
            found.append(("natsd to floor", self.floor.median <= FLOOR_AT_MOST))
        if self.growth:
            found.append(("growth", self.growth.median <= GROWTH_AT_MOST))
        return found


Series = dict[int, float]  # a value by round


def rows(group: list[Case], runs: list[Run]) -> list[Row]:
    """All of the group, case by case."""
    return [_row(case, metric, runs) for case in group for metric in _metrics(case, runs)]


def _metrics(case: Case, runs: list[Run]) -> list[Metric]:
    measured = {key for run in runs if run.case == case.name for key in run.values}
    return [metric for key, metric in METRICS.items() if key in measured]


def _row(case: Case, metric: Metric, runs: list[Run]) -> Row:
    def series(server: str, name: str = case.name) -> Series:
        return {
            run.round: run.values[metric.key]
            for run in runs
            if (run.case, run.server) == (name, server) and metric.key in run.values
        }

    names = [*case.servers, LOOPBACK]
    medians = {name: median(series(name).values()) for name in names if series(name)}
    first, second = (*case.servers, "")[:2]
    bound = case.targets.get(metric.key)
    grows = case.base and metric.key == "cpu"
    return Row(
        case.name,
        metric,
        medians,
        first,
        second,
        ratio(series(first), series(second)),
        Target(bound, metric.is_better_high) if bound is not None else None,
        ratio(series(NATSD), series(FLOOR)) if metric.key == "cpu" else None,
        ratio(series(first), series(first, case.base)) if grows else None,
        ratio(series(REFERENCE), series(REFERENCE, case.base)) if grows else None,
    )


def ratio(over: Series, under: Series) -> Ratio | None:
    """Of the rounds in which both were measured."""
    pairs = [over[number] / under[number] for number in over if under.get(number, 0) > 0]
    return Ratio(median(pairs), min(pairs), max(pairs), len(pairs)) if pairs else None

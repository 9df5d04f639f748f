import unittest

from campaign import Run, order
from cases import Case
from crowds import IdleMemory
from ratios import ratio, rows

SERVERS = ("natsd", "reference", "floor")


def runs(case: str, **values: list[float]) -> list[Run]:
    """The CPU time of each server by round."""
    return [Run(case, i, server, {"cpu": v}) for server, series in values.items() for i, v in enumerate(series)]


def case(name: str = "c", base: str = "", **targets: float) -> Case:
    return Case(name, "", IdleMemory(), SERVERS, targets, base=base)


class RatiosTest(unittest.TestCase):
    def test_servers_take_turns_in_being_first(self) -> None:
        self.assertEqual([order(list("ABC"), i) for i in range(3)], [list("ABC"), list("CBA"), list("ABC")])

    def test_a_ratio_is_the_median_of_what_ran_in_the_same_round(self) -> None:
        found = ratio({0: 10, 1: 30, 2: 5}, {0: 20, 1: 30, 2: 50})
        assert found is not None
        self.assertEqual((found.median, found.low, found.high, found.pairs), (0.5, 0.1, 1.0, 3))

    def test_a_round_in_which_one_is_missing_does_not_count(self) -> None:
        found = ratio({0: 10, 1: 30}, {1: 60, 2: 1})
        assert found is not None
        self.assertEqual((found.median, found.pairs), (0.5, 1))
        self.assertIsNone(ratio({0: 1}, {1: 1}))
        self.assertIsNone(ratio({0: 1}, {0: 0}))

    def test_a_row_has_medians_and_what_was_asked(self) -> None:
        for bound, want in ((0.5, True), (0.49, False)):
            (row,) = rows(
                [case(cpu=bound)], runs("c", natsd=[40, 50, 60], reference=[100, 100, 100], floor=[30, 30, 30])
            )
            self.assertEqual(row.medians, {"natsd": 50, "reference": 100, "floor": 30})
            self.assertEqual(row.verdicts(), [("natsd to reference", want), ("natsd to floor", True)])

    def test_of_a_throughput_the_target_is_a_lower_bound(self) -> None:
        found = [Run("c", 0, name, {"throughput": value}) for name, value in (("natsd", 3), ("reference", 1))]
        for bound, want in ((3, True), (3.1, False)):
            (row,) = rows([case(throughput=bound)], found)
            self.assertEqual(row.verdicts(), [("natsd to reference", want)])

    def test_growth_is_against_the_same_server_beside_fewest(self) -> None:
        group = [case("few"), case("many", base="few")]
        found = runs("few", natsd=[100, 100], reference=[500, 500]) + runs(
            "many", natsd=[120, 104], reference=[1000, 1000]
        )
        few, many = rows(group, found)
        self.assertIsNone(few.growth)
        assert many.growth is not None and many.reference_growth is not None
        self.assertAlmostEqual(many.growth.median, 1.12)
        self.assertEqual(many.reference_growth.median, 2)
        self.assertEqual(many.verdicts(), [("growth", False)])

    def test_invalid_runs_are_left_out(self) -> None:
        found = [*runs("c", natsd=[10], reference=[20]), Run("c", 1, "natsd", problem="lost messages")]
        (row,) = rows([case()], found)
        self.assertEqual(row.medians, {"natsd": 10, "reference": 20})

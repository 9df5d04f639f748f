import tempfile
import unittest
from pathlib import Path

import document
from campaign import Run
from cases import CASES, ONE_WORKER
from machine import Machine
from ratios import rows
from results import BadFile, Results, read, together
from servers import NATSD

MACHINE = Machine("A CPU", 2, "6.1", 4 << 30, ["natsd 0.1.0", "nats-server v2.15.2"])


def results(*runs: Run, command: str = "scripts/bench") -> Results:
    return Results(command, MACHINE, list(runs))


def pair(case: str, natsd: float, reference: float, metric: str = "cpu", name: str = NATSD) -> list[Run]:
    return [Run(case, 0, name, {metric: natsd}), Run(case, 0, "reference", {metric: reference})]


class DocumentTest(unittest.TestCase):
    def setUp(self) -> None:
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.path = Path(folder.name) / "file"

    def tables(self, *runs: Run) -> str:
        group = [case for case in CASES if case.name in {run.case for run in runs}]
        return document.tables([results(*runs)], rows(group, list(runs)), list(runs))

    def test_tables_name_machine_and_command(self) -> None:
        text = self.tables(*pair("1:1 16 B", 100, 400))
        self.assertIn("A CPU, 2 cores, 4 GiB, Linux 6.1, natsd 0.1.0, nats-server v2.15.2.", text)
        self.assertIn("    scripts/bench\n", text)

    def test_a_row_says_whether_its_target_is_met(self) -> None:
        self.assertIn(
            "| 1:1 16 B | 100 ns | 1.00 µs | 0.1 | ≤ 0.2 met |  |\n", self.tables(*pair("1:1 16 B", 100, 1000))
        )
        self.assertIn("| 500 ns | 1.00 µs | 0.5 | ≤ 0.2 **missed** |", self.tables(*pair("1:1 16 B", 500, 1000)))

    def test_cases_beside_others_have_a_table_of_their_own(self) -> None:
        few, many = "beside 10 idle connections", "beside 10,000 idle connections"
        text = self.tables(*pair(few, 100, 300, name=ONE_WORKER), *pair(many, 105, 600, name=ONE_WORKER))
        self.assertNotIn("CPU time of the server", text)
        self.assertIn(f"| {few} | 100 ns | 1 |  | 300 ns | 1 |\n", text)
        self.assertIn(f"| {many} | 105 ns | 1.05 | ≤ 1.1 met | 600 ns | 2 |\n", text)

    def test_invalid_runs_are_counted(self) -> None:
        text = self.tables(*pair("1:1 16 B", 1, 2), Run("1:1 16 B", 1, "natsd", problem="lost messages"))
        self.assertIn("1 of 3 runs were not valid", text)

    def test_only_what_is_between_the_markers_changes(self) -> None:
        self.path.write_text(f"before\n{document.BEGIN}\nold\n{document.END}\nafter\n")
        document.write(self.path, [results()], [], [])
        text = self.path.read_text()
        self.assertTrue(text.startswith(f"before\n{document.BEGIN}\n\nA CPU"), text)
        self.assertTrue(text.endswith(f"{document.END}\nafter\n"), text)
        self.assertNotIn("old", text)
        document.write(self.path, [results()], [], [])
        self.assertEqual(self.path.read_text(), text)

    def test_a_document_without_markers_is_left_alone(self) -> None:
        for text in ("", document.BEGIN, document.END, f"{document.END}\n{document.BEGIN}"):
            self.path.write_text(text)
            with self.subTest(text=text), self.assertRaises(document.BadDocument):
                document.write(self.path, [results()], [], [])
            self.assertEqual(self.path.read_text(), text)

    def test_results_are_read_as_they_were_written(self) -> None:
        written = results(*pair("1:1 16 B", 1, 2), Run("idle", 0, "natsd", problem="no server", notes=["n"]))
        written.write(self.path)
        self.assertEqual(read(self.path), written)

    def test_files_that_are_no_results_are_refused(self) -> None:
        for text in ("", "{}", "[]", '{"command": "", "machine": {}, "runs": []}'):
            self.path.write_text(text)
            with self.subTest(text=text), self.assertRaises(BadFile):
                read(self.path)
        with self.assertRaises(BadFile):
            read(self.path.parent / "none")

    def test_of_a_case_in_two_files_the_later_one_counts(self) -> None:
        old, new = results(*pair("a", 1, 1), *pair("b", 1, 1)), results(*pair("b", 2, 2))
        self.assertEqual(together([old, new]), [*pair("a", 1, 1), *pair("b", 2, 2)])

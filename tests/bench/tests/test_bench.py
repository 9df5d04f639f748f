import unittest

from bench import command_line


class BenchTest(unittest.TestCase):
    def test_a_command_is_shown_without_where_its_results_go(self) -> None:
        for words, want in (
            ([], "scripts/bench"),
            (["--json", "a/all.json", "1:1*"], "scripts/bench '1:1*'"),
            (["--rounds", "3", "--json=all.json", "--quiet", "--write-docs"], "scripts/bench --rounds 3"),
        ):
            with self.subTest(words=words):
                self.assertEqual(command_line(words), want)

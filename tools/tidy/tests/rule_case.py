"""What the tests of the rules share: a tree from a dict, and its problems as short texts."""
import sys
import unittest
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from tree import Tree  # noqa: E402  (found through the path set above)


class RuleCase(unittest.TestCase):
    module = None  # under test

    def problems(self, files: dict[str, str]) -> list[str]:
        return sorted(f"{problem.path}:{problem.line} {problem.rule}" for problem in self.module.check(Tree(files)))

    def assert_problems(self, files, *expected):
        self.assertEqual(self.problems(files), sorted(expected))

    def assert_clean(self, files):
        self.assert_problems(files)

import tempfile
import unittest
from pathlib import Path

import rule_case  # noqa: F401  (sets the path)
import exceptions
from tree import Problem, read_tree


class ReadTreeTest(unittest.TestCase):
    def test_text_of_ours_is_read(self):
        files = {"libs/a/src/x.c": b"x", "README.md": b"y", "build/release/x.c": b"", ".git/config": b"",
                 "tests/conformance/core/x.py": b"", "libs/a/fuzz/corpus/x/seed": b"", "docs/x.png": b"\xff\xfe",
                 "tests/interop/js/node_modules/x.js": b""}
        with tempfile.TemporaryDirectory() as folder:
            for name, content in files.items():
                path = Path(folder, name)
                path.parent.mkdir(parents=True, exist_ok=True)
                path.write_bytes(content)
            self.assertEqual(read_tree(Path(folder)).texts, {"libs/a/src/x.c": "x", "README.md": "y"})


class ExceptionsTest(unittest.TestCase):
    def test_an_exception_excuses_its_rule_in_its_file_only(self):
        problems = [Problem("a.c", 3, "", "free"), Problem("a.c", 4, "", "time"), Problem("b.c", 5, "", "free")]
        self.assertEqual(exceptions.apply(problems, (("a.c", "free", "why"),)), problems[1:])

    def test_an_exception_that_nothing_needs_is_a_problem(self):
        remaining = exceptions.apply([], (("a.c", "free", "why"),))
        self.assertEqual([(problem.path, problem.rule) for problem in remaining], [("a.c", "exceptions")])


if __name__ == "__main__":
    unittest.main()

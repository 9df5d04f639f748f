import tempfile
import unittest
from pathlib import Path

from rule_case import RuleCase
import registered

EXAMPLE = {"libs/net/README.md": "```c\nint main;\n```\n", "libs/net/tests/example_net.c": "int main;\n"}


class RegisteredTest(RuleCase):
    module = registered

    def test_programs_are_found_by_their_names(self):
        self.assert_clean(EXAMPLE | {"libs/net/tests/test_x.c": "", "libs/net/fuzz/fuzz_x.c": "",
                                     "libs/net/bench/bench_x.c": ""})
        self.assert_problems(EXAMPLE | {"libs/net/tests/check_x.c": "", "libs/net/fuzz/x.c": "",
                                        "apps/natsd/tests/x.c": ""},
                             "apps/natsd/tests/x.c:0 registered", "libs/net/fuzz/x.c:0 registered", "libs/net/tests/check_x.c:0 registered")

    def test_private_headers_are_included_by_something(self):
        self.assert_clean(EXAMPLE | {"libs/net/src/a.h": "", "libs/net/src/b.c": '#include "a.h"\n'})
        self.assert_problems(EXAMPLE | {"libs/net/src/a.def": ""}, "libs/net/src/a.def:0 registered")

    def test_the_readme_shows_the_example(self):
        self.assert_problems(EXAMPLE | {"libs/net/README.md": "int other;"}, "libs/net/README.md:0 registered")
        self.assert_problems({"libs/net/src/x.c": ""}, "libs/net/README.md:0 registered")
        self.assert_problems({"libs/net/src/x.c": "", "libs/net/README.md": ""},
                             "libs/net/tests/example_net.c:0 registered")

    def test_fuzz_targets_and_corpora_go_together(self):
        with tempfile.TemporaryDirectory() as folder:
            fuzz = Path(folder, "libs/net/fuzz")
            for path in ("corpus/good", "corpus/empty", "corpus/lonely"):
                (fuzz / path).mkdir(parents=True)
            (fuzz / "corpus/good/seed").touch()
            for name in ("good", "empty", "bare"):
                (fuzz / f"fuzz_{name}.c").touch()
            self.assertEqual([problem.path for problem in registered.corpora(Path(folder))],
                             ["libs/net/fuzz/fuzz_bare.c", "libs/net/fuzz/fuzz_empty.c", "libs/net/fuzz/corpus/lonely"])


if __name__ == "__main__":
    unittest.main()

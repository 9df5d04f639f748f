import shutil
import tempfile
import unittest
from pathlib import Path

import rule_case  # noqa: F401  (sets the path)
import standalone

HEADERS = {
    "whole.h": "#pragma once\n#include <stddef.h>\nsize_t f(void);\n",
    "lacks.h": "#pragma once\nsize_t f(void);\n",
    "twice.h": "struct a { int x; };\n",
    "for_c.h": "#pragma once\nstatic inline int *f(void *p) { return p; }\n",
    "atomic.h": "#pragma once\nstruct b { _Atomic int n; };\n",
}


@unittest.skipUnless(shutil.which("cc") and shutil.which("c++"), "needs compilers")
class StandaloneTest(unittest.TestCase):
    def setUp(self):
        self.folder = tempfile.TemporaryDirectory()
        self.addCleanup(self.folder.cleanup)
        self.root = Path(self.folder.name)
        natsd = self.root / "libs/x/include/natsd"
        natsd.mkdir(parents=True)
        for name, text in HEADERS.items():
            (natsd / name).write_text(text)

    def found(self, cxx):
        return sorted((Path(problem.path).name, problem.text.split(":")[0].split()[-1])
                      for problem in standalone.check(self.root, "cc", cxx))

    def test_headers_that_do_not_compile_alone_are_found(self):
        self.assertEqual(self.found("c++"), [("for_c.h", "C++"), ("lacks.h", "C"), ("lacks.h", "C++"),
                                             ("twice.h", "C"), ("twice.h", "C++")])

    def test_without_a_c_plus_plus_compiler_c_is_checked(self):
        self.assertEqual(self.found("no-such-compiler"), [("lacks.h", "C"), ("twice.h", "C")])


if __name__ == "__main__":
    unittest.main()

import shutil
import subprocess
import tempfile
import unittest
from pathlib import Path

import rule_case  # noqa: F401  (sets the path)
import exports

SOURCE = """
int nnet_public(void) { static int calls; return ++calls; }
int nnet__shared(void) { return 1; }
int stray(void) { return 2; }
static int hidden(void) { return 3; }
static const int *const table[] = {0};
int nnet_use(int i) { return hidden() + *table[i]; }
static const char text[] = "constant";
const char *nnet_text(void) { return text; }
int nnet_state = 5;
_Thread_local int nnet_per_thread;
"""


@unittest.skipUnless(shutil.which("cc"), "needs a compiler")
class ExportsTest(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.build = Path(folder.name)

    def archive(self, library, source):
        place = self.build / "libs" / library
        place.mkdir(parents=True)
        (place / "x.c").write_text(source)
        subprocess.run(["cc", "-fPIC", "-c", "x.c", "-o", "x.o"], cwd=place, check=True)
        subprocess.run(["ar", "rcs", f"libnatsd-{library}.a", "x.o"], cwd=place, check=True)

    def rules(self):
        return sorted(problem.rule for problem in exports.check(self.build) if problem.rule != "missing")

    def test_strays_and_changing_variables_are_found(self):
        self.archive("net", SOURCE)
        self.assertEqual(self.rules(), ["calls", "nnet_per_thread", "nnet_state", "stray"])

    def test_an_unknown_library_needs_a_prefix(self):
        self.archive("new", "int nnew_x(void) { return 1; }")
        self.assertEqual(self.rules(), ["exports"])

    def test_every_library_is_there(self):
        missing = [problem.path for problem in exports.check(self.build)]
        self.assertEqual(missing, sorted(f"libnatsd-{library}.a" for library in exports.PREFIXES))


if __name__ == "__main__":
    unittest.main()

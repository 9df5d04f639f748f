import unittest

from rule_case import RuleCase
import wording


class WordingTest(RuleCase):
    module = wording

    def test_markers_are_found_as_words(self):
        self.assert_problems({"libs/net/src/x.c": "// TODO: more\n// a FIXME\n// XXX\n", "docs/a.md": "HACK"},
                             "docs/a.md:1 marker", *(f"libs/net/src/x.c:{n} marker" for n in (1, 2, 3)))
        self.assert_clean({"libs/net/src/x.c": '"\\uXXXX" mkdtemp("x-XXXXXX"); TODOS'})

    def test_paths_of_one_machine_are_found(self):
        for text in ("{}work{}x", "see {}root{}.cache", "-I {}home{}me", '"{}Users{}me"'):
            with self.subTest(text=text):
                self.assert_problems({"scripts/x": text.format("/", "/")}, "scripts/x:1 path")
        for text in ("https://example.com{}work{}x", "a{}root{}b", "~{}work{}y", "..{}work{}y"):
            with self.subTest(text=text):
                self.assert_clean({"scripts/x": text.format("/", "/")})

    def test_folders_of_temporary_files_are_one_s_own(self):
        self.assert_problems({"libs/net/tests/test_x.c": '"/tmp/natsd.sock"'}, "libs/net/tests/test_x.c:1 path")
        self.assert_clean({"libs/net/tests/test_x.c": '"/tmp/natsd-XXXXXX"', "scripts/x": "${TMPDIR:-/tmp}/x"})

    def test_dead_code_is_found(self):
        self.assert_problems({"libs/net/src/x.c": "\n#if 0\n#endif\n// #if 0\n#if 01\n"}, "libs/net/src/x.c:2 dead")

    def test_words_of_a_workplace_are_found(self):
        self.assert_problems({"docs/a.md": "ask a colleague\nSubagents\n"}, "docs/a.md:1 wording", "docs/a.md:2 wording")
        self.assert_clean({"docs/a.md": "the user agent of a session, brief and clear"})


if __name__ == "__main__":
    unittest.main()

import unittest

from rule_case import RuleCase
import naming


class NamingTest(RuleCase):
    module = naming

    def test_names_that_say_nothing_are_found_in_any_part(self):
        for path in ("libs/net/src/tls_util.c", "scripts/common.sh", "libs/server/src/misc/x.c",
                     "tests/e2e/helpers.py", "libs/net/src/conn-manager.def"):
            with self.subTest(path=path):
                self.assertIn(f"{path}:0 naming", self.problems({path: ""}))

    def test_words_that_only_contain_them_are_fine(self):
        self.assert_clean({"libs/net/src/commonality.c": "", "libs/net/src/utility.h": ""})

    def test_c_files_are_lower_snake(self):
        self.assert_problems({"libs/net/src/tlsConn.c": "", "libs/net/src/tls-conn.h": ""},
                             "libs/net/src/tls-conn.h:0 naming", "libs/net/src/tlsConn.c:0 naming")

    def test_a_file_has_at_most_a_thousand_lines(self):
        self.assert_clean({"libs/net/src/x.c": "\n" * 1000, "docs/long.md": "\n" * 2000})
        self.assert_problems({"libs/net/src/x.c": "\n" * 1001}, "libs/net/src/x.c:0 lines")


if __name__ == "__main__":
    unittest.main()

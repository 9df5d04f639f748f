import unittest

from rule_case import RuleCase
import includes


class IncludesTest(RuleCase):
    module = includes

    def test_a_source_begins_with_its_own_header(self):
        self.assert_clean({
            "libs/net/src/a.c": '#include "a.h"\n#include <x.h>\n', "libs/net/src/a.h": "",
            "libs/net/src/b.c": "#include <natsd/b.h>\n", "libs/net/include/natsd/b.h": "",
            "libs/server/src/clients/c.c": '#include "clients/c.h"\n', "libs/server/src/clients/c.h": "",
            "libs/net/src/none.c": "#include <x.h>\n"})

    def test_another_header_first_is_found(self):
        self.assert_problems({"libs/net/src/a.c": '#include <stdio.h>\n#include "a.h"\n', "libs/net/src/a.h": ""},
                             "libs/net/src/a.c:1 includes")

    def test_public_headers_include_no_private_ones(self):
        self.assert_problems({"libs/net/include/natsd/a.h": '#include <natsd/b.h>\n#include "c.h"\n'},
                             "libs/net/include/natsd/a.h:2 includes")


if __name__ == "__main__":
    unittest.main()

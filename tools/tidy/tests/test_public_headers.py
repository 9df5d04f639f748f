import unittest

from rule_case import RuleCase
import public_headers

PATH = "libs/net/include/natsd/a.h"
BEGIN = "/* natsd/a.h - a. */\n#pragma once\n"


class PublicHeadersTest(RuleCase):
    module = public_headers

    def test_a_header_begins_with_its_name_and_purpose(self):
        self.assert_clean({PATH: BEGIN})
        for text in ("#pragma once\n", "/* natsd/b.h - b. */\n#pragma once\n", "// a\n#pragma once\n"):
            with self.subTest(text=text):
                self.assert_problems({PATH: text}, f"{PATH}:1 headers")

    def test_every_header_is_read_once(self):
        self.assert_problems({"libs/net/src/a.h": "// #pragma once\n"}, "libs/net/src/a.h:1 headers")

    def test_functions_are_declared_for_c_plus_plus(self):
        prototype = "NB_MUST_USE int nnet_a(struct slice text,\n    int n) NB_ACQUIRE(n);\n"
        self.assert_problems({PATH: BEGIN + prototype}, f"{PATH}:3 headers")
        self.assert_clean({PATH: BEGIN + 'extern "C" {\n' + prototype + "}\n"})

    def test_a_header_without_functions_needs_no_linkage(self):
        self.assert_clean({PATH: BEGIN + "struct a {\n    int (*f)(int x);\n};\n#define A(x) f(x)\nenum { B = 1 };\n"})

    def test_a_header_with_atomics_is_for_c_alone_and_so_are_its_users(self):
        user = "/* natsd/b.h - b. */\n#pragma once\n#include <natsd/a.h>\nvoid f(void);\n"
        self.assert_clean({PATH: BEGIN + "struct a {\n    _Atomic int n;\n};\nvoid g(void);\n",
                           "libs/net/include/natsd/b.h": user})

    def test_tags_are_kept(self):
        self.assert_problems({"libs/net/src/x.c": "typedef struct a {\n} b;\ntypedef int (*f_fn)(int);\n"},
                             "libs/net/src/x.c:1 typedef")


if __name__ == "__main__":
    unittest.main()

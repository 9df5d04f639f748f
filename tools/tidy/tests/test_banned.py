import unittest

from rule_case import RuleCase
import banned


class BannedTest(RuleCase):
    module = banned

    def test_calls_are_found_line_by_line(self):
        self.assert_problems({"libs/net/src/x.c": "void f(void)\n{\n    strcpy(a, b);\n    free (a);\n}\n"},
                             "libs/net/src/x.c:3 strcpy", "libs/net/src/x.c:4 free")

    def test_words_in_comments_strings_members_and_longer_names_are_no_calls(self):
        self.assert_clean({"libs/net/src/x.c": '// free(x)\nlog("malloc(");\nt->free(x); t.time(x); nb_free(x); sprintf_x();'})

    def test_memory_is_base_s_in_the_product_and_everybody_s_in_tests(self):
        call = "p = malloc(n);"
        self.assert_clean({"libs/base/src/memory.c": call, "libs/net/tests/test_x.c": call, "libs/net/fuzz/fuzz_x.c": call})
        self.assert_problems({"apps/natsd/src/main.c": call}, "apps/natsd/src/main.c:1 malloc")

    def test_clocks_and_sleeps_are_banned_from_tests_too(self):
        self.assert_problems({"libs/net/tests/test_x.c": "now = time(NULL);\nusleep(10);"},
                             "libs/net/tests/test_x.c:1 time", "libs/net/tests/test_x.c:2 usleep")

    def test_libraries_neither_end_the_process_nor_print(self):
        text = 'exit(1); abort(); printf("x");'
        self.assert_problems({"libs/net/src/x.c": text}, "libs/net/src/x.c:1 abort", "libs/net/src/x.c:1 exit",
                             "libs/net/src/x.c:1 printf")
        self.assert_clean({"apps/natsd/src/main.c": text, "libs/net/tests/example_net.c": text})

    def test_programs_that_use_none_of_our_libraries_are_left_alone(self):
        self.assert_clean({"tests/interop/c/main.c": "free(p); sleep(1);"})


if __name__ == "__main__":
    unittest.main()

import unittest

import rule_case  # noqa: F401  (sets the path)
import c_text


class StripTest(unittest.TestCase):
    def test_comments_and_strings_go_and_lines_stay(self):
        text = 'a("free(", \'"\', b); // strcpy(\n/* one\n two */ c;\n'
        self.assertEqual(c_text.strip(text), 'a("", \'\', b);  \n \n c;\n')

    def test_quotes_in_comments_and_comments_in_quotes_do_not_mislead(self):
        self.assertEqual(c_text.strip('/* don\'t */ x; // it\'s "\ny;'), '  x;  \ny;')
        self.assertEqual(c_text.strip('s = "// no"; t = "\\"/*"; u;'), 's = ""; t = ""; u;')

    def test_a_comment_line_may_be_continued(self):
        self.assertEqual(c_text.strip("// one \\\n two\nx;"), " \n\nx;")

    def test_a_comment_without_an_end_reaches_the_end(self):
        self.assertEqual(c_text.strip("x; /* y\nz"), "x;  \n")


class IncludesTest(unittest.TestCase):
    def test_both_kinds_are_found_where_they_stand(self):
        text = '/* #include <no.h>\n*/\n#include "own.h"\n# include <natsd/x.h> // why\n'
        self.assertEqual([(i.line, i.name, i.is_quoted) for i in c_text.includes(text)],
                         [(3, "own.h", True), (4, "natsd/x.h", False)])


if __name__ == "__main__":
    unittest.main()

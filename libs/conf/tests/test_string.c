/* Strings in their four forms, and words (spec 02 sections 2.5 and 2.13). */
#include "conf_fixture.h"

#define ESCAPES \
    " Only the following escape characters are allowed: \\xXX, \\t, \\n, \\r, \\\", \\\\."

struct meaning {
    const char *text;
    const char *json;
};

static void check_all(const struct meaning *cases, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        check_means(cases[i].text, cases[i].json);
    }
}

static void bare_strings_end_at_separators_and_keep_the_rest(void **state NB_UNUSED)
{
    static const struct meaning cases[] = {
        {"v = bar", "{\"v\":\"bar\"}"},
        {"v = bar # baz", "{\"v\":\"bar\"}"},
        {"v = bar#baz", "{\"v\":\"bar#baz\"}"},
        {"v = bar//baz", "{\"v\":\"bar//baz\"}"},
        {"v = /a/b", "{\"v\":\"/a/b\"}"},
        {"v = http://a:1/b?c=d", "{\"v\":\"http://a:1/b?c=d\"}"},
        {"v = x\"y", "{\"v\":\"x\\\"y\"}"},
        {"v = x(y){z[", "{\"v\":\"x(y){z[\"}"},
        {"v = +5", "{\"v\":\"+5\"}"},
        {"v = *.foo.\xC3\xA9", "{\"v\":\"*.foo.\xC3\xA9\"}"},
        {"v = #x", "{\"v\":\"#x\"}"},
        {"v = //", "{\"v\":\"//\"}"},
        {"v = a$b", "{\"v\":\"a$b\"}"},
        {"v = a\xC2\xA0"
         "b",
         "{\"v\":\"a\xC2\xA0"
         "b\"}"},
        {"v = \xC2\xA0"
         "b",
         "{\"v\":\"\xC2\xA0"
         "b\"}"},
        {"v = bar'", "{\"v\":\"bar\"}"},
        {"v = yes'", "{\"v\":\"yes\"}"},
        {"v = $A'", "{\"v\":\"$A\"}"},
        {"a = x;b = y,c = z", "{\"a\":\"x\",\"b\":\"y\",\"c\":\"z\"}"},
        {"v = ,a = b", "{\"a\":\"b\",\"v\":\"\"}"},
    };

    check_all(cases, NB_ARRAY_LEN(cases));
}

static void words_are_booleans_only_without_quotes_and_escapes(void **state NB_UNUSED)
{
    static const struct meaning cases[] = {
        {"v true", "{\"v\":true}"},
        {"v TRUE", "{\"v\":true}"},
        {"v Yes", "{\"v\":true}"},
        {"v on", "{\"v\":true}"},
        {"v false", "{\"v\":false}"},
        {"v nO", "{\"v\":false}"},
        {"v Off", "{\"v\":false}"},
        {"v 'true'", "{\"v\":\"true\"}"},
        {"v \"off\"", "{\"v\":\"off\"}"},
        {"v null", "{\"v\":\"null\"}"},
        {"v trues", "{\"v\":\"trues\"}"},
        {"v tr\\x75e", "{\"v\":\"true\"}"},
        {"v enabled", "{\"v\":\"enabled\"}"},
        {"v t", "{\"v\":\"t\"}"},
    };

    check_all(cases, NB_ARRAY_LEN(cases));
}

static void escapes_work_in_double_quotes_and_in_bare_strings(void **state NB_UNUSED)
{
    static const struct meaning cases[] = {
        {"p = C:\\nats", "{\"p\":\"C:\\nats\"}"},
        {"foo = start\\x7Cend", "{\"foo\":\"start|end\"}"},
        {"v = \\x41\\x42", "{\"v\":\"AB\"}"},
        {"v = a\\tb\\rc\\\\d\\\"", "{\"v\":\"a\\tb\\rc\\\\d\\\"\"}"},
        {"v = \"a\\tb\\n\\r\\\\\\\"\\x41\"", "{\"v\":\"a\\tb\\n\\r\\\\\\\"A\"}"},
        {"v = \"a\nb\"", "{\"v\":\"a\\nb\"}"},
        {"v = \"\"", "{\"v\":\"\"}"},
        {"v = \"it's # not // a [comment]\"", "{\"v\":\"it's # not // a [comment]\"}"},
        {"v = \"\\x7e\\x7E\"", "{\"v\":\"~~\"}"},
        {"v = \"\\x00\"", "{\"v\":\"\\u0000\"}"},
        {"v = \"$NOPE\"", "{\"v\":\"$NOPE\"}"},
        {"A = x, v = $A\\x41", "{\"A\":\"x\",\"v\":\"$AA\"}"},
        {"v = \"12\"", "{\"v\":\"12\"}"},
        {"v = \"\\xff\"", "{\"v\":\"\\ufffd\"}"},
        {"v = \xFF", "{\"v\":\"\\ufffd\"}"},
        {"v = \xEF\xBF\xBD", "{\"v\":\"\xEF\xBF\xBD\"}"},
        {"v = \"\\xe2\\x82\\xac\"", "{\"v\":\"\xE2\x82\xAC\"}"},
    };

    check_all(cases, NB_ARRAY_LEN(cases));
}

static void single_quoted_strings_are_raw(void **state NB_UNUSED)
{
    static const struct meaning cases[] = {
        {"v = 'a\\tb'", "{\"v\":\"a\\\\tb\"}"},
        {"v = 'a\nb'", "{\"v\":\"a\\nb\"}"},
        {"v = ''", "{\"v\":\"\"}"},
        {"v = '\\'", "{\"v\":\"\\\\\"}"},
        {"v = '$A'", "{\"v\":\"$A\"}"},
        {"v = 'a; b, c } ]'", "{\"v\":\"a; b, c } ]\"}"},
        {"v = 'x'//c", "{\"v\":\"x\"}"},
        {"v = 'x'# c", "{\"v\":\"x\"}"},
    };

    check_all(cases, NB_ARRAY_LEN(cases));
}

static void block_strings_end_at_a_parenthesis_alone_on_its_line(void **state NB_UNUSED)
{
    static const struct meaning cases[] = {
        {"v (\nabc\n)\n", "{\"v\":\"\\nabc\\n\"}"},
        {"v (x\n)\n", "{\"v\":\"x\\n\"}"},
        {"v (\n)\n", "{\"v\":\"\\n\"}"},
        {"v (\n)", "{\"v\":\"\\n\"}"}, // the reference keeps the parenthesis of the last byte
        {"v (a (b) c\n d )\n)\n", "{\"v\":\"a (b) c\\n d )\\n\"}"},
        {"v (\n)x\n)\n", "{\"v\":\"\\n)x\\n\"}"},
        {"v (\n )\n)\n", "{\"v\":\"\\n )\\n\"}"},
        {"v (\n\\t\n)\n", "{\"v\":\"\\n\\\\t\\n\"}"},
        {"v [ (\nx\n)\n]", "{\"v\":[\"\\nx\\n\"]}"},
    };

    check_all(cases, NB_ARRAY_LEN(cases));
}

static void strings_that_never_end_are_refused_where_the_text_ends(void **state NB_UNUSED)
{
    static const struct {
        const char *text;
        int line;
        const char *error;
    } cases[] = {
        {"a 'x", 1, "Unexpected EOF."},
        {"a \"x", 1, "Unexpected EOF."},
        {"a '", 1, "Unexpected EOF."},
        {"listen: \"localhost:4242\n\nhttp: x\n", 4, "Unexpected EOF."},
        {"a { b 'x", 1, "Unexpected EOF."},
        {"a [ 'x\n\n\n", 4, "Unexpected EOF."},
        {"a (\nx", 2, "Unexpected EOF processing block."},
        {"a (x)", 1, "Unexpected EOF processing block."},
        {"a (\nx\n) \n", 4, "Unexpected EOF processing block."},
        {"a (\r\nx\r\n)\r\n", 4, "Unexpected EOF processing block."},
    };

    for (size_t i = 0; i < NB_ARRAY_LEN(cases); i++) {
        check_lexer_refuses(nb_slice_of(cases[i].text), cases[i].line, nb_slice_of(cases[i].error));
    }
}

static void bad_escapes_are_refused(void **state NB_UNUSED)
{
    static const struct {
        const char *text;
        int line;
        struct slice error;
    } cases[] = {
        {"a \"C:\\foo\"", 1, NB_SLICE("Invalid escape character 'f'." ESCAPES)},
        {"a C:\\foo", 1, NB_SLICE("Invalid escape character 'f'." ESCAPES)},
        {"a \"\\'\"", 1, NB_SLICE("Invalid escape character '''." ESCAPES)},
        {"a \"\\u0041\"", 1, NB_SLICE("Invalid escape character 'u'." ESCAPES)},
        {"a \"\\\xC3\xA9\"", 1, NB_SLICE("Invalid escape character '\xC3\xA9'." ESCAPES)},
        {"a \"\\\n\"", 2, NB_SLICE("Invalid escape character '\\n'." ESCAPES)},
        {"a \\", 1, NB_SLICE("Invalid escape character '\0'." ESCAPES)},
        {"a \"\\xZZ\"", 1, NB_SLICE("Expected two hexadecimal digits after '\\x', but got 'ZZ'")},
        {"a \\x4g", 1, NB_SLICE("Expected two hexadecimal digits after '\\x', but got '4g'")},
        {"a \\xg4", 1, NB_SLICE("Expected two hexadecimal digits after '\\x', but got 'g4'")},
        {"a \"\\x4", 1, NB_SLICE("Expected two hexadecimal digits after '\\x', but got 'x4'")},
        {"a \"\\x", 1, NB_SLICE("Expected two hexadecimal digits after '\\x', but got '\\x'")},
        {"a \"\\x\xC3\xA9\"", 1,
         NB_SLICE("Expected two hexadecimal digits after '\\x', but got '\xA9\"'")},
        {"a \"\\x4\n\"", 2,
         NB_SLICE("Expected two hexadecimal digits after '\\x', but hit end of line")},
        {"a \"\\x\r4\"", 1,
         NB_SLICE("Expected two hexadecimal digits after '\\x', but hit end of line")},
    };

    for (size_t i = 0; i < NB_ARRAY_LEN(cases); i++) {
        check_lexer_refuses(nb_slice_of(cases[i].text), cases[i].line, cases[i].error);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(bare_strings_end_at_separators_and_keep_the_rest),
        cmocka_unit_test(words_are_booleans_only_without_quotes_and_escapes),
        cmocka_unit_test(escapes_work_in_double_quotes_and_in_bare_strings),
        cmocka_unit_test(single_quoted_strings_are_raw),
        cmocka_unit_test(block_strings_end_at_a_parenthesis_alone_on_its_line),
        cmocka_unit_test(strings_that_never_end_are_refused_where_the_text_ends),
        cmocka_unit_test(bad_escapes_are_refused),
    };
    return cmocka_run_group_tests_name("string", tests, NULL, NULL);
}

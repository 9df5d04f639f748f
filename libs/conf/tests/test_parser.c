/* Keys, separators, comments, blocks, maps and arrays (spec 02 sections 2.1-2.4, 2.9-2.11). */
#include "conf_fixture.h"

#define TOP "Expected a top-level value to end with a new line, comment or EOF, but got "
#define BLOCK "Expected a block-level value to end with a new line, comment or EOF, but got "
#define BLOCK_END "Expected a block-level to end with a '}', but got "
#define MAP "Expected a map value terminator \",\" or a map terminator \"}\", but got "
#define ARRAY "Expected an array value terminator \",\" or an array terminator \"]\", but got "

static void check_each_means(const char *const *texts, size_t n, const char *want)
{
    for (size_t i = 0; i < n; i++) {
        check_means(texts[i], want);
    }
}

static void keys_and_values_may_be_apart_in_many_ways(void **state NB_UNUSED)
{
    static const char *const texts[] = {
        "a b",
        "a\nb",
        "a\n\n  b",
        "a:b",
        "a=b",
        "a: b",
        "a =b",
        "a\t=\tb",
        "a : b",
        "a\n=b",
        "a\n:\tb",
        "  a b  ",
        "'a' b",
        "\"a\" : b",
        "a b;",
        "a b,",
        "a b\r",
        "\r\n a b\r\n",
        "a: b }",
        "\xC2\xA0"
        "a\xC2\xA0"
        "b",
        "a b\n}",
        "a b\n}\n",
        "{a b}",
        "{a b\n",
        "{a b\n}\n",
    };

    check_each_means(texts, NB_ARRAY_LEN(texts), "{\"a\":\"b\"}");
}

static void pairs_are_separated_by_newline_comma_semicolon_or_brace(void **state NB_UNUSED)
{
    static const char *const texts[] = {
        "a: 1, b: 2",          "a: 1; b: 2",         "a: 1\nb: 2",         "a: 1,b: 2",
        "a: 1;b: 2\n",         "a 1\rb 2",           "{a: 1, b: 2}",       "{a:1\nb:2\n}",
        "{\"a\":1,\"b\":2}",   "{a: 1} b: 2",        "{ {a: 1}, b: 2 }",   "{ {a: 1}\n; b: 2 }",
        "{ {a: 1} # c\n b 2}", "{ a: 1 }\n{ b: 2 }", "{ a: 1; { b: 2 } }", "a: 1, { b: 2 }",
        "{ {a: 1} }\n b 2",    "{ {a: 1}, {b 2} }",
    };

    check_each_means(texts, NB_ARRAY_LEN(texts), "{\"a\":1,\"b\":2}");
}

static void comments_stand_where_no_value_is_open(void **state NB_UNUSED)
{
    static const char *const texts[] = {
        "# one\na: b",
        "// one\na: b",
        "a: b # one",
        "a: b // one",
        "a: 'b'# one",
        "a: b\n# last",
        "#\n//\na: b",
        "#a: c\na: b",
        "a: b ## x // y",
        "a: b // { [ ( '",
        "\n\t # x\n a: b\n\n// y # z\n",
    };

    check_each_means(texts, NB_ARRAY_LEN(texts), "{\"a\":\"b\"}");
    check_means("a #c", "{\"a\":\"#c\"}");
    check_means("v = [a]# c", "{\"v\":[\"a\"]}");
    check_means("v = {a: b}// c", "{\"v\":{\"a\":\"b\"}}");
    check_means("v [a # one\n// all\nb // two\n]", "{\"v\":[\"a\",\"b\"]}");
    check_means("v { a = 1 # one\n b = 2 // two\n # three\n}", "{\"v\":{\"a\":1,\"b\":2}}");
}

static void vectors_of_the_specification_hold(void **state NB_UNUSED)
{
    check_means("foo='1'; bar=2.2; baz=true; boo=22",
                "{\"bar\":2.2,\"baz\":true,\"boo\":22,\"foo\":\"1\"}");
    check_means("a {b:1}", "{\"a\":{\"b\":1}}");
    check_means("a{\nb:1}", "{\"a{\":\"b:1\"}");
    check_means("array [\n{ abc: 123 }\n{ xyz: \"word\" }\n]",
                "{\"array\":[{\"abc\":123},{\"xyz\":\"word\"}]}");
    check_means("index=22\nnest { index=11, foo=$index }\nbar=$index",
                "{\"bar\":22,\"index\":22,\"nest\":{\"foo\":11,\"index\":11}}");
    check_means("a = $2a$11$abc", "{\"a\":\"$2a$11$abc\"}");
    check_means("w=5m", "{\"w\":5000000}");
    check_means("w=10s", "{\"w\":\"10s\"}");
}

static void bare_keys_take_everything_up_to_a_separator(void **state NB_UNUSED)
{
    static const char *const cases[][2] = {
        {"a.b: 1", "{\"a.b\":1}"},
        {"a[: 1", "{\"a[\":1}"},
        {"a#b: 1", "{\"a#b\":1}"},
        {"12: 1", "{\"12\":1}"},
        {"a{ 1", "{\"a{\":1}"},
        {"A: 1, a: 2", "{\"A\":1,\"a\":2}"},
        {"a,b;c: 1", "{\"a,b;c\":1}"},
        {"a 1,,b 2", "{\",b\":2,\"a\":1}"},
        {"\xEF\xBB\xBFport: 1", "{\"\xEF\xBB\xBFport\":1}"},
        {"includes x", "{\"includes\":\"x\"}"},
        {"include: x", "{\"include\":\"x\"}"},
        {"'include' x", "{\"include\":\"x\"}"},
    };

    for (size_t i = 0; i < NB_ARRAY_LEN(cases); i++) {
        check_means(cases[i][0], cases[i][1]);
    }
}

static void quoted_keys_are_raw_text(void **state NB_UNUSED)
{
    check_means("'a b': 1", "{\"a b\":1}");
    check_means("\"a:b\" 1", "{\"a:b\":1}");
    check_means("'': 1", "{\"\":1}");
    check_means("\"a'b\": 1", "{\"a'b\":1}");
    check_means("'a\\tb': 1", "{\"a\\\\tb\":1}");
    check_means("'a\nb': 1", "{\"a\\nb\":1}");
}

static void a_separator_before_the_end_gives_the_empty_string(void **state NB_UNUSED)
{
    check_means("a:", "{\"a\":\"\"}");
    check_means("a=", "{\"a\":\"\"}");
    check_means("a: ", "{\"a\":\"\"}");
    check_means("{ a: }", "{\"a\":\"\"}");
    check_means("{ a }", "{\"a\":\"\"}");
}

static void maps_are_written_in_many_ways(void **state NB_UNUSED)
{
    static const char *const cases[][2] = {
        {"{}", "{}"},
        {"{a: 1}", "{\"a\":1}"},
        {"{a: 1; b: 2, c: 3}", "{\"a\":1,\"b\":2,\"c\":3}"},
        {"{a: 1,}", "{\"a\":1}"},
        {"{\n a 1\n b = x\n\n c : y\n}", "{\"a\":1,\"b\":\"x\",\"c\":\"y\"}"},
        {"{a {b {c 1}}}", "{\"a\":{\"b\":{\"c\":1}}}"},
        {"{a: [x, {b: 2}], c: {}}", "{\"a\":[\"x\",{\"b\":2}],\"c\":{}}"},
        {"{\"a\":\"b\",\"c\":true}", "{\"a\":\"b\",\"c\":true}"},
        {"{a: 1k}", "{\"a\":1000}"},
        {"{\n a:\n  1\n b\n  :\n   2\n}", "{\"a\":1,\"b\":2}"},
        {"{ 'a b' = 1, \"c:d\" = 2, '' = 3 }", "{\"\":3,\"a b\":1,\"c:d\":2}"},
        {"{ $a: 1 }", "{\"$a\":1}"},
        {"{ a{ 1, b; 2 }", "{\"a{\":1,\"b;\":2}"},
        {"{ include: x }", "{\"include\":\"x\"}"},
        {"{ a 'x' / b 1 }", "{\"a\":\"x\",\"b\":1}"}, // a lone slash separates
        {"{ /a: 1 }", "{\"a\":1}"},                   // and is lost before a key
    };

    for (size_t i = 0; i < NB_ARRAY_LEN(cases); i++) {
        char text[128];
        char want[128];

        snprintf(text, sizeof(text), "v = %s", cases[i][0]);
        snprintf(want, sizeof(want), "{\"v\":%s}", cases[i][1]);
        check_means(text, want);
    }
}

static void arrays_are_written_in_many_ways(void **state NB_UNUSED)
{
    static const char *const cases[][2] = {
        {"[]", "[]"},
        {"[a, b]", "[\"a\",\"b\"]"},
        {"[a, b,]", "[\"a\",\"b\"]"},
        {"[a\nb\n]", "[\"a\",\"b\"]"},
        {"[\n  a,\n\n  b\n]", "[\"a\",\"b\"]"},
        {"['a', \"b\"]", "[\"a\",\"b\"]"},
        {"[true, 'true', off ]", "[true,\"true\",false]"},
        {"[[a, b], [c]]", "[[\"a\",\"b\"],[\"c\"]]"},
        {"[{a: 1}, {b: 2}]", "[{\"a\":1},{\"b\":2}]"},
        {"[[],{}]", "[[],{}]"},
        {"[\r\na\r\nb\r\n]", "[\"a\",\"b\"]"},
        {"['a' / 'b']", "[\"a\",\"b\"]"}, // a lone slash separates
    };

    for (size_t i = 0; i < NB_ARRAY_LEN(cases); i++) {
        char text[128];
        char want[128];

        snprintf(text, sizeof(text), "v %s", cases[i][0]);
        snprintf(want, sizeof(want), "{\"v\":%s}", cases[i][1]);
        check_means(text, want);
    }
}

static void all_unicode_white_space_is_skipped_before_keys(void **state NB_UNUSED)
{
    static const char *const spaces[] = {
        " ",
        "\t",
        "\n",
        "\v",
        "\f",
        "\r",
        "\xC2\x85",     // U+0085
        "\xC2\xA0",     // U+00A0
        "\xE1\x9A\x80", // U+1680
        "\xE2\x80\x80", // U+2000
        "\xE2\x80\x8A", // U+200A
        "\xE2\x80\xA8", // U+2028
        "\xE2\x80\xA9", // U+2029
        "\xE2\x80\xAF", // U+202F
        "\xE2\x81\x9F", // U+205F
        "\xE3\x80\x80", // U+3000
    };

    for (size_t i = 0; i < NB_ARRAY_LEN(spaces); i++) {
        char text[64];

        snprintf(text, sizeof(text), "%sa%s%s1", spaces[i], spaces[i], spaces[i]);
        check_means(text, "{\"a\":1}");
    }
    check_means("\xE2\x80\x8B"
                "a 1", // U+200B has no width, but is none of them
                "{\"\xE2\x80\x8B"
                "a\":1}");
}

static void values_must_be_followed_by_a_terminator(void **state NB_UNUSED)
{
    static const struct {
        const char *text;
        int line;
        struct slice error;
    } cases[] = {
        {"a: 1 b: 2", 1, NB_SLICE(TOP "'b' instead.")},
        {"a 'x' y", 1, NB_SLICE(TOP "'y' instead.")},
        {"a [x] y", 1, NB_SLICE(TOP "'y' instead.")},
        {"a {b: c} d", 1, NB_SLICE(TOP "'d' instead.")},
        {"\n\na: b c", 3, NB_SLICE(TOP "'c' instead.")},
        {"foo = // c", 1, NB_SLICE(TOP "'c' instead.")},
        {"a # c\n", 1, NB_SLICE(TOP "'c' instead.")},
        {"a: b ]", 1, NB_SLICE(TOP "']' instead.")},
        {"a: b {", 1, NB_SLICE(TOP "'{' instead.")},
        {"a 2.5GB", 1, NB_SLICE(TOP "'G' instead.")},
        {"a 1.5s\n", 1, NB_SLICE(TOP "'s' instead.")},
        {"a -5s", 1, NB_SLICE(TOP "'s' instead.")},
        {"a 10.0.0.1/8", 1, NB_SLICE(TOP "'8' instead.")},
        {"a 'x' \xFF", 1, NB_SLICE(TOP "'\xEF\xBF\xBD' instead.")},
        {"a 'x' \xC3\xA9", 1, NB_SLICE(TOP "'\xC3\xA9' instead.")},
        {"{ a: 1 b: 2 }", 1, NB_SLICE(BLOCK "'b' instead.")},
        {"{ a: 1", 1, NB_SLICE(BLOCK "'\0' instead.")},
        {"{ a:", 1, NB_SLICE(BLOCK "'\0' instead.")},
        {"{ a: x ]", 1, NB_SLICE(BLOCK "']' instead.")},
        {"{ { a: 1 } b: 2 }", 1, NB_SLICE(BLOCK_END "'b' instead.")},
        {"{ { a: 1 }\n b: 2 }", 2, NB_SLICE(BLOCK_END "'b' instead.")},
        {"{ { a: 1 }", 1, NB_SLICE(BLOCK_END "'\0' instead.")},
        {"a { b: 1 c: 2 }", 1, NB_SLICE(MAP "'c' instead.")},
        {"a { b: [x] y }", 1, NB_SLICE(MAP "'y' instead.")},
        {"a {\n b: {c: 1} d\n}", 2, NB_SLICE(MAP "'d' instead.")},
        {"a { b: 1", 1, NB_SLICE(MAP "'\0' instead.")},
        {"a { b:", 1, NB_SLICE(MAP "'\0' instead.")},
        {"a [b c]", 1, NB_SLICE(ARRAY "'c' instead.")},
        {"a [b; c]", 1, NB_SLICE(ARRAY "';' instead.")},
        {"a ['b' 'c']", 1, NB_SLICE(ARRAY "''' instead.")},
        {"a [{b: c} {d: e}]", 1, NB_SLICE(ARRAY "'{' instead.")},
        {"a [\n b\n c d\n]", 3, NB_SLICE(ARRAY "'d' instead.")},
        {"a [[x] [y]]", 1, NB_SLICE(ARRAY "'[' instead.")},
        {"a [", 1, NB_SLICE(ARRAY "'\0' instead.")},
        {"a [}]", 1, NB_SLICE(ARRAY "'}' instead.")},
    };

    for (size_t i = 0; i < NB_ARRAY_LEN(cases); i++) {
        check_lexer_refuses(nb_slice_of(cases[i].text), cases[i].line, cases[i].error);
    }
}

static void what_stands_where_it_may_not_is_refused(void **state NB_UNUSED)
{
    static const struct {
        const char *text;
        int line;
        const char *error;
    } cases[] = {
        {"= b", 1, "Unexpected key separator '='"},
        {": b", 1, "Unexpected key separator ':'"},
        {"a: b\n: c", 2, "Unexpected key separator ':'"},
        {"{ = b }", 1, "Unexpected key separator '='"},
        {"a { : b }", 1, "Unexpected key separator ':'."},
        {"a { b: c\n = d }", 2, "Unexpected key separator '='."},
        {"a { ]", 1, "Unexpected array end ']' processing map."},
        {"a { b: , }", 1, "Unexpected map value terminator \",\"."},
        {"a { b: }", 1, "Unexpected map value terminator \"}\"."}, // accepted, with a loss, there
        {"a { b }", 1, "Unexpected map value terminator \"}\"."},
        {"a [,b]", 1, "Unexpected array value terminator ','."},
        {"a [b,,c]", 1, "Unexpected array value terminator ','."},
        {"a [/]", 1, "Unexpected array value terminator ','."},
        {"foo =\n bar", 2, "Expected value but found new line"},
        {"foo:\n bar", 2, "Expected value but found new line"},
        {"foo:\r bar", 1, "Expected value but found new line"},
        {"{ foo:\n bar }", 2, "Expected value but found new line"},
        {"'a", 1, "Unexpected EOF."},
        {"\"a", 1, "Unexpected EOF."},
        {"\"", 1, "Unexpected EOF."},
        {"a: b\n\n/", 3, "Unexpected EOF."},
        {"{ /", 1, "Unexpected EOF."},
        {"a {", 1, "Unexpected EOF processing map."},
        {"a {\n b: 1\n", 3, "Unexpected EOF processing map."},
        {"a { b", 1, "Unexpected EOF processing map key."},
        {"a { 'b", 1, "Unexpected EOF processing quoted map key."},
        {"a {\n \"b", 2, "Unexpected EOF processing double quoted map key."},
    };

    for (size_t i = 0; i < NB_ARRAY_LEN(cases); i++) {
        check_lexer_refuses(nb_slice_of(cases[i].text), cases[i].line, nb_slice_of(cases[i].error));
    }
}

static void a_key_without_value_at_the_end_is_refused(void **state NB_UNUSED)
{
    static const char *const cases[][2] = {
        {"foo", "1:3"},
        {"foo = a,b", "1:9"},
        {"port: 1\nfoo", "2:4"},
        {"port: 1\n\n  foo", "3:6"},
        {"port: 1\nfoo\n", "3:1"},
        {"foo\n\n\n", "4:1"},
        {"port: 1\n'foo'", "2:6"},
        {"port: 1\n}}", "2:3"},
        {"{ a", "1:3"},
        {"include", "1:7"},
    };

    for (size_t i = 0; i < NB_ARRAY_LEN(cases); i++) {
        char want[64];

        snprintf(want, sizeof(want), "config is invalid (f.conf:%s)", cases[i][1]);
        check_refused(cases[i][0], want);
    }
}

// A NUL ends the text, and what is behind it must not be lost in silence.
static void text_behind_a_nul_is_refused(void **state NB_UNUSED)
{
    check_lexer_refuses(NB_SLICE("port: 1\n\0x: 2"), 2, NB_SLICE("Unexpected EOF."));
    check_lexer_refuses(NB_SLICE("\0"), 1, NB_SLICE("Unexpected EOF."));
    check_lexer_refuses(NB_SLICE("# a\0b\nx: 1"), 1, NB_SLICE("Unexpected EOF."));
    check_lexer_refuses(NB_SLICE("port: 'a\0b'"), 1, NB_SLICE("Unexpected EOF."));
    check_lexer_refuses(NB_SLICE("m { a: b \0 }"), 1, NB_SLICE(MAP "'\0' instead."));
    check_refused_in(NULL, NB_SLICE("po\0rt: 1"), NB_SLICE("config is invalid (f.conf:1:2)"));
}

static void the_last_of_equal_keys_wins_at_its_own_place(void **state NB_UNUSED)
{
    struct nconf_doc doc = {0};
    const struct nconf_value *entry;
    static const char *const want[] = {"b", "a", "A"};

    check_means("a 1, a 2", "{\"a\":2}");
    check_means("v { a: 1, b: 2, a: 3 }", "{\"v\":{\"a\":3,\"b\":2}}");
    check_means("c { p: 1, n: a }\nc { n: b }", "{\"c\":{\"n\":\"b\"}}");

    assert_int_equal(parse_exact(NULL, NB_SLICE("a 1\nb 2\na 3\nA 4"), &doc, NULL), NB_OK);
    assert_int_equal(doc.root->count, 3);
    entry = doc.root->first;
    for (size_t i = 0; i < NB_ARRAY_LEN(want); i++, entry = entry->next) {
        assert_true(nb_slice_is(entry->key, want[i]));
    }
    assert_null(entry);
    assert_int_equal(nconf_find_exact(doc.root, NB_SLICE("a"))->at.line, 3);
    nconf_doc_fini(&doc);
}

static void check_at(const struct nconf_value *value, uint32_t line, uint32_t pos)
{
    assert_non_null(value);
    assert_true(nb_slice_is(value->at.file, "f.conf"));
    assert_int_equal(value->at.line, line);
    assert_int_equal(value->at.pos, pos);
}

static void values_of_keys_are_where_their_key_is(void **state NB_UNUSED)
{
    static const struct {
        const char *text;
        uint32_t line;
        uint32_t pos;
    } cases[] = {
        {"port: x", 1, 0},        {"\nport: x", 2, 1},
        {"  \"port\": x", 1, 3},  {"\n  \"port\": x", 2, 4},
        {"\r\nport: x", 2, 1},    {"debug: on; port: x", 1, 11},
        {"\n\n\tport: x", 3, 2},  {"server_name: '\xC3\xA9'; port: x", 1, 19},
        {"{ port: x }", 1, 2},    {"# c\nport x", 2, 1},
        {"port\n\n x", 1, 0},     {"port {\n}", 1, 0},
        {"\"port\": [\n]", 1, 1},
    };

    for (size_t i = 0; i < NB_ARRAY_LEN(cases); i++) {
        struct nconf_doc doc = {0};

        assert_int_equal(parse_exact(NULL, nb_slice_of(cases[i].text), &doc, NULL), NB_OK);
        check_at(nconf_find(doc.root, "port"), cases[i].line, cases[i].pos);
        nconf_doc_fini(&doc);
    }
}

static void elements_of_arrays_have_their_own_place(void **state NB_UNUSED)
{
    static const struct {
        const char *text;
        uint32_t line;
        uint32_t pos;
    } cases[] = {
        {"a [x]", 1, 3},
        {"a [ 'x' ]", 1, 5},
        {"a [\n  5m\n]", 2, 3},
        {"a [\n -1.5\n]", 2, 2},
        {"a [2016-05-04T18:53:41Z]", 1, 3},
        {"a [127.0.0.1:1]", 1, 3},
        {"a [\n\"x\\x41y\"]", 2, 5},    // shifted by what the escape shrank
        {"a ['x\ny']", 2, 4},           // the line where it ends, the place where it begins
        {"a [\n {b: c}\n]", 2, 8},      // just behind the brace
        {"a [\n [b]\n]", 2, 5},         // just behind the bracket
        {"V = x\na [ $V ]", 2, 6},      // the name
        {"V = {x: y}\na [ $V ]", 2, 6}, // whatever it stands for
    };

    for (size_t i = 0; i < NB_ARRAY_LEN(cases); i++) {
        struct nconf_doc doc = {0};

        assert_int_equal(parse_exact(NULL, nb_slice_of(cases[i].text), &doc, NULL), NB_OK);
        check_at(nconf_find(doc.root, "a")->first, cases[i].line, cases[i].pos);
        nconf_doc_fini(&doc);
    }
}

static void nested_values_have_places_of_their_own(void **state NB_UNUSED)
{
    struct nconf_doc doc = {0};
    const struct nconf_value *a;
    const struct nconf_value *b;

    assert_int_equal(parse_exact(NULL, NB_SLICE("a {\n  b = [ {c: 1} ]\n}"), &doc, NULL), NB_OK);
    a = nconf_find(doc.root, "a");
    b = nconf_find(a, "b");
    check_at(a, 1, 0);
    check_at(b, 2, 3);
    check_at(b->first, 2, 15);
    check_at(nconf_find(b->first, "c"), 2, 10);
    nconf_doc_fini(&doc);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(keys_and_values_may_be_apart_in_many_ways),
        cmocka_unit_test(pairs_are_separated_by_newline_comma_semicolon_or_brace),
        cmocka_unit_test(comments_stand_where_no_value_is_open),
        cmocka_unit_test(vectors_of_the_specification_hold),
        cmocka_unit_test(bare_keys_take_everything_up_to_a_separator),
        cmocka_unit_test(quoted_keys_are_raw_text),
        cmocka_unit_test(a_separator_before_the_end_gives_the_empty_string),
        cmocka_unit_test(maps_are_written_in_many_ways),
        cmocka_unit_test(arrays_are_written_in_many_ways),
        cmocka_unit_test(all_unicode_white_space_is_skipped_before_keys),
        cmocka_unit_test(values_must_be_followed_by_a_terminator),
        cmocka_unit_test(what_stands_where_it_may_not_is_refused),
        cmocka_unit_test(a_key_without_value_at_the_end_is_refused),
        cmocka_unit_test(text_behind_a_nul_is_refused),
        cmocka_unit_test(the_last_of_equal_keys_wins_at_its_own_place),
        cmocka_unit_test(values_of_keys_are_where_their_key_is),
        cmocka_unit_test(elements_of_arrays_have_their_own_place),
        cmocka_unit_test(nested_values_have_places_of_their_own),
    };
    return cmocka_run_group_tests_name("parser", tests, NULL, NULL);
}

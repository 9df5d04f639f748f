#include <natsd/transform.h>

#include "nb_test.h"

#include <natsd/memory.h>
#include <natsd/subject.h>

enum {
    ROOM_BYTES = 256,
    SEED = 3,
};

static struct nsub_transform *must_create(const char *source, const char *destination,
                                          enum nsub_transform_mode mode)
{
    struct nsub_transform *transform = NULL;
    struct nb_diag diag = {0};

    if (nsub_transform_create(nb_slice_of(source), nb_slice_of(destination), mode, &transform,
                              &diag) != NB_OK) {
        fail_msg("%s to %s: %s", source, destination, diag.text);
    }
    return transform;
}

static void assert_maps(const struct nsub_transform *transform, const char *input, const char *want)
{
    uint8_t *out = malloc(ROOM_BYTES);
    struct slice subject = nb_slice_dup(nb_slice_of(input));
    struct nb_random random;
    size_t size = 0;
    int rc;

    nb_random_init(&random, SEED);
    rc = nsub_transform_match(transform, subject, &random, out, ROOM_BYTES, &size);
    if (rc != NB_OK || !nb_slice_equal(nb_slice_make(out, size), nb_slice_of(want))) {
        fail_msg("%.*s to %.*s for %s: code %d, \"%.*s\", not \"%s\"",
                 NB_SLICE_ARGS(nsub_transform_source(transform)),
                 NB_SLICE_ARGS(nsub_transform_destination(transform)), input, rc, (int)size,
                 (const char *)out, want);
    }
    free(out);
    nb_slice_free(&subject);
}

// The vectors of spec 01 section 15.4, and the edges of each function.
static const struct {
    const char *source;
    const char *destination;
    const char *input;
    const char *want;
} vectors[] = {
    {"foo.*.bar.*.baz", "req.$2.$1", "foo.A.bar.B.baz", "req.B.A"},
    {"baz.>", "my.pre.>", "baz.1.2.3", "my.pre.1.2.3"},
    {"", "prefix.>", "foo", "prefix.foo"},
    {"*.two.three.>", "uno.$1.>", "one.two.three.four.five", "uno.one.four.five"},
    {"*", "{{splitfromleft(1,3)}}", "12345", "123.45"},
    {"*", "{{SplitFromRight(1,3)}}", "12345", "12.345"},
    {"*", "{{SliceFromLeft(1,3)}}", "1234567890", "123.456.789.0"},
    {"*", "{{SliceFromRight(1,3)}}", "1234567890", "1.234.567.890"},
    {"*", "{{SliceFromLeft(1,3)}}", "123456", "123.456"},
    {"*", "{{SliceFromRight(1,3)}}", "123456", "123.456"},
    {"*", "{{split(1,-)}}", "-abc-def--ghi-", "abc.def.ghi"},
    {"*", "{{split(1,-)}}", "--abc", ".abc"},
    {"*", "{{split(1,-)}}", "-----abc", ".abc"},
    {"*", "{{split(1,-)}}", "abc", "abc"},
    {"*", "{{split(1,-)}}", "-", ""},
    {"*", "a.{{split(1,-)}}.b", "---", "a..b"},
    {"*", "{{split(1,--)}}", "a--b-c---d", "a.b-c.-d"},
    {"*", "{{split(1,)}}", "abc", "a.b.c"},
    {"*", "{{split(1, )}}", "a\xC3\xA4z", "a.\xC3\xA4.z"},
    {"*", "{{split(1,  -)}}", "a-b", "a.b"},
    {"*.*", "{{split(2,-)}}.{{splitfromleft(1,2)}}", "foo.-abc-def--ghij-", "abc.def.ghij.fo.o"},
    {"*", "{{right(1,3)}}", "1234", "234"},
    {"*", "{{left(1,3)}}", "1234", "123"},
    {"*", "{{left(1,6)}}", "1234", "1234"},
    {"*", "{{left(1,4)}}", "1234", "1234"},
    {"*", "{{right(1,4)}}", "1234", "1234"},
    {"*", "{{right(1,0)}}", "1234", "1234"},
    {"*", "{{left(1,-1)}}", "1234", "1234"},
    {"*", "{{splitFromLeft(1,0)}}", "1234", "1234"},
    {"*", "{{splitFromLeft(1,4)}}", "1234", "1234"},
    {"*", "{{splitFromLeft(1,9223372036854775807)}}", "1234", "1234"},
    {"*", "{{splitFromRight(1,-9223372036854775808)}}", "1234", "1234"},
    {"*", "{{splitFromRight(1,4)}}", "1234", "1234"},
    {"*", "{{sliceFromLeft(1,4)}}", "1234", "1234"},
    {"*", "{{sliceFromRight(1,5)}}", "1234", "1234"},
    {"*", "{{sliceFromLeft(1,1)}}", "1234", "1.2.3.4"},
    {"*", "{{sliceFromRight(1,1)}}", "1234", "1.2.3.4"},
    {"*", "{{sliceFromRight(1,0)}}", "1234", "1234"},
    {"*", "bar.{{partition(10)}}", "foo", "bar.3"},
    {"*", "bar.{{partition(10)}}", "baz", "bar.0"},
    {"*", "bar.{{partition(10)}}", "qux", "bar.9"},
    {"*.*", "bar.{{partition(10)}}", "foo.bar", "bar.6"},
    {"*", "bar.{{partition(10,0)}}", "foo", "bar.3"},
    {"*.*", "{{partition(10,1,2)}}", "foo.bar", "0"},
    {"*.*", "{{partition(10,1, 2)}}", "foo.bar", "0"},
    {"*.*", "{{partition( 10 ,1 , 2 )}}", "foo.bar", "0"},
    {"foo.baz", "qux.{{partition(10)}}", "foo.baz", "qux.4"},
    {"foo.baz", "qux.{{partition(10,7)}}", "foo.baz", "qux.4"},
    {"test.subject", "result.{{partition(5)}}", "test.subject", "result.0"},
    {"*", "bar.{{partition(0)}}", "foo", "bar.0"},
    {"*", "{{partition(2147483647)}}", "foo", "703823576"},
    {"*", "{{random(0)}}", "foo", "0"},
    {"*", "{{random(-5)}}", "foo", "0"},
    {"foo", "{{random(1)}}", "foo", "0"},
    {"*", "$1", "foo", "foo"},
    {"*", "$01", "foo", "foo"},
    {"*", "$+1", "foo", "foo"},
    {"x.*", "$0.$-7.$1", "x.y", "x.x.y"},
    {"*", "{{wildcard(1)}}", "foo", "foo"},
    {"*", "{{ \tWildcard (1) }}", "foo", "foo"},
    {"*", "{{wildcard( 1 )}}", "foo", "foo"},
    {"*.*", "foo.{{wildcard(2)}}", "a.b", "foo.b"},
    {"*", "$", "foo", "$"},
    {"*", "$x.$1x.x$1", "foo", "$x.$1x.x$1"},
    {"*", "$99999999999999999999", "foo", "$99999999999999999999"},
    {"*", "{{}}", "foo", "{{}}"},
    {"*", "x{{partition(10)}}", "foo", "x{{partition(10)}}"},
    {"*", "{{wildcard(1)}}x", "foo", "{{wildcard(1)}}x"},
    {"*", "{{split(1,.)}}", "foo", "{{split(1,.)}}"},
    {"foo", "bar", "foo", "bar"},
    {"foo", "$x", "foo", "$x"},
    {">", ">", "foo.bar", "foo.bar"},
    {"", ">", "foo.bar", "foo.bar"},
    {">", "a.>", "b.c", "a.b.c"},
    {"a.>", ">", "a.b.c", "b.c"},
    {"foo.*", "foo.$1", "foo.bar", "foo.bar"},
};

static void match_follows_the_vectors(void **state NB_UNUSED)
{
    for (size_t i = 0; i < NB_ARRAY_LEN(vectors); i++) {
        struct nsub_transform *transform =
            must_create(vectors[i].source, vectors[i].destination, NSUB_TRANSFORM_PLAIN);

        assert_maps(transform, vectors[i].input, vectors[i].want);
        nsub_transform_destroy(&transform);
        assert_null(transform);
    }
}

// Each output in room of its own size; one byte less is refused, and nothing is written beyond.
static void output_never_passes_its_room(void **state NB_UNUSED)
{
    for (size_t i = 0; i < NB_ARRAY_LEN(vectors); i++) {
        struct nsub_transform *transform =
            must_create(vectors[i].source, vectors[i].destination, NSUB_TRANSFORM_PLAIN);
        size_t wanted = strlen(vectors[i].want);
        struct nb_random random;

        nb_random_init(&random, SEED);
        for (size_t room = 0; room <= wanted; room++) {
            uint8_t *out = malloc(room > 0 ? room : 1);
            size_t size = 12345;
            int rc = nsub_transform_match(transform, nb_slice_of(vectors[i].input), &random, out,
                                          room, &size);

            assert_int_equal(rc, room < wanted ? NB_ELIMIT : NB_OK);
            assert_int_equal(size, room < wanted ? 12345 : wanted);
            free(out);
        }
        nsub_transform_destroy(&transform);
    }
}

#define PREFIX "invalid mapping destination: "

// Spec 01 section 15.3.
static const struct {
    const char *source;
    const char *destination;
    enum nsub_transform_mode mode;
    const char *want;
} errors[] = {
    {"foo..bar", "x", 0, "invalid subject"},
    {"foo.>.bar", "x", 0, "invalid subject"},
    {".", "x", 0, "invalid subject"},
    {"foo", "x..y", 0, "invalid subject"},
    {"foo", ".", 0, "invalid subject"},
    {"foo", "x.", 0, "invalid subject"},
    {"foo.>", "x.>.y", 0, "invalid subject"},
    {"foo.*", "x.*", 0, "invalid subject"},
    {"foo", "*", 0, "invalid subject"},
    {"foo.>", "x", 0, "invalid subject"},
    {"foo", "x.>", 0, "invalid subject"},
    {"", "x", 0, "invalid subject"},
    {"*", "{{foo(1)}}", 0, PREFIX "unknown function in {{foo(1)}}"},
    {"*", "{{WILDCARD(1)}}", 0, PREFIX "unknown function in {{WILDCARD(1)}}"},
    {"*", "{{ }}", 0, PREFIX "unknown function in {{ }}"},
    {"*", "{{wildcard}}", 0, PREFIX "unknown function in {{wildcard}}"},
    {"*", "{{wildcard(1}}", 0, PREFIX "unknown function in {{wildcard(1}}"},
    {"*", "{{wildcard 1)}}", 0, PREFIX "unknown function in {{wildcard 1)}}"},
    {"*", "{{)(}}", 0, PREFIX "unknown function in {{)(}}"},
    {"*", "{{(1)}}", 0, PREFIX "unknown function in {{(1)}}"},
    {"*", "{{splitFromleftt(1,2)}}", 0, PREFIX "unknown function in {{splitFromleftt(1,2)}}"},
    {"*", "$2", 0, PREFIX "wildcard index out of range in $2: [2]"},
    {"*.>", "$2.>", 0, PREFIX "wildcard index out of range in $2: [2]"},
    {">", "$1.>", 0, PREFIX "wildcard index out of range in $1: [1]"},
    {"*", "{{wildcard(3)}}", 0, PREFIX "wildcard index out of range in {{wildcard(3)}}: [3]"},
    {"*", "{{partition(3,1,2)}}", 0,
     PREFIX "wildcard index out of range in {{partition(3,1,2)}}: [2]"},
    {"*", "{{left(2,1)}}", 0, PREFIX "wildcard index out of range in {{left(2,1)}}: [2]"},
    {"*", "{{split(9223372036854775807,-)}}", 0,
     PREFIX "wildcard index out of range in {{split(9223372036854775807,-)}}: "
            "[9223372036854775807]"},
    {"foo", "$1", 0, PREFIX "wildcard index out of range in $1"},
    {"foo", "$0", 0, PREFIX "wildcard index out of range in $0"},
    {"foo", "{{wildcard(1)}}", 0, PREFIX "wildcard index out of range in {{wildcard(1)}}"},
    {"foo", "{{left(1,2)}}", 0, PREFIX "wildcard index out of range in {{left(1,2)}}"},
    {"*", "{{wildcard()}}", 0,
     PREFIX "not enough arguments passed to the function in {{wildcard()}}"},
    {"*", "{{splitFromLeft(1)}}", 0,
     PREFIX "not enough arguments passed to the function in {{splitFromLeft(1)}}"},
    {"*", "{{split()}}", 0, PREFIX "not enough arguments passed to the function in {{split()}}"},
    {"*", "{{split(1)}}", 0, PREFIX "not enough arguments passed to the function in {{split(1)}}"},
    {"*", "{{random(1,2)}}", 0,
     PREFIX "not enough arguments passed to the function in {{random(1,2)}}"},
    {"*", "{{wildcard(1,2)}}", 0,
     PREFIX "too many arguments passed to the function in {{wildcard(1,2)}}"},
    {"*", "{{right(1,2,3)}}", 0,
     PREFIX "too many arguments passed to the function in {{right(1,2,3)}}"},
    {"*", "{{split(1,,)}}", 0,
     PREFIX "too many arguments passed to the function in {{split(1,,)}}"},
    {"*", "{{wildcard(x)}}", 0,
     PREFIX "function argument is invalid or in the wrong format in {{wildcard(x)}}"},
    {"*", "{{wildcard( )}}", 0,
     PREFIX "function argument is invalid or in the wrong format in {{wildcard( )}}"},
    {"*", "{{partition()}}", 0,
     PREFIX "function argument is invalid or in the wrong format in {{partition()}}"},
    {"*", "{{partition(10,)}}", 0,
     PREFIX "function argument is invalid or in the wrong format in {{partition(10,)}}"},
    {"*", "{{partition(2147483648)}}", 0,
     PREFIX "function argument is invalid or in the wrong format in {{partition(2147483648)}}"},
    {"*", "{{partition(-1)}}", 0,
     PREFIX "function argument is invalid or in the wrong format in {{partition(-1)}}"},
    {"*", "{{partition(10,x)}}", 0,
     PREFIX "function argument is invalid or in the wrong format in {{partition(10,x)}}"},
    {"foo", "{{partition(10,x)}}", 0,
     PREFIX "function argument is invalid or in the wrong format in {{partition(10,x)}}"},
    {"*", "{{random()}}", 0,
     PREFIX "function argument is invalid or in the wrong format in {{random()}}"},
    {"*", "{{random(2147483648)}}", 0,
     PREFIX "function argument is invalid or in the wrong format in {{random(2147483648)}}"},
    {"*", "{{split(x,-)}}", 0,
     PREFIX "function argument is invalid or in the wrong format in {{split(x,-)}}"},
    {"*", "{{split(1,- -)}}", 0,
     PREFIX "function argument is invalid or in the wrong format in {{split(1,- -)}}"},
    {"*", "{{left(1,)}}", 0,
     PREFIX "function argument is invalid or in the wrong format in {{left(1,)}}"},
    {"*", "{{left(1,99999999999999999999)}}", 0,
     PREFIX "function argument is invalid or in the wrong format in "
            "{{left(1,99999999999999999999)}}"},
    {"*", "{{wildcard(1)}}{{wildcard(1)}}", 0,
     PREFIX "function argument is invalid or in the wrong format in "
            "{{wildcard(1)}}{{wildcard(1)}}"},
    {"*", "{{partition(10)}}", NSUB_TRANSFORM_STRICT,
     PREFIX "the only mapping function allowed for import transforms is {{Wildcard()}} in "
            "{{partition(10)}}"},
    {"*", "$1.{{split(1,-)}}", NSUB_TRANSFORM_STRICT,
     PREFIX "the only mapping function allowed for import transforms is {{Wildcard()}} in "
            "{{split(1,-)}}"},
    {"*.*", "foo.$1", NSUB_TRANSFORM_STRICT,
     PREFIX "not using all of the token wildcard(s) in foo.$1"},
    {"*", "foo", NSUB_TRANSFORM_STRICT, PREFIX "not using all of the token wildcard(s) in foo"},
    {"*", "$2", NSUB_TRANSFORM_STRICT, PREFIX "wildcard index out of range in $2: [2]"},
};

static void create_refuses_with_the_exact_text(void **state NB_UNUSED)
{
    for (size_t i = 0; i < NB_ARRAY_LEN(errors); i++) {
        struct nsub_transform *transform = (struct nsub_transform *)&errors; // stays as it is
        struct slice source = nb_slice_dup(nb_slice_of(errors[i].source));
        struct slice destination = nb_slice_dup(nb_slice_of(errors[i].destination));
        struct nb_diag diag = {0};

        assert_int_equal(
            nsub_transform_create(source, destination, errors[i].mode, &transform, &diag),
            NB_EMALFORMED);
        assert_ptr_equal(transform, &errors);
        assert_string_equal(diag.text, errors[i].want);
        assert_int_equal(
            nsub_transform_create(source, destination, errors[i].mode, &transform, NULL),
            NB_EMALFORMED);
        nb_slice_free(&source);
        nb_slice_free(&destination);
    }
}

static void long_tokens_are_cut_in_the_text(void **state NB_UNUSED)
{
    char destination[2000];
    struct nsub_transform *transform = NULL;
    struct nb_diag diag = {0};

    memset(destination, 'x', sizeof(destination));
    memset(destination, '{', 2);
    memset(destination + sizeof(destination) - 2, '}', 2);
    assert_int_equal(nsub_transform_create(NB_SLICE("*"),
                                           nb_slice_make(destination, sizeof(destination)),
                                           NSUB_TRANSFORM_PLAIN, &transform, &diag),
                     NB_EMALFORMED);
    assert_int_equal(strlen(diag.text), strlen(PREFIX "unknown function in ") + 256);
}

static void an_empty_destination_is_no_transform(void **state NB_UNUSED)
{
    struct nsub_transform *transform = (struct nsub_transform *)&errors;

    assert_int_equal(nsub_transform_create(NB_SLICE("foo"), NB_SLICE(""), NSUB_TRANSFORM_PLAIN,
                                           &transform, NULL),
                     NB_OK);
    assert_null(transform);
    nsub_transform_destroy(&transform);
}

static void match_tells_why_not(void **state NB_UNUSED)
{
    static const struct {
        const char *source;
        const char *input;
        int want;
    } cases[] = {
        {"foo.*", "foo.bar", NB_OK},          {"foo.*", "foo", NB_ENOTFOUND},
        {"foo.*", "bar.foo", NB_ENOTFOUND},   {"foo.*", "foo.bar.baz", NB_ENOTFOUND},
        {"foo.*", "foo.*", NB_EMALFORMED},    {"foo.*", "foo.>", NB_EMALFORMED},
        {"foo.*", "foo.", NB_EMALFORMED},     {"foo.*", "", NB_EMALFORMED},
        {"foo.*", "foo..bar", NB_EMALFORMED}, {"foo.*", "foo.a b", NB_OK},
    };
    uint8_t out[ROOM_BYTES];
    size_t size;

    for (size_t i = 0; i < NB_ARRAY_LEN(cases); i++) {
        struct nsub_transform *transform =
            must_create(cases[i].source, "x.$1", NSUB_TRANSFORM_PLAIN);

        assert_int_equal(nsub_transform_match(transform, nb_slice_of(cases[i].input), NULL, out,
                                              sizeof(out), &size),
                         cases[i].want);
        nsub_transform_destroy(&transform);
    }
}

// Applied without a look at the subject, to one that doesn't match: nonsense may come out, but
// nothing is read or written that isn't there.
static void apply_survives_subjects_that_do_not_match(void **state NB_UNUSED)
{
    static const char *const inputs[] = {"", ".", "a", "a.b", "..", "a.b.c.d.e.f.g"};
    uint8_t out[ROOM_BYTES];
    size_t size;
    struct nb_random random;

    nb_random_init(&random, SEED);
    for (size_t i = 0; i < NB_ARRAY_LEN(vectors); i++) {
        struct nsub_transform *transform =
            must_create(vectors[i].source, vectors[i].destination, NSUB_TRANSFORM_PLAIN);

        for (size_t k = 0; k < NB_ARRAY_LEN(inputs); k++) {
            struct slice subject = nb_slice_dup(nb_slice_of(inputs[k]));

            assert_int_equal(
                nsub_transform_apply(transform, subject, &random, out, sizeof(out), &size), NB_OK);
            nb_slice_free(&subject);
        }
        nsub_transform_destroy(&transform);
    }
}

static void random_numbers_stay_below_and_reach_all(void **state NB_UNUSED)
{
    struct nsub_transform *transform = must_create("*", "{{random(5)}}", NSUB_TRANSFORM_PLAIN);
    struct nb_random random;
    unsigned seen[5] = {0};

    nb_random_init(&random, SEED);
    for (int i = 0; i < 500; i++) {
        uint8_t out[ROOM_BYTES];
        size_t size;

        assert_int_equal(
            nsub_transform_match(transform, NB_SLICE("x"), &random, out, sizeof(out), &size),
            NB_OK);
        assert_int_equal(size, 1);
        assert_in_range(out[0], '0', '4');
        seen[out[0] - '0']++;
    }
    for (size_t i = 0; i < NB_ARRAY_LEN(seen); i++) {
        assert_in_range(seen[i], 50, 150);
    }
    nsub_transform_destroy(&transform);
}

static void more_than_32_tokens_work(void **state NB_UNUSED)
{
    char source[256] = "";
    char input[256] = "";
    char want[300];
    struct nsub_transform *transform;

    for (int i = 1; i <= 40; i++) {
        snprintf(source + strlen(source), sizeof(source) - strlen(source), "%s*", i > 1 ? "." : "");
        snprintf(input + strlen(input), sizeof(input) - strlen(input), "%st%d", i > 1 ? "." : "",
                 i);
    }
    transform = must_create(source, "$1.$32.$33.$40", NSUB_TRANSFORM_PLAIN);
    assert_maps(transform, input, "t1.t32.t33.t40");
    nsub_transform_destroy(&transform);

    source[strlen(source) - 1] = '>';
    transform = must_create(source, "$39.>", NSUB_TRANSFORM_PLAIN);
    assert_maps(transform, input, "t39.t40");
    nsub_transform_destroy(&transform);

    transform = must_create(">", "{{partition(10)}}.>", NSUB_TRANSFORM_PLAIN);
    snprintf(want, sizeof(want), "5.%s", input);
    assert_maps(transform, input, want);
    nsub_transform_destroy(&transform);
}

// Spec 01 section 15.6.
static void reverse_undoes_a_strict_transform(void **state NB_UNUSED)
{
    static const struct {
        const char *source;
        const char *destination;
        const char *reverse_source;
        const char *reverse_destination;
        const char *input;
    } cases[] = {
        {"foo.*.*", "bar.$2.{{Wildcard(1)}}", "bar.*.*", "foo.$2.$1", "foo.b.a"},
        {"foo", "bar", "bar", "foo", "foo"},
        {"foo.>", "bar.>", "bar.>", "foo.>", "foo.x.y"},
        {"foo.*.>", "$1.x.>", "*.x.>", "foo.$1.>", "foo.q.r.s"},
        {"*.*.*", "$3.$1.$2", "*.*.*", "$2.$3.$1", "a.b.c"},
        {">", "a.>", "a.>", ">", "x.y"},
    };

    for (size_t i = 0; i < NB_ARRAY_LEN(cases); i++) {
        struct nsub_transform *transform =
            must_create(cases[i].source, cases[i].destination, NSUB_TRANSFORM_STRICT);
        struct nsub_transform *reverse = NULL;
        uint8_t out[ROOM_BYTES + 1];
        size_t size;

        assert_int_equal(nsub_transform_reverse(transform, &reverse, NULL), NB_OK);
        assert_true(nb_slice_is(nsub_transform_source(reverse), cases[i].reverse_source));
        assert_true(nb_slice_is(nsub_transform_destination(reverse), cases[i].reverse_destination));
        assert_int_equal(nsub_transform_match(transform, nb_slice_of(cases[i].input), NULL, out,
                                              ROOM_BYTES, &size),
                         NB_OK);
        out[size] = '\0';
        assert_maps(reverse, (const char *)out, cases[i].input);
        nsub_transform_destroy(&transform);
        nsub_transform_destroy(&reverse);
    }
}

static void reverse_refuses_what_has_no_inverse(void **state NB_UNUSED)
{
    static const struct {
        const char *source;
        const char *destination;
        enum nsub_transform_mode mode;
        int want;
    } cases[] = {
        {"*.*", "$1.$1", NSUB_TRANSFORM_STRICT, NB_EMALFORMED},
        {"*", "$1.$1", NSUB_TRANSFORM_STRICT, NB_EMALFORMED},
        {"x.*", "$0.$1", NSUB_TRANSFORM_STRICT, NB_EMALFORMED},
        {"foo.$1.*", "bar.$1", NSUB_TRANSFORM_STRICT, NB_EMALFORMED},
        {"{{bogus}}.*", "bar.$1", NSUB_TRANSFORM_STRICT, NB_EMALFORMED},
        {"*", "$1", NSUB_TRANSFORM_PLAIN, NB_EINVALID},
    };

    for (size_t i = 0; i < NB_ARRAY_LEN(cases); i++) {
        struct nsub_transform *transform =
            must_create(cases[i].source, cases[i].destination, cases[i].mode);
        struct nsub_transform *reverse = NULL;
        struct nb_diag diag = {0};

        if (nsub_transform_reverse(transform, &reverse, &diag) != cases[i].want) {
            fail_msg("%s to %s", cases[i].source, cases[i].destination);
        }
        assert_null(reverse);
        nsub_transform_destroy(&transform);
    }
}

static void wildcards_are_numbered(void **state NB_UNUSED)
{
    static const struct {
        const char *subject;
        const char *want;
    } cases[] = {
        {"foo.*.*", "foo.$1.$2"},
        {"*", "$1"},
        {"foo", "foo"},
        {"foo.>", "foo.>"},
        {"*.x.*.>", "$1.x.$2.>"},
        {"foo*.*", "foo*.$1"},
        {"*.*.*.*.*.*.*.*.*.*", "$1.$2.$3.$4.$5.$6.$7.$8.$9.$10"},
        {"", ""},
    };

    for (size_t i = 0; i < NB_ARRAY_LEN(cases); i++) {
        size_t wanted = strlen(cases[i].want);

        for (size_t room = 0; room <= wanted; room++) {
            uint8_t *out = malloc(room > 0 ? room : 1);
            size_t size = 0;
            int rc =
                nsub_transform_number_wildcards(nb_slice_of(cases[i].subject), out, room, &size);

            assert_int_equal(rc, room < wanted ? NB_ELIMIT : NB_OK);
            if (rc == NB_OK) {
                assert_true(nb_slice_is(nb_slice_make(out, size), cases[i].want));
            }
            free(out);
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(match_follows_the_vectors),
        cmocka_unit_test(output_never_passes_its_room),
        cmocka_unit_test(create_refuses_with_the_exact_text),
        cmocka_unit_test(long_tokens_are_cut_in_the_text),
        cmocka_unit_test(an_empty_destination_is_no_transform),
        cmocka_unit_test(match_tells_why_not),
        cmocka_unit_test(apply_survives_subjects_that_do_not_match),
        cmocka_unit_test(random_numbers_stay_below_and_reach_all),
        cmocka_unit_test(more_than_32_tokens_work),
        cmocka_unit_test(reverse_undoes_a_strict_transform),
        cmocka_unit_test(reverse_refuses_what_has_no_inverse),
        cmocka_unit_test(wildcards_are_numbered),
    };
    return cmocka_run_group_tests_name("transform", tests, NULL, NULL);
}

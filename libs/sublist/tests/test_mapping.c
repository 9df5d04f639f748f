#include <natsd/mapping.h>

#include "nb_test.h"

#include <natsd/memory.h>

enum {
    ROOM_BYTES = 256,
    SEED = 11,
    DESTS_MAX = 5,
    PUBLISH_COUNT = 10000,
};

struct dest {
    const char *subject;
    uint8_t weight;
    const char *cluster;
};

static int add(struct nsub_mappings *mappings, const char *source, const struct dest *dests,
               struct nb_diag *diag)
{
    struct nsub_mapping_dest given[DESTS_MAX];
    size_t count = 0;
    struct slice copy = nb_slice_dup(nb_slice_of(source)); // nothing may be borrowed
    int rc;

    for (; count < DESTS_MAX && dests[count].subject != NULL; count++) {
        given[count].subject = nb_slice_of(dests[count].subject);
        given[count].weight = dests[count].weight;
        given[count].cluster = nb_slice_of(dests[count].cluster);
    }
    rc = nsub_mappings_add(mappings, copy, given, count, diag);
    nb_slice_free(&copy);
    return rc;
}

static void must_add(struct nsub_mappings *mappings, const char *source, const struct dest *dests)
{
    struct nb_diag diag = {0};

    if (add(mappings, source, dests, &diag) != NB_OK) {
        fail_msg("%s: %s", source, diag.text);
    }
}

// What one publish becomes: "-" for a subject that stays, "" for one that is lost.
static const char *map(const struct nsub_mappings *mappings, const char *subject,
                       const char *cluster, struct nb_random *random, char out[ROOM_BYTES])
{
    size_t size = 0;

    switch (nsub_mappings_map(mappings, nb_slice_of(subject), nb_slice_of(cluster), random,
                              (uint8_t *)out, ROOM_BYTES - 1, &size)) {
    case NSUB_MAPPING_NONE:
        return "-";
    case NSUB_MAPPING_LOST:
        return "";
    case NSUB_MAPPING_DONE:
        out[size] = '\0';
        return out;
    }
    fail();
    return NULL;
}

static void assert_maps(const struct nsub_mappings *mappings, const char *subject,
                        const char *cluster, const char *want)
{
    struct nb_random random;
    char out[ROOM_BYTES];

    nb_random_init(&random, SEED);
    for (int i = 0; i < 200; i++) {
        assert_string_equal(map(mappings, subject, cluster, &random, out), want);
    }
}

static uint32_t count_of(const struct nsub_mappings *mappings, const char *subject,
                         const char *cluster, const char *want)
{
    struct nb_random random;
    char out[ROOM_BYTES];
    uint32_t count = 0;

    nb_random_init(&random, SEED);
    for (int i = 0; i < PUBLISH_COUNT; i++) {
        count += strcmp(map(mappings, subject, cluster, &random, out), want) == 0;
    }
    return count;
}

static void assert_share(const struct nsub_mappings *mappings, const char *subject,
                         const char *cluster, const char *want, uint32_t percent)
{
    uint32_t count = count_of(mappings, subject, cluster, want);
    uint32_t wanted = percent * (PUBLISH_COUNT / 100);

    if (percent == 0 || percent == 100) {
        assert_int_equal(count, wanted);
    } else {
        assert_in_range(count, wanted - PUBLISH_COUNT / 50, wanted + PUBLISH_COUNT / 50);
    }
}

static void plain_mappings_rewrite(void **state NB_UNUSED)
{
    struct nsub_mappings *mappings = nsub_mappings_create();

    assert_true(nsub_mappings_is_empty(NULL));
    assert_true(nsub_mappings_is_empty(mappings));
    assert_maps(NULL, "foo", "", "-");
    assert_maps(mappings, "foo", "", "-");
    must_add(mappings, "foo", (struct dest[]){{"bar", 100, ""}, {0}});
    must_add(mappings, "a.*.*", (struct dest[]){{"b.$2.{{wildcard(1)}}", 100, ""}, {0}});
    must_add(mappings, "in.>", (struct dest[]){{"out.>", 100, ""}, {0}});
    must_add(mappings, "part.*", (struct dest[]){{"p.{{partition(10,1)}}", 100, ""}, {0}});
    must_add(mappings, "foo.baz", (struct dest[]){{"l.{{partition(10)}}", 100, ""}, {0}});
    assert_false(nsub_mappings_is_empty(mappings));
    assert_maps(mappings, "foo", "", "bar");
    assert_maps(mappings, "bar", "", "-"); // not mapped again, and not by itself
    assert_maps(mappings, "foo.x", "", "-");
    assert_maps(mappings, "a.x.y", "", "b.y.x");
    assert_maps(mappings, "in.x.y.z", "", "out.x.y.z");
    assert_maps(mappings, "part.foo", "", "p.3");
    assert_maps(mappings, "foo.baz", "", "l.4"); // the whole subject, not the empty string
    assert_maps(mappings, "in", "", "-");
    assert_maps(mappings, "in..x", "", "-");
    assert_maps(mappings, "", "", "-");
    nsub_mappings_destroy(&mappings);
    nsub_mappings_destroy(&mappings);
    assert_null(mappings);
}

static void the_first_source_in_the_table_wins(void **state NB_UNUSED)
{
    struct nsub_mappings *mappings = nsub_mappings_create();

    must_add(mappings, "foo.*", (struct dest[]){{"star.$1", 100, ""}, {0}});
    must_add(mappings, "foo.bar", (struct dest[]){{"literal", 100, ""}, {0}});
    must_add(mappings, "x.y", (struct dest[]){{"literal", 100, ""}, {0}});
    must_add(mappings, ">", (struct dest[]){{"all.>", 100, ""}, {0}});
    must_add(mappings, "x.*", (struct dest[]){{"late", 100, ""}, {0}});
    assert_maps(mappings, "foo.bar", "", "star.bar");
    assert_maps(mappings, "x.y", "", "literal");
    assert_maps(mappings, "x.z", "", "all.x.z");
    // A second definition takes the place of the first.
    must_add(mappings, "foo.*", (struct dest[]){{"again.$1", 100, ""}, {0}});
    assert_maps(mappings, "foo.bar", "", "again.bar");
    must_add(mappings, "x.y", (struct dest[]){{"other", 100, ""}, {0}});
    assert_maps(mappings, "x.y", "", "other");
    nsub_mappings_destroy(&mappings);
}

// Spec 01 section 15.5, step 3 of the selection.
static void missing_weight_stays_or_is_lost(void **state NB_UNUSED)
{
    struct nsub_mappings *mappings = nsub_mappings_create();

    must_add(mappings, "stays", (struct dest[]){{"bar", 50, ""}, {0}});
    must_add(mappings, "lost", (struct dest[]){{"lost", 50, ""}, {0}});
    must_add(mappings, "three",
             (struct dest[]){{"a", 20, ""}, {"b", 30, ""}, {"three", 10, ""}, {0}});
    must_add(mappings, "wild.*", (struct dest[]){{"w.$1", 40, ""}, {"wild.$1", 10, ""}, {0}});
    must_add(mappings, "rest.>", (struct dest[]){{"r.>", 40, ""}, {"rest.>", 10, ""}, {0}});
    must_add(mappings, "none", (struct dest[]){{0}});
    must_add(mappings, "zero", (struct dest[]){{"zero", 0, ""}, {0}});
    must_add(mappings, "never", (struct dest[]){{"z", 0, ""}, {"y", 100, ""}, {0}});
    assert_share(mappings, "stays", "", "bar", 50);
    assert_share(mappings, "stays", "", "stays", 50);
    assert_share(mappings, "lost", "", "lost", 50);
    assert_share(mappings, "lost", "", "", 50);
    assert_share(mappings, "three", "", "a", 20);
    assert_share(mappings, "three", "", "b", 30);
    assert_share(mappings, "three", "", "three", 10);
    assert_share(mappings, "three", "", "", 40);
    assert_share(mappings, "wild.x", "", "w.x", 40);
    assert_share(mappings, "wild.x", "", "wild.x", 60); // text with "*" is never listed
    assert_share(mappings, "rest.x", "", "rest.x", 10); // text with ">" may be
    assert_share(mappings, "rest.x", "", "", 50);
    assert_share(mappings, "none", "", "none", 100);
    assert_share(mappings, "zero", "", "", 100);
    assert_share(mappings, "never", "", "y", 100);
    nsub_mappings_destroy(&mappings);
}

static void clusters_have_destinations_of_their_own(void **state NB_UNUSED)
{
    struct nsub_mappings *mappings = nsub_mappings_create();

    must_add(mappings, "foo",
             (struct dest[]){{"x", 100, "east"}, {"y", 40, "west"}, {"z", 100, ""}, {0}});
    must_add(mappings, "only", (struct dest[]){{"x", 100, "east"}, {0}});
    must_add(mappings, "listed", (struct dest[]){{"x", 30, "east"}, {"listed", 20, "west"}, {0}});
    assert_share(mappings, "foo", "east", "x", 100);
    assert_share(mappings, "foo", "west", "y", 40);
    assert_share(mappings, "foo", "west", "foo", 60);
    assert_share(mappings, "foo", "north", "z", 100);
    assert_share(mappings, "foo", "", "z", 100);
    assert_share(mappings, "only", "east", "x", 100);
    assert_share(mappings, "only", "west", "only", 100); // the empty set is completed, too
    assert_share(mappings, "listed", "east", "x", 30);   // listed anywhere in the entry
    assert_share(mappings, "listed", "east", "", 70);
    assert_share(mappings, "listed", "west", "listed", 20);
    assert_share(mappings, "listed", "north", "", 100);
    nsub_mappings_destroy(&mappings);
}

#define PREFIX "invalid mapping destination: "

static void add_refuses_with_the_exact_text(void **state NB_UNUSED)
{
    static const struct {
        const char *source;
        struct dest dests[DESTS_MAX];
        int code;
        const char *want;
    } cases[] = {
        {"foo.>.bar", {{"x", 100, ""}}, NB_EMALFORMED, "invalid subject"},
        {"a b", {{"x", 100, ""}}, NB_EMALFORMED, "invalid subject"},
        {"", {{"x", 100, ""}}, NB_EMALFORMED, "invalid subject"},
        {"foo", {{"", 100, ""}}, NB_EMALFORMED, "invalid subject"},
        {"foo.*", {{"x.*", 100, ""}}, NB_EMALFORMED, "invalid subject"},
        {"foo", {{"x.>", 100, ""}}, NB_EMALFORMED, "invalid subject"},
        {"foo", {{"x", 50, ""}, {"x", 50, ""}}, NB_EEXISTS, "duplicate entry for \"x\""},
        {"foo", {{"x", 50, "east"}, {"x", 50, "west"}}, NB_EEXISTS, "duplicate entry for \"x\""},
        {"foo", {{"x", 101, ""}}, NB_ELIMIT, "individual weights need to be <= 100"},
        {"foo", {{"x", 255, ""}}, NB_ELIMIT, "individual weights need to be <= 100"},
        {"foo", {{"x", 60, ""}, {"y", 41, ""}}, NB_ELIMIT, "total weight needs to be <= 100"},
        {"foo", {{"x", 60, "c"}, {"y", 41, "c"}}, NB_ELIMIT, "total weight needs to be <= 100"},
        {"foo", {{"b..c", 100, ""}}, NB_EMALFORMED, PREFIX "invalid transform"},
        {"foo", {{"b.", 100, ""}}, NB_EMALFORMED, PREFIX "invalid transform"},
        {"foo", {{".b", 100, ""}}, NB_EMALFORMED, PREFIX "invalid transform"},
        {"foo", {{"a b", 100, ""}}, NB_EMALFORMED, PREFIX "invalid transform"},
        {"foo", {{"a.\tb", 100, ""}}, NB_EMALFORMED, PREFIX "invalid transform"},
        {"foo.>", {{"x.>.y", 100, ""}}, NB_EMALFORMED, PREFIX "invalid transform in y"},
        {"foo.>", {{"x.>.>", 100, ""}}, NB_EMALFORMED, PREFIX "invalid transform in >"},
        {"*", {{"{{foo(1)}}", 100, ""}}, NB_EMALFORMED, PREFIX "unknown function in {{foo(1)}}"},
        {"*",
         {{"{{foo( 1 )}}", 100, ""}},
         NB_EMALFORMED,
         PREFIX "unknown function in {{foo( 1 )}}"},
        {"*", {{"$2", 100, ""}}, NB_EMALFORMED, PREFIX "wildcard index out of range in $2: [2]"},
        {"foo", {{"$1", 100, ""}}, NB_EMALFORMED, PREFIX "wildcard index out of range in $1"},
    };
    struct nsub_mappings *mappings = nsub_mappings_create();

    must_add(mappings, "foo", (struct dest[]){{"kept", 100, ""}, {0}});
    for (size_t i = 0; i < NB_ARRAY_LEN(cases); i++) {
        struct nb_diag diag = {0};
        int rc = add(mappings, cases[i].source, cases[i].dests, &diag);

        if (rc != cases[i].code || strcmp(diag.text, cases[i].want) != 0) {
            fail_msg("%s to %s: got %d \"%s\", want %d \"%s\"", cases[i].source,
                     cases[i].dests[0].subject, rc, diag.text, cases[i].code, cases[i].want);
        }
        assert_maps(mappings, "foo", "", "kept");
    }
    nsub_mappings_destroy(&mappings);
}

// The limits that are fine: full weights per scope, functions with space in them.
static void add_accepts_up_to_the_limits(void **state NB_UNUSED)
{
    struct nsub_mappings *mappings = nsub_mappings_create();

    must_add(mappings, "foo",
             (struct dest[]){{"a", 60, "c"}, {"b", 40, "c"}, {"d", 60, ""}, {"e", 40, ""}, {0}});
    must_add(mappings, "x.*",
             (struct dest[]){{"{{ wildcard ( 1 ) }}.{{split(1, -)}}", 100, ""}, {0}});
    assert_maps(mappings, "x.a-b", "", "a-b.a.b");
    nsub_mappings_destroy(&mappings);
}

static void a_result_without_room_is_lost(void **state NB_UNUSED)
{
    struct nsub_mappings *mappings = nsub_mappings_create();
    struct nb_random random;

    nb_random_init(&random, SEED);
    must_add(mappings, "foo", (struct dest[]){{"long.destination", 100, ""}, {0}});
    must_add(mappings, "stays.as.it.is", (struct dest[]){{0}});
    for (size_t room = 0; room <= 16; room++) {
        uint8_t *out = malloc(room > 0 ? room : 1);
        size_t size = 0;

        assert_int_equal(
            nsub_mappings_map(mappings, NB_SLICE("foo"), NB_SLICE(""), &random, out, room, &size),
            room < 16 ? NSUB_MAPPING_LOST : NSUB_MAPPING_DONE);
        assert_int_equal(nsub_mappings_map(mappings, NB_SLICE("stays.as.it.is"), NB_SLICE(""),
                                           &random, out, room, &size),
                         room < 14 ? NSUB_MAPPING_LOST : NSUB_MAPPING_DONE);
        free(out);
    }
    nsub_mappings_destroy(&mappings);
}

static void a_long_duplicate_is_cut_in_the_text(void **state NB_UNUSED)
{
    char subject[1000];
    struct nsub_mappings *mappings = nsub_mappings_create();
    struct nb_diag diag = {0};

    memset(subject, 0x01, sizeof(subject) - 1); // each shown as \x01
    subject[sizeof(subject) - 1] = '\0';
    assert_int_equal(
        add(mappings, "foo", (struct dest[]){{subject, 10, ""}, {subject, 20, ""}, {0}}, &diag),
        NB_EEXISTS);
    assert_memory_equal(diag.text, "duplicate entry for \"\\x01", 25);
    assert_int_equal(diag.text[strlen(diag.text) - 1], '"');
    nsub_mappings_destroy(&mappings);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(plain_mappings_rewrite),
        cmocka_unit_test(the_first_source_in_the_table_wins),
        cmocka_unit_test(missing_weight_stays_or_is_lost),
        cmocka_unit_test(clusters_have_destinations_of_their_own),
        cmocka_unit_test(add_refuses_with_the_exact_text),
        cmocka_unit_test(add_accepts_up_to_the_limits),
        cmocka_unit_test(a_result_without_room_is_lost),
        cmocka_unit_test(a_long_duplicate_is_cut_in_the_text),
    };
    return cmocka_run_group_tests_name("mapping", tests, NULL, NULL);
}

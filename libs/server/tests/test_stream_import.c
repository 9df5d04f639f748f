#include "nb_test.h"

#include "sharing/stream_import.h"

#include <natsd/account_options.h>
#include <natsd/subject.h>

static struct nserver__stream_import *make(const char *subject, const char *prefix, const char *to)
{
    struct nserver_import options = {
        .subject = (char *)subject, .prefix = (char *)prefix, .to = (char *)to};
    struct nserver__stream_import *import = NULL;
    struct nb_diag diag = {""};

    if (nserver__stream_import_create(&options, NULL, &import, &diag) != NB_OK) {
        fail_msg("%s, prefix %s, to %s: %s", subject, prefix, to, diag.text);
    }
    return import;
}

/* What a subscription has to hear of another account: section 15. */

#define RENUMBERED "*.*.>", NULL, "myprefix.$2.$1.>"

static const struct {
    const char *from, *prefix, *to; // the import
    const char *subject;            // of the subscription
    const char *shadow;             // NULL: none
} shadows[] = {
    {"foo", NULL, NULL, "foo", "foo"},
    {"foo", NULL, NULL, "bar", NULL},
    {"foo", NULL, NULL, "*", "foo"},
    {"foo", NULL, NULL, ">", "foo"},
    {"foo.*", NULL, NULL, "foo.bar", "foo.bar"},
    {"foo.*", NULL, NULL, "foo.*", "foo.*"},
    {"foo.*", NULL, NULL, "*.bar", "foo.bar"},
    {"foo.*", NULL, NULL, "*.*", "foo.*"},
    {"foo.*", NULL, NULL, "foo.bar.baz", NULL},
    {"foo.>", NULL, NULL, "*.a.>", "foo.a.>"},
    {"foo.>", NULL, NULL, "foo", NULL},
    {"foo.>", "in", NULL, "in.foo.bar", "foo.bar"},
    {"foo.>", "in.", NULL, "in.foo.>", "foo.>"},
    {"foo.>", "in", NULL, "foo.bar", NULL},
    {"foo.>", "in", NULL, ">", "foo.>"},
    {"foo.>", "in", NULL, "*.foo.x", "foo.x"},
    {"foo.>", "in", NULL, "*.*.*", "foo.*"},
    {"foo", NULL, "bar", "bar", "foo"},
    {"foo", NULL, "bar", "foo", NULL},
    {"info.*.*.>", NULL, "foo.info.$2.$1.>", "foo.info.22.11.bar", "info.11.22.bar"},
    {RENUMBERED, "myprefix.2.1.test", "1.2.test"},
    {RENUMBERED, "myprefix.*.*.>", "*.*.>"},
    {RENUMBERED, "myprefix.2.*.>", "*.2.>"},
    {RENUMBERED, "myprefix.2.1.>", "1.2.>"},
    {RENUMBERED, "myprefix.2.>", "*.2.>"},
    {RENUMBERED, "myprefix.>", "*.*.>"},
    {RENUMBERED, ">", "*.*.>"},
    {RENUMBERED, "*.>", "*.*.>"},
    {RENUMBERED, "*.*.*.>", "*.*.>"},
    {RENUMBERED, "*.*.*.*", "*.*.*"},
    {RENUMBERED, "*.2.1.test", "1.2.test"},
    {RENUMBERED, "*.2.*.test", "*.2.test"},
    {RENUMBERED, "*.*.1.>", "1.*.>"},
    {RENUMBERED, "myprefix.2", NULL},
    {RENUMBERED, "myprefix.2.*", NULL}, // one token too short
    {RENUMBERED, "other.>", NULL},
    {"a.*.*.*", NULL, "b.$2.$3.$1", "b.x.y.z", "a.z.x.y"}, // a cycle of three, turned round rightly
    {"a.*.*.*", NULL, "b.$2.$3.$1", "*.x.*.z", "a.z.x.*"},
};

static void a_subscription_hears_what_it_overlaps(void **state NB_UNUSED)
{
    for (size_t i = 0; i < NB_ARRAY_LEN(shadows); i++) {
        struct nserver__stream_import *import =
            make(shadows[i].from, shadows[i].prefix, shadows[i].to);
        struct nb_buf out;
        bool is_there;

        nb_buf_init(&out, 1024);
        is_there = nserver__stream_import_shadow(import, nb_slice_of(shadows[i].subject), &out);
        if (is_there != (shadows[i].shadow != NULL) ||
            (is_there && !nb_slice_is(nb_buf_slice(&out), shadows[i].shadow))) {
            fail_msg("%s of %s: %.*s instead of %s", shadows[i].subject, shadows[i].from,
                     NB_SLICE_ARGS(nb_buf_slice(&out)),
                     shadows[i].shadow != NULL ? shadows[i].shadow : "nothing");
        }
        nb_buf_fini(&out);
        nserver__stream_import_unref(import);
    }
}

/* The same from the other side: whatever is published, those hear it who would under its local name. */

static const char *const tokens[] = {"1", "2", "myprefix", "test"};

static struct slice published(unsigned number, uint8_t *room)
{
    size_t n = 0;

    for (unsigned count = 2 + number % 3, rest = number / 3; count > 0; count--, rest /= 4) {
        const char *token = tokens[rest % NB_ARRAY_LEN(tokens)];

        if (n > 0) {
            room[n++] = '.';
        }
        memcpy(room + n, token, strlen(token));
        n += strlen(token);
    }
    return nb_slice_make(room, n);
}

static void check_every_message(const struct nserver__stream_import *import, const char *subject)
{
    struct nb_buf shadow;
    bool is_there;

    nb_buf_init(&shadow, 1024);
    is_there = nserver__stream_import_shadow(import, nb_slice_of(subject), &shadow);
    for (unsigned number = 0; number < 3 * 256; number++) {
        uint8_t room[64];
        uint8_t local[128];
        size_t size = 0;
        struct slice message = published(number, room);
        bool is_wanted;

        if (!nsub_subject_matches(message, import->from)) {
            continue;
        }
        assert_int_equal(
            nsub_transform_apply(import->forward, message, NULL, local, sizeof(local), &size),
            NB_OK);
        is_wanted = nsub_subject_matches(nb_slice_make(local, size), nb_slice_of(subject));
        if (is_wanted && !(is_there && nsub_subject_matches(message, nb_buf_slice(&shadow)))) {
            fail_msg("%s misses %.*s", subject, NB_SLICE_ARGS(message));
        }
        if (!is_wanted && is_there && nsub_subject_matches(message, nb_buf_slice(&shadow))) {
            fail_msg("%s gets %.*s", subject, NB_SLICE_ARGS(message));
        }
    }
    nb_buf_fini(&shadow);
}

static void no_overlap_hears_too_much_or_too_little(void **state NB_UNUSED)
{
    static const char *const parts[] = {"*", "1", "2", "myprefix", "test", ">"};
    struct nserver__stream_import *import = make(RENUMBERED);
    char subject[64];

    for (unsigned number = 0; number < 6 * 6 * 6 * 6; number++) {
        size_t n = 0;
        unsigned rest = number;

        for (unsigned i = 0; i < 4; i++, rest /= 6) {
            n += (size_t)snprintf(subject + n, sizeof(subject) - n, "%s%s", i > 0 ? "." : "",
                                  parts[rest % 6]);
            if (rest % 6 == 5) { // ">" is the last
                break;
            }
        }
        check_every_message(import, subject);
    }
    nserver__stream_import_unref(import);
}

static void what_cannot_be_turned_round_is_refused(void **state NB_UNUSED)
{
    static const char *const destinations[] = {"a.$1", "a.$1.$1", "a.$3.$1.$2", "a.$1.$2.>"};

    for (size_t i = 0; i < NB_ARRAY_LEN(destinations); i++) {
        struct nserver_import options = {.subject = (char *)"x.*.*", .to = (char *)destinations[i]};
        struct nserver__stream_import *import = NULL;
        struct nb_diag diag = {""};

        assert_int_not_equal(nserver__stream_import_create(&options, NULL, &import, &diag), NB_OK);
        assert_null(import);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_subscription_hears_what_it_overlaps),
        cmocka_unit_test(no_overlap_hears_too_much_or_too_little),
        cmocka_unit_test(what_cannot_be_turned_round_is_refused),
    };
    return cmocka_run_group_tests_name("stream_import", tests, NULL, NULL);
}

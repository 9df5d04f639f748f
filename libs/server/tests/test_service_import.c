#include "nb_test.h"

#include "sharing/service_import.h"

#include <natsd/account_options.h>
#include <natsd/transform.h>

#include "accounts/account.h"
#include "sharing/inner_sub.h"

/* From a request's local subject to the exporter's (section 14.4). */

static const struct {
    const char *subject, *to; // the import
    const char *heard;        // as a pattern in the importing account
    const char *request;
    const char *passed; // under which it goes on
} cases[] = {
    {"svc", NULL, "svc", "svc", "svc"},
    {"svc.*", NULL, "svc.*", "svc.1", "svc.1"},
    {"svc.>", NULL, "svc.>", "svc.1.2", "svc.1.2"},
    {"svc", "my", "my", "my", "svc"},
    {"svc", "my.*", "my.*", "my.x", "svc"},
    {"request.*", "my.request.*", "my.request.*", "my.request.22", "request.22"},
    {"svc.>", "my.>", "my.>", "my.a.b", "svc.a.b"},
    {"svc.*.*", "my.$2.$1", "my.*.*", "my.x.y", "svc.y.x"},
    {"svc.*.*", "my.$1.$2", "my.*.*", "my.x.y", "svc.x.y"},
    {"svc.*.*", "my.*.*", "my.*.*", "my.x.y", "svc.x.y"},
    {"svc.*.*", "my.{{wildcard(2)}}.{{Wildcard(1)}}", "my.*.*", "my.x.y", "svc.y.x"},
    {"svc.*.x.*", "$2.my.$1", "*.my.*", "a.my.b", "svc.b.x.a"},
    // The reference reads a cycle of three as its own inverse; requests keep their meaning.
    {"svc.*.*.*", "cycle.$2.$3.$1", "cycle.*.*.*", "cycle.x.y.z", "svc.y.z.x"},
    {"svc.*.*.*", "cycle.$3.$1.$2", "cycle.*.*.*", "cycle.x.y.z", "svc.z.x.y"},
    {"svc.*.*.*", "swap.$1.$3.$2", "swap.*.*.*", "swap.x.y.z", "svc.x.z.y"},
};

static struct nserver__service_import *begin(struct nserver__account *importer,
                                             struct nserver__account *exporter, const char *subject,
                                             const char *to)
{
    static const struct nserver_export export = {.is_service = true, .subject = (char *)"svc.>"};
    struct nserver_import options = {
        .is_service = true, .subject = (char *)subject, .to = (char *)to};
    struct nserver__service_import *import = NULL;
    struct nb_diag diag = {""};

    if (nserver__service_import_begin(&options, &export, importer, exporter, &import, &diag) !=
        NB_OK) {
        fail_msg("%s as %s: %s", subject, to, diag.text);
    }
    return import;
}

static void end(struct nserver__account *importer, struct nserver__service_import *import)
{
    assert_int_equal(nsub_trie_remove(importer->trie, &import->inner->sub.index), NB_OK);
    nserver__service_import_free(import);
}

static struct slice pass(const struct nserver__service_import *import, const char *request,
                         uint8_t *room, size_t size)
{
    size_t n = 0;

    if (import->keeps_subject) {
        return nb_slice_of(request);
    }
    if (import->transform == NULL) {
        return import->subject;
    }
    assert_int_equal(
        nsub_transform_apply(import->transform, nb_slice_of(request), NULL, room, size, &n), NB_OK);
    return nb_slice_make(room, n);
}

static void a_request_goes_on_under_the_exporters_subject(void **state NB_UNUSED)
{
    struct nserver__account *importer = nserver__account_create(NB_SLICE("M"), 1, false);
    struct nserver__account *exporter = nserver__account_create(NB_SLICE("X"), 1, false);

    for (size_t i = 0; i < NB_ARRAY_LEN(cases); i++) {
        struct nserver__service_import *import =
            begin(importer, exporter, cases[i].subject, cases[i].to);
        uint8_t room[256];
        struct slice passed = pass(import, cases[i].request, room, sizeof(room));

        if (!nb_slice_is(import->inner->sub.index.subject, cases[i].heard) ||
            !nb_slice_is(passed, cases[i].passed)) {
            fail_msg("%s as %s: %.*s, %s goes on as %.*s", cases[i].subject, cases[i].to,
                     NB_SLICE_ARGS(import->inner->sub.index.subject), cases[i].request,
                     NB_SLICE_ARGS(passed));
        }
        assert_true(nsub_trie_has_interest(importer->trie, nb_slice_of(cases[i].request)));
        end(importer, import);
        assert_false(nsub_trie_has_interest(importer->trie, nb_slice_of(cases[i].request)));
    }
    nserver__account_destroy(&importer);
    nserver__account_destroy(&exporter);
}

static void references_that_lead_nowhere_are_refused(void **state NB_UNUSED)
{
    static const char *const locals[] = {"my.$1", "my.$3.$1", "my.*.>", "my"};
    struct nserver__account *importer = nserver__account_create(NB_SLICE("M"), 1, false);

    for (size_t i = 0; i < NB_ARRAY_LEN(locals); i++) {
        struct nserver_import options = {
            .is_service = true, .subject = (char *)"svc.*.*", .to = (char *)locals[i]};
        struct nserver__service_import *import = NULL;
        struct nb_diag diag = {""};

        if (nserver__service_import_begin(&options, NULL, importer, importer, &import, &diag) ==
            NB_OK) {
            fail_msg("%s was accepted", locals[i]);
        }
        assert_null(import);
    }
    nserver__account_destroy(&importer);
}

static void an_import_is_the_same_as_long_as_nothing_of_it_changes(void **state NB_UNUSED)
{
    struct nserver__account *m = nserver__account_create(NB_SLICE("M"), 1, false);
    struct nserver__account *x = nserver__account_create(NB_SLICE("X"), 1, false);
    struct nserver_import options = {
        .is_service = true, .subject = (char *)"svc.>", .to = (char *)"my.>"};
    struct nserver_export export = {.is_service = true, .subject = (char *)"svc.>"};
    struct nserver__service_import *import = begin(m, x, "svc.>", "my.>");
    struct nserver_import other = options;
    struct nserver_export changed = export;

    assert_true(nserver__service_import_is(import, &options, &export, x));
    assert_false(nserver__service_import_is(import, &options, &export, m));
    assert_false(nserver__service_import_is(import, &options, NULL, x));
    other.share = true;
    assert_false(nserver__service_import_is(import, &other, &export, x));
    other = options;
    other.to = (char *)"your.>";
    assert_false(nserver__service_import_is(import, &other, &export, x));
    changed.response_threshold_ns = 5;
    assert_false(nserver__service_import_is(import, &options, &changed, x));
    changed = export;
    changed.latency_subject = (char *)"lat";
    assert_false(nserver__service_import_is(import, &options, &changed, x));
    changed = export;
    changed.response_type = NAUTH_RESPONSE_STREAM;
    assert_false(nserver__service_import_is(import, &options, &changed, x));
    changed = export;
    changed.subject = (char *)">"; // a wider export changes nothing of the import
    assert_true(nserver__service_import_is(import, &options, &changed, x));
    end(m, import);
    nserver__account_destroy(&m);
    nserver__account_destroy(&x);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_request_goes_on_under_the_exporters_subject),
        cmocka_unit_test(references_that_lead_nowhere_are_refused),
        cmocka_unit_test(an_import_is_the_same_as_long_as_nothing_of_it_changes),
    };
    return cmocka_run_group_tests_name("service_import", tests, NULL, NULL);
}

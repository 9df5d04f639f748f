#include "nb_test.h" // cmocka and the headers it needs

#include <natsd/memory.h>
#include <natsd/message_line.h>

static const struct {
    const char *subject, *reply, *sid;
    uint32_t header_size, payload_size;
    const char *msg;
    const char *hmsg; // NULL: no headers
} deliveries[] = {
    {"foo", "", "1", 0, 5, "MSG foo 1 5\r\n", NULL},
    {"foo", "", "1", 0, 0, "MSG foo 1 0\r\n", NULL},
    {"foo", "re", "77", 0, 1048576, "MSG foo 77 re 1048576\r\n", NULL},
    {"foo", "", "1", 12, 14, "MSG foo 1 2\r\n", "HMSG foo 1 12 14\r\n"},
    {"foo", "re", "1", 12, 12, "MSG foo 1 re 0\r\n", "HMSG foo 1 re 12 12\r\n"},
    {"f", "r", "s", UINT32_MAX, UINT32_MAX, "MSG f s r 0\r\n",
     "HMSG f s r 4294967295 4294967295\r\n"},
    {"f", "", "s", 0, UINT32_MAX, "MSG f s 4294967295\r\n", NULL},
};

// Written into exactly the room that was promised to suffice.
static void delivery_lines_are_exact(void **state NB_UNUSED)
{
    for (size_t i = 0; i < NB_ARRAY_LEN(deliveries); i++) {
        const struct slice sid = nb_slice_of(deliveries[i].sid);
        struct nproto_delivery d;
        uint8_t *out;
        size_t n;

        nproto_delivery_init(&d, nb_slice_of(deliveries[i].subject),
                             nb_slice_of(deliveries[i].reply), deliveries[i].header_size,
                             deliveries[i].payload_size);
        out = nb_alloc(nproto_delivery_line_max(&d, sid.n));
        n = nproto_delivery_write_msg(&d, sid, out);
        assert_true(nb_slice_is(nb_slice_make(out, n), deliveries[i].msg));
        if (deliveries[i].hmsg != NULL) {
            n = nproto_delivery_write_hmsg(&d, sid, out);
            assert_true(nb_slice_is(nb_slice_make(out, n), deliveries[i].hmsg));
        }
        nb_free(out);
    }
}

// One struct for message after message, in every order of two: its kept texts are never stale.
static void delivery_kept_from_message_to_message_stays_exact(void **state NB_UNUSED)
{
    for (size_t i = 0; i < NB_ARRAY_LEN(deliveries) * NB_ARRAY_LEN(deliveries); i++) {
        struct nproto_delivery d = {0};
        const size_t order[] = {i / NB_ARRAY_LEN(deliveries), i % NB_ARRAY_LEN(deliveries)};

        for (size_t k = 0; k < NB_ARRAY_LEN(order); k++) {
            const struct slice sid = nb_slice_of(deliveries[order[k]].sid);
            uint8_t out[128];
            size_t n;

            nproto_delivery_next(&d, nb_slice_of(deliveries[order[k]].subject),
                                 nb_slice_of(deliveries[order[k]].reply),
                                 deliveries[order[k]].header_size,
                                 deliveries[order[k]].payload_size);
            n = nproto_delivery_write_msg(&d, sid, out);
            assert_true(nb_slice_is(nb_slice_make(out, n), deliveries[order[k]].msg));
            if (deliveries[order[k]].hmsg != NULL) {
                n = nproto_delivery_write_hmsg(&d, sid, out);
                assert_true(nb_slice_is(nb_slice_make(out, n), deliveries[order[k]].hmsg));
            }
        }
    }
}

static const struct {
    const char *subject, *reply;
    uint32_t header_size, payload_size;
    const char *want;
} publishes[] = {
    {"foo", "", 0, 5, "PUB foo 5\r\n"},
    {"foo", "re", 0, 0, "PUB foo re 0\r\n"},
    {"foo", "", 12, 14, "HPUB foo 12 14\r\n"},
    {"f", "r", UINT32_MAX, UINT32_MAX, "HPUB f r 4294967295 4294967295\r\n"},
};

static void publish_lines_are_exact(void **state NB_UNUSED)
{
    for (size_t i = 0; i < NB_ARRAY_LEN(publishes); i++) {
        const struct slice subject = nb_slice_of(publishes[i].subject);
        const struct slice reply = nb_slice_of(publishes[i].reply);
        uint8_t *out = nb_alloc(nproto_publish_line_max(subject, reply));
        size_t n = nproto_publish_write(subject, reply, publishes[i].header_size,
                                        publishes[i].payload_size, out);

        assert_true(nb_slice_is(nb_slice_make(out, n), publishes[i].want));
        nb_free(out);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(delivery_lines_are_exact),
        cmocka_unit_test(delivery_kept_from_message_to_message_stays_exact),
        cmocka_unit_test(publish_lines_are_exact),
    };
    return cmocka_run_group_tests_name("message_line", tests, NULL, NULL);
}

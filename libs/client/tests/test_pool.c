#include "pool.h"

#include "nb_test.h"

#include <natsd/client.h>

// The labels in order, separated by blanks.
static void describe(const struct nclient__pool *pool, char *out, size_t size)
{
    size_t n = 0;

    out[0] = '\0';
    for (size_t i = 0; i < pool->count; i++) {
        n += (size_t)snprintf(out + n, size - n, "%s%s", i > 0 ? " " : "", pool->servers[i]->label);
    }
}

static void assert_pool(const struct nclient__pool *pool, const char *want)
{
    char got[1024];

    describe(pool, got, sizeof(got));
    assert_string_equal(got, want);
}

static void pool_reads_a_list(void **state NB_UNUSED)
{
    struct nclient__pool pool;

    assert_int_equal(nclient__pool_init(&pool, "a:1, tls://u:p@[::1]:2 ,nats://c", NULL), NB_OK);
    assert_pool(&pool, "nats://a:1 tls://[::1]:2 nats://c:4222");
    assert_false(nclient__pool_current(&pool)->is_discovered);
    nclient__pool_fini(&pool);
    assert_null(nclient__pool_current(&pool));
    assert_int_equal(nclient__pool_init(&pool, NULL, NULL), NB_OK);
    assert_pool(&pool, NCLIENT_URL_DEFAULT);
    nclient__pool_fini(&pool);
    assert_int_equal(nclient__pool_init(&pool, "a,,b", NULL), NB_EMALFORMED);
    assert_int_equal(nclient__pool_init(&pool, "", NULL), NB_EINVALID);
}

static void pool_obeys_its_limit(void **state NB_UNUSED)
{
    const size_t size = (size_t)(NCLIENT_SERVERS_MAX + 1) * 2;
    char *urls = test_calloc(1, size);
    struct nclient__pool pool;

    for (size_t i = 0; i < size; i += 2) {
        urls[i] = 'h';
        urls[i + 1] = ',';
    }
    urls[size - 1] = '\0'; // one more than allowed
    assert_int_equal(nclient__pool_init(&pool, urls, NULL), NB_ELIMIT);
    urls[size - 3] = '\0';
    assert_int_equal(nclient__pool_init(&pool, urls, NULL), NB_OK);
    assert_int_equal(pool.count, NCLIENT_SERVERS_MAX);
    nclient__pool_discover(&pool, &NB_SLICE("new:1"), 1, NULL);
    assert_int_equal(pool.count, NCLIENT_SERVERS_MAX);
    nclient__pool_fini(&pool);
    test_free(urls);
}

static void pool_rotates_and_drops(void **state NB_UNUSED)
{
    struct nclient__pool pool;

    assert_int_equal(nclient__pool_init(&pool, "a:1,b:1,c:1", NULL), NB_OK);
    nclient__pool_rotate(&pool);
    assert_pool(&pool, "nats://b:1 nats://c:1 nats://a:1");
    nclient__pool_drop_current(&pool);
    nclient__pool_rotate(&pool);
    assert_pool(&pool, "nats://a:1 nats://c:1");
    nclient__pool_drop_current(&pool);
    nclient__pool_rotate(&pool);
    assert_pool(&pool, "nats://c:1");
    nclient__pool_drop_current(&pool);
    nclient__pool_drop_current(&pool);
    nclient__pool_rotate(&pool);
    assert_int_equal(pool.count, 0);
    nclient__pool_fini(&pool);
}

static void pool_shuffle_keeps_every_server(void **state NB_UNUSED)
{
    struct nb_random random;
    unsigned firsts[4] = {0};

    nb_random_init(&random, 7);
    for (unsigned round = 0; round < 400; round++) {
        struct nclient__pool pool;
        unsigned seen = 0;

        assert_int_equal(nclient__pool_init(&pool, "a:1,a:2,a:3,a:4", NULL), NB_OK);
        nclient__pool_shuffle(&pool, &random);
        for (size_t i = 0; i < 4; i++) {
            seen |= 1U << pool.servers[i]->url.port;
        }
        assert_int_equal(seen, 0x1e);
        firsts[pool.servers[0]->url.port - 1]++;
        nclient__pool_fini(&pool);
    }
    for (size_t i = 0; i < 4; i++) {
        assert_in_range(firsts[i], 60, 140); // of 100
    }
}

static void discovered_servers_come_and_go(void **state NB_UNUSED)
{
    const struct slice first[] = {NB_SLICE("a:1"), NB_SLICE("b:1"), NB_SLICE("bad port:x"),
                                  NB_SLICE("b:1"), NB_SLICE("10.0.0.1:1")};
    const struct slice second[] = {NB_SLICE("c:1"), NB_SLICE("b:1")};
    struct nclient__pool pool;

    assert_int_equal(nclient__pool_init(&pool, "a:1,given:1", NULL), NB_OK);
    nclient__pool_discover(&pool, first, NB_ARRAY_LEN(first), NULL);
    assert_pool(&pool, "nats://a:1 nats://given:1 nats://b:1 nats://10.0.0.1:1");
    assert_true(pool.servers[2]->is_discovered);
    nclient__pool_discover(&pool, second, NB_ARRAY_LEN(second), NULL);
    assert_pool(&pool, "nats://a:1 nats://given:1 nats://b:1 nats://c:1");
    nclient__pool_rotate(&pool);
    nclient__pool_rotate(&pool); // b is the current one now: it stays
    nclient__pool_discover(&pool, NULL, 0, NULL);
    assert_pool(&pool, "nats://b:1 nats://a:1 nats://given:1");
    nclient__pool_fini(&pool);
}

static void discovered_server_inherits_from_the_current_one(void **state NB_UNUSED)
{
    const struct slice told[] = {NB_SLICE("evil:pw@10.0.0.1:1"), NB_SLICE("other.host:1")};
    struct nclient__pool pool;
    const struct nclient__server *server;

    assert_int_equal(nclient__pool_init(&pool, "tls://u:p@first.host:1", NULL), NB_OK);
    nclient__pool_discover(&pool, told, NB_ARRAY_LEN(told), NULL);
    assert_pool(&pool, "tls://first.host:1 tls://10.0.0.1:1 tls://other.host:1");
    server = pool.servers[1];
    assert_string_equal(server->url.user, "u");
    assert_string_equal(server->url.password, "p");
    assert_null(server->url.token);
    assert_string_equal(nclient__server_tls_name(server), "first.host"); // an address has no name
    assert_string_equal(nclient__server_tls_name(pool.servers[2]), "other.host");
    nclient__pool_fini(&pool);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(pool_reads_a_list),
        cmocka_unit_test(pool_obeys_its_limit),
        cmocka_unit_test(pool_rotates_and_drops),
        cmocka_unit_test(pool_shuffle_keeps_every_server),
        cmocka_unit_test(discovered_servers_come_and_go),
        cmocka_unit_test(discovered_server_inherits_from_the_current_one),
    };
    return cmocka_run_group_tests_name("pool", tests, NULL, NULL);
}

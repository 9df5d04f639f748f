#include "fake_server.h"

#include <natsd/base64.h>
#include <natsd/json_reader.h>
#include <natsd/nkey.h>

#define NONCE "abcdefghijklmno"
#define INFO_NONCE                                                                    \
    "INFO {\"server_id\":\"N\",\"version\":\"2\",\"headers\":true,\"max_payload\":9," \
    "\"nonce\":\"" NONCE "\"} \r\n"

// -- what a CONNECT says ---------------------------------------------------------------------

static struct slice connect_text(const struct nb_json_doc *doc, const char *key)
{
    const struct nb_json_value *value = nb_json_get(doc->root, key);

    return value != NULL ? value->text : (struct slice){0};
}

static bool connect_flag(const struct nb_json_doc *doc, const char *key)
{
    const struct nb_json_value *value = nb_json_get(doc->root, key);

    assert_non_null(value);
    assert_int_equal(value->type, NB_JSON_BOOL);
    return value->is_true;
}

static void parse_connect(const struct peer *peer, struct nb_json_doc *doc)
{
    *doc = (struct nb_json_doc){0};
    assert_int_equal(nb_json_parse(text(peer->connect), 65536, doc, NULL), NB_OK);
}

static void connect_tells_name_and_abilities(void **state NB_UNUSED)
{
    struct nclient_opts opts = {.name = "a \"name\"", .no_echo = true};
    struct nb_json_doc doc;
    struct pair pair;

    pair_open_opts(&pair, &opts);
    parse_connect(&pair.peer, &doc);
    assert_true(nb_slice_is(connect_text(&doc, "name"), "a \"name\""));
    assert_true(nb_slice_is(connect_text(&doc, "lang"), "natsd"));
    assert_true(connect_text(&doc, "version").n > 0);
    assert_true(nb_slice_is(connect_text(&doc, "protocol"), "1"));
    assert_true(connect_flag(&doc, "headers"));
    assert_true(connect_flag(&doc, "no_responders"));
    assert_false(connect_flag(&doc, "verbose"));
    assert_false(connect_flag(&doc, "pedantic"));
    assert_false(connect_flag(&doc, "echo"));
    nb_json_doc_fini(&doc);
    pair_close(&pair);
}

// A server without headers closes who asks for notices.
static void connect_asks_for_notices_only_with_headers(void **state NB_UNUSED)
{
    struct nclient_opts opts = {.name = NULL};
    struct nclient *client;
    struct nb_json_doc doc;
    struct fake fake;
    struct peer peer;

    fake_open(&fake);
    opts.urls = fake.url;
    assert_int_equal(nclient_connect(&opts, &client, NULL), NB_OK);
    peer_begin(&peer, &fake, "INFO {\"headers\":false,\"max_payload\":9} \r\n");
    parse_connect(&peer, &doc);
    assert_false(connect_flag(&doc, "no_responders"));
    nb_json_doc_fini(&doc);
    close_client(client, &peer);
    fake_close(&fake);
}

struct auth_case {
    const char *name;
    const char *user_info;               // of the URL
    const char *user, *password, *token; // of the options
    const char *want_user, *want_pass, *want_token;
};

static const struct auth_case auth_cases[] = {
    {"nothing", "", NULL, NULL, NULL, "", "", ""},
    {"options", "", "u", "p", NULL, "u", "p", ""},
    {"token option", "", NULL, NULL, "t", "", "", "t"},
    {"user and token", "", "u", "p", "t", "u", "p", "t"},
    {"URL", "me:secret@", "u", "p", NULL, "me", "secret", ""},
    {"URL, encoded", "m%40:s%3a%2F%20@", NULL, NULL, NULL, "m@", "s:/ ", ""},
    {"URL, token", "abc@", "u", "p", "t", "", "", "abc"},
    {"a user without a password", "", "u", NULL, NULL, "u", "", ""},
};

static void connect_sends_user_and_token(void **state NB_UNUSED)
{
    for (size_t i = 0; i < NB_ARRAY_LEN(auth_cases); i++) {
        const struct auth_case *it = &auth_cases[i];
        struct nclient *client;
        struct nb_json_doc doc;
        struct fake fake;
        struct peer peer;
        char url[128];
        struct nclient_opts opts = {
            .urls = url, .user = it->user, .password = it->password, .token = it->token};

        fake_open(&fake);
        snprintf(url, sizeof(url), "nats://%s127.0.0.1:%u", it->user_info, fake.port);
        assert_int_equal(nclient_connect(&opts, &client, NULL), NB_OK);
        peer_begin(&peer, &fake, FAKE_INFO);
        parse_connect(&peer, &doc);
        if (!nb_slice_is(connect_text(&doc, "user"), it->want_user) ||
            !nb_slice_is(connect_text(&doc, "pass"), it->want_pass) ||
            !nb_slice_is(connect_text(&doc, "auth_token"), it->want_token)) {
            fail_msg("%s: %s", it->name, peer.connect);
        }
        nb_json_doc_fini(&doc);
        close_client(client, &peer);
        fake_close(&fake);
    }
}

static void check_signature(const struct nb_json_doc *doc, const struct nauth_nkey *key)
{
    struct nb_buf signature;

    nb_buf_init(&signature, 256);
    assert_int_equal(nauth_base64url_decode(connect_text(doc, "sig"), &signature), NB_OK);
    assert_int_equal(nauth_nkey_verify(key, text(NONCE), nb_buf_slice(&signature)), NB_OK);
    nb_buf_fini(&signature);
}

static void run_with_key(const struct nclient_opts *base, const char *info, struct nb_json_doc *doc)
{
    struct nclient_opts opts = *base;
    struct nclient *client;
    struct fake fake;
    struct peer peer;

    fake_open(&fake);
    opts.urls = fake.url;
    assert_int_equal(nclient_connect(&opts, &client, NULL), NB_OK);
    peer_begin(&peer, &fake, info);
    parse_connect(&peer, doc);
    close_client(client, &peer);
    fake_close(&fake);
}

static void connect_signs_the_nonce_with_an_nkey(void **state NB_UNUSED)
{
    char seed[NAUTH_NKEY_SEED_TEXT_BYTES + 1];
    char public_key[NAUTH_NKEY_PUBLIC_TEXT_BYTES + 1];
    struct nclient_opts opts = {.nkey_seed = seed};
    struct nauth_nkey key;
    struct nb_json_doc doc;

    assert_int_equal(nauth_nkey_create(NAUTH_NKEY_USER, &key), NB_OK);
    nauth_nkey_seed_text(&key, seed);
    nauth_nkey_public_text(&key, public_key);
    run_with_key(&opts, INFO_NONCE, &doc);
    assert_true(nb_slice_is(connect_text(&doc, "nkey"), public_key));
    assert_int_equal(connect_text(&doc, "jwt").n, 0);
    check_signature(&doc, &key);
    nb_json_doc_fini(&doc);
}

static void connect_sends_the_jwt_of_creds_with_a_signature(void **state NB_UNUSED)
{
    char seed[NAUTH_NKEY_SEED_TEXT_BYTES + 1];
    char creds[1024];
    struct nclient_opts opts = {.creds = creds};
    struct nauth_nkey key;
    struct nb_json_doc doc;

    assert_int_equal(nauth_nkey_create(NAUTH_NKEY_USER, &key), NB_OK);
    nauth_nkey_seed_text(&key, seed);
    snprintf(creds, sizeof(creds),
             "-----BEGIN NATS USER JWT-----\nhead.body.sig\n------END NATS USER JWT------\n\n"
             "-----BEGIN USER NKEY SEED-----\n%s\n------END USER NKEY SEED------\n",
             seed);
    run_with_key(&opts, INFO_NONCE, &doc);
    assert_true(nb_slice_is(connect_text(&doc, "jwt"), "head.body.sig"));
    assert_int_equal(connect_text(&doc, "nkey").n, 0); // the JWT has it
    check_signature(&doc, &key);
    nb_json_doc_fini(&doc);
}

static void connect_with_an_nkey_needs_a_nonce(void **state NB_UNUSED)
{
    char seed[NAUTH_NKEY_SEED_TEXT_BYTES + 1];
    struct nclient_opts opts = {.nkey_seed = seed};
    struct watcher watcher;
    struct nclient *client;
    struct nauth_nkey key;
    struct fake fake;
    struct peer peer;

    assert_int_equal(nauth_nkey_create(NAUTH_NKEY_USER, &key), NB_OK);
    nauth_nkey_seed_text(&key, seed);
    fake_open(&fake);
    watcher_init(&watcher);
    opts.urls = fake.url;
    opts.event = watcher_event;
    opts.event_ctx = &watcher;
    assert_int_equal(nclient_connect(&opts, &client, NULL), NB_OK);
    peer_accept(&peer, &fake);
    peer_send(&peer, FAKE_INFO);
    assert_non_null(strstr(watcher_await(&watcher, NCLIENT_CLOSED), "nkeys are not supported"));
    close_client(client, &peer);
    fake_close(&fake);
    watcher_fini(&watcher);
}

// -- a first connection that fails -----------------------------------------------------------

struct broken_case {
    const char *name;
    const char *sent; // and then closed
    const char *want;
    int rc;
};

static const struct broken_case broken_cases[] = {
    {"closed at once", "", "the server closed the connection", NB_ECLOSED},
    {"not NATS", "HTTP/1.1 400 Bad Request\r\n", "protocol error", NB_EMALFORMED},
    {"no INFO", "PING\r\n", "did not begin with INFO", NB_EMALFORMED},
    {"INFO is no JSON", "INFO {\r\n", "malformed INFO", NB_EMALFORMED},
    {"full", "-ERR 'maximum connections exceeded'\r\n", "maximum connections exceeded",
     NB_EREFUSED},
    {"refused", FAKE_INFO "-ERR 'Authorization Violation'\r\n", "Authorization Violation",
     NB_EDENIED},
    {"control characters", "-ERR 'a\x1b[31m\x7f'\r\n", "a?[31m?", NB_EREFUSED},
    {"an unknown complaint", FAKE_INFO "-ERR 'invalid client protocol'\r\n",
     "invalid client protocol", NB_EREFUSED},
};

struct broken_server {
    struct fake fake;
    const char *sent;
};

static void *run_broken_server(void *arg)
{
    struct broken_server *server = arg;
    struct peer peer;

    peer_accept(&peer, &server->fake);
    peer_send(&peer, server->sent);
    shutdown(peer.fd, SHUT_WR);
    while (peer_read(&peer, peer.line, sizeof(peer.line)) > 0) {
    }
    peer_close(&peer);
    return NULL;
}

static void connect_wait_tells_why_it_failed(void **state NB_UNUSED)
{
    for (size_t i = 0; i < NB_ARRAY_LEN(broken_cases); i++) {
        struct broken_server server = {.sent = broken_cases[i].sent};
        struct nclient_opts opts = {.urls = server.fake.url};
        struct nb_diag diag = {""};
        struct nclient *client = NULL;
        pthread_t thread;
        int rc;

        fake_open(&server.fake);
        pthread_create(&thread, NULL, run_broken_server, &server);
        rc = nclient_connect_wait(&opts, &client, &diag);
        pthread_join(thread, NULL);
        if (rc != broken_cases[i].rc || strstr(diag.text, broken_cases[i].want) == NULL ||
            strstr(diag.text, server.fake.url) == NULL) {
            fail_msg("%s: %d %s", broken_cases[i].name, rc, diag.text);
        }
        assert_null(client);
        fake_close(&server.fake);
    }
}

static void connect_names_each_server_with_its_cause(void **state NB_UNUSED)
{
    struct nb_diag diag = {""};
    struct nclient *client;
    struct fake a;
    struct fake b;
    char urls[160];
    struct nclient_opts opts = {.urls = urls};

    fake_open(&a); // ports that nobody else has meanwhile
    fake_open(&b);
    shutdown(a.fd, SHUT_RDWR);
    shutdown(b.fd, SHUT_RDWR);
    snprintf(urls, sizeof(urls), "nats://user:secret@127.0.0.1:%u,127.0.0.1:%u", a.port, b.port);
    assert_int_equal(nclient_connect_wait(&opts, &client, &diag), NB_EREFUSED);
    assert_non_null(strstr(diag.text, a.url));
    assert_non_null(strstr(diag.text, b.url));
    assert_non_null(strstr(diag.text, "connection refused"));
    assert_null(strstr(diag.text, "secret"));
    fake_close(&a);
    fake_close(&b);
}

static void connect_gives_up_a_silent_server(void **state NB_UNUSED)
{
    struct nclient_opts opts = {.connect_timeout_ns = 20 * NB_NS_PER_MS};
    struct nb_diag diag = {""};
    struct nclient *client;
    struct fake fake;

    fake_open(&fake); // the system accepts, nobody speaks
    opts.urls = fake.url;
    assert_int_equal(nclient_connect_wait(&opts, &client, &diag), NB_ETIMEDOUT);
    assert_non_null(strstr(diag.text, "no answer in time"));
    fake_close(&fake);
}

static void connect_takes_the_second_server_when_the_first_fails(void **state NB_UNUSED)
{
    struct nclient_opts opts = {.keep_server_order = true};
    struct nclient_server_info info;
    struct watcher watcher;
    struct nclient *client;
    struct fake dead;
    struct fake live;
    struct peer peer;
    struct nb_buf json;
    char urls[160];

    fake_open(&dead);
    fake_open(&live);
    watcher_init(&watcher);
    shutdown(dead.fd, SHUT_RDWR);
    snprintf(urls, sizeof(urls), "%s,%s", dead.url, live.url);
    opts.urls = urls;
    opts.event = watcher_event;
    opts.event_ctx = &watcher;
    assert_int_equal(nclient_connect(&opts, &client, NULL), NB_OK);
    assert_int_equal(nclient_server_info(client, &info), NB_EAGAIN);
    peer_greet(&peer, &live);
    watcher_await(&watcher, NCLIENT_CONNECTED);
    assert_int_equal(nclient_server_info(client, &info), NB_OK);
    assert_string_equal(info.url, live.url);
    assert_string_equal(info.id, "NFAKE");
    assert_string_equal(info.name, "fake");
    assert_string_equal(info.client_ip, "127.0.0.1");
    assert_int_equal(info.client_id, 7);
    assert_int_equal(info.max_payload, 1048576);
    assert_true(info.has_headers);
    assert_false(info.has_tls);
    nb_buf_init(&json, 4096);
    assert_int_equal(nclient_server_json(client, &json), NB_OK);
    assert_true(nb_slice_starts(nb_buf_slice(&json), "{\"server_id\":\"NFAKE\""));
    assert_true(nb_slice_ends(nb_buf_slice(&json), "}"));
    nb_buf_fini(&json);
    close_client(client, &peer);
    fake_close(&dead);
    fake_close(&live);
    watcher_fini(&watcher);
}

// Every cut of what a server says at first.
static void connect_takes_an_info_in_pieces(void **state NB_UNUSED)
{
    const size_t n = strlen(FAKE_INFO);

    for (size_t cut = 1; cut < n; cut += 7) {
        struct nclient_opts opts = {.name = NULL};
        struct nclient *client;
        struct fake fake;
        struct peer peer;

        fake_open(&fake);
        opts.urls = fake.url;
        assert_int_equal(nclient_connect(&opts, &client, NULL), NB_OK);
        peer_accept(&peer, &fake);
        peer_send_bytes(&peer, FAKE_INFO, cut);
        peer_send(&peer, &FAKE_INFO[cut]);
        assert_int_equal(strncmp(peer_line(&peer), "CONNECT {", 9), 0);
        close_client(client, &peer);
        fake_close(&fake);
    }
}

// -- reconnecting ----------------------------------------------------------------------------

static void lost_connection_is_replaced(void **state NB_UNUSED)
{
    struct nclient_stats stats;
    struct pair pair;

    pair_open(&pair);
    peer_close(&pair.peer);
    assert_string_equal(watcher_await(&pair.watcher, NCLIENT_DISCONNECTED),
                        "the server closed the connection");
    peer_greet(&pair.peer, &pair.fake);
    watcher_await(&pair.watcher, NCLIENT_RECONNECTED);
    nclient_stats(pair.client, &stats);
    assert_int_equal(stats.reconnects, 1);
    pair_close(&pair);
}

static void lost_connection_is_the_end_without_reconnect(void **state NB_UNUSED)
{
    struct nclient_opts opts = {.no_reconnect = true};
    struct pair pair;

    pair_open_opts(&pair, &opts);
    peer_close(&pair.peer);
    watcher_await(&pair.watcher, NCLIENT_DISCONNECTED);
    assert_string_equal(watcher_await(&pair.watcher, NCLIENT_CLOSED),
                        "the server closed the connection");
    assert_int_equal(nclient_publish(pair.client, text("a"), text("b")), NB_ECLOSED);
    assert_int_equal(nclient_flush_wait(pair.client, 0), NB_ECLOSED);
    pair_close(&pair);
}

// Else servers that accept and then refuse would make a busy loop.
static void short_connection_is_followed_by_a_pause(void **state NB_UNUSED)
{
    struct nclient_opts opts = {.keep_server_order = true, .reconnect_wait_ns = 200 * NB_NS_PER_MS};
    struct watcher watcher;
    struct nclient *client;
    struct nb_mono start;
    struct fake first;
    struct fake second;
    struct peer peer;
    char urls[160];

    fake_open(&first);
    fake_open(&second);
    watcher_init(&watcher);
    snprintf(urls, sizeof(urls), "%s,%s", first.url, second.url);
    opts.urls = urls;
    opts.event = watcher_event;
    opts.event_ctx = &watcher;
    assert_int_equal(nclient_connect(&opts, &client, NULL), NB_OK);
    peer_greet(&peer, &first);
    start = nb_mono_now();
    watcher_await(&watcher, NCLIENT_CONNECTED);
    peer_close(&peer);
    watcher_await(&watcher, NCLIENT_DISCONNECTED);
    peer_greet(&peer, &second);
    assert_true(nb_mono_since(nb_mono_now(), start) >= 100 * NB_NS_PER_MS); // half of it at least
    watcher_await(&watcher, NCLIENT_RECONNECTED);
    close_client(client, &peer);
    fake_close(&first);
    fake_close(&second);
    watcher_fini(&watcher);
}

static void lost_connection_moves_on_to_the_next_server(void **state NB_UNUSED)
{
    struct nclient_opts opts = {.keep_server_order = true, .reconnect_wait_ns = 1};
    struct watcher watcher;
    struct nclient *client;
    struct fake fakes[3];
    struct peer peer;
    char urls[256];

    watcher_init(&watcher);
    for (size_t i = 0; i < 3; i++) {
        fake_open(&fakes[i]);
    }
    snprintf(urls, sizeof(urls), "%s,%s,%s", fakes[0].url, fakes[1].url, fakes[2].url);
    opts.urls = urls;
    opts.event = watcher_event;
    opts.event_ctx = &watcher;
    assert_int_equal(nclient_connect(&opts, &client, NULL), NB_OK);
    for (size_t i = 0; i < 7; i++) {
        peer_greet(&peer, &fakes[i % 3]);
        watcher_await(&watcher, i == 0 ? NCLIENT_CONNECTED : NCLIENT_RECONNECTED);
        peer_close(&peer);
        watcher_await(&watcher, NCLIENT_DISCONNECTED);
    }
    nclient_close_wait(client);
    for (size_t i = 0; i < 3; i++) {
        fake_close(&fakes[i]);
    }
    watcher_fini(&watcher);
}

static void server_is_given_up_after_its_attempts(void **state NB_UNUSED)
{
    struct nclient_opts opts = {.reconnects_max = 3, .reconnect_wait_ns = 1};
    struct pair pair;

    pair_open_opts(&pair, &opts);
    peer_close(&pair.peer);
    watcher_await(&pair.watcher, NCLIENT_DISCONNECTED);
    for (int i = 0; i < 3; i++) {
        peer_accept(&pair.peer, &pair.fake);
        peer_close(&pair.peer);
    }
    watcher_await(&pair.watcher, NCLIENT_CLOSED);
    pair_close(&pair);
}

static void discovered_server_is_tried_with_the_same_user(void **state NB_UNUSED)
{
    struct watcher watcher;
    struct nclient *client;
    struct nb_json_doc doc;
    struct fake first;
    struct fake second;
    struct peer peer;
    char url[128];
    char info[128];
    struct nclient_opts opts = {.urls = url,
                                .event = watcher_event,
                                .event_ctx = &watcher,
                                .reconnect_wait_ns = NB_NS_PER_MS};

    fake_open(&first);
    fake_open(&second);
    watcher_init(&watcher);
    snprintf(url, sizeof(url), "nats://me:pw@127.0.0.1:%u", first.port);
    snprintf(info, sizeof(info),
             "INFO {\"headers\":true,\"max_payload\":99,\"connect_urls\":[\"127.0.0.1:%u\"]} \r\n",
             second.port);
    assert_int_equal(nclient_connect(&opts, &client, NULL), NB_OK);
    peer_greet(&peer, &first);
    watcher_await(&watcher, NCLIENT_CONNECTED);
    peer_send(&peer, info); // later: a server joined the cluster
    shutdown(first.fd, SHUT_RDWR);
    peer_close(&peer);
    watcher_await(&watcher, NCLIENT_DISCONNECTED);
    peer_begin(&peer, &second, FAKE_INFO);
    parse_connect(&peer, &doc);
    assert_true(nb_slice_is(connect_text(&doc, "user"), "me"));
    assert_true(nb_slice_is(connect_text(&doc, "pass"), "pw"));
    nb_json_doc_fini(&doc);
    peer_send(&peer, "PONG\r\n");
    watcher_await(&watcher, NCLIENT_RECONNECTED);
    close_client(client, &peer);
    fake_close(&first);
    fake_close(&second);
    watcher_fini(&watcher);
}

// -- -ERR ------------------------------------------------------------------------------------

static void error_that_passes_is_told_and_nothing_else(void **state NB_UNUSED)
{
    struct pair pair;

    pair_open(&pair);
    peer_send(&pair.peer, "-ERR 'Permissions Violation for Publish to \"a\"'\r\n");
    assert_string_equal(watcher_await(&pair.watcher, NCLIENT_ERROR),
                        "Permissions Violation for Publish to \"a\"");
    peer_send(&pair.peer, "PING\r\n");
    peer_expect(&pair.peer, "PONG\r\n");
    pair_close(&pair);
}

static void error_of_staleness_makes_it_reconnect(void **state NB_UNUSED)
{
    struct pair pair;

    pair_open(&pair);
    peer_send(&pair.peer, "-ERR 'Stale Connection'\r\n");
    watcher_await(&pair.watcher, NCLIENT_ERROR);
    assert_string_equal(watcher_await(&pair.watcher, NCLIENT_DISCONNECTED), "Stale Connection");
    peer_close(&pair.peer);
    peer_greet(&pair.peer, &pair.fake);
    watcher_await(&pair.watcher, NCLIENT_RECONNECTED);
    pair_close(&pair);
}

static void error_of_another_kind_is_the_end(void **state NB_UNUSED)
{
    struct pair pair;

    pair_open(&pair);
    peer_send(&pair.peer, "-ERR 'Unknown Protocol Operation'\r\n");
    watcher_await(&pair.watcher, NCLIENT_ERROR);
    assert_string_equal(watcher_await(&pair.watcher, NCLIENT_CLOSED), "Unknown Protocol Operation");
    pair_close(&pair);
}

static void refuse_reconnect(struct pair *pair)
{
    peer_begin(&pair->peer, &pair->fake, FAKE_INFO);
    peer_send(&pair->peer, "-ERR 'Authorization Violation'\r\n");
    peer_expect_end(&pair->peer);
    peer_close(&pair->peer);
}

static void second_refusal_of_a_server_is_the_end(void **state NB_UNUSED)
{
    struct pair pair;

    pair_open(&pair);
    peer_close(&pair.peer);
    watcher_await(&pair.watcher, NCLIENT_DISCONNECTED);
    refuse_reconnect(&pair);
    refuse_reconnect(&pair);
    assert_string_equal(watcher_await(&pair.watcher, NCLIENT_CLOSED), "Authorization Violation");
    pair_close(&pair);
}

// It is the second in a row that ends it.
static void refusal_is_forgotten_once_connected(void **state NB_UNUSED)
{
    struct pair pair;

    pair_open(&pair);
    for (int i = 0; i < 2; i++) {
        peer_close(&pair.peer);
        watcher_await(&pair.watcher, NCLIENT_DISCONNECTED);
        refuse_reconnect(&pair);
        peer_greet(&pair.peer, &pair.fake);
        watcher_await(&pair.watcher, NCLIENT_RECONNECTED);
    }
    pair_close(&pair);
}

static void refusals_are_ignored_when_asked(void **state NB_UNUSED)
{
    struct nclient_opts opts = {.ignore_auth_errors = true};
    struct pair pair;

    pair_open_opts(&pair, &opts);
    peer_close(&pair.peer);
    watcher_await(&pair.watcher, NCLIENT_DISCONNECTED);
    refuse_reconnect(&pair);
    refuse_reconnect(&pair);
    refuse_reconnect(&pair);
    peer_greet(&pair.peer, &pair.fake);
    watcher_await(&pair.watcher, NCLIENT_RECONNECTED);
    pair_close(&pair);
}

static void lame_duck_is_told(void **state NB_UNUSED)
{
    struct pair pair;

    pair_open(&pair);
    peer_send(&pair.peer, "INFO {\"headers\":true,\"max_payload\":99,\"ldm\":true} \r\n");
    watcher_await(&pair.watcher, NCLIENT_LAME_DUCK);
    pair_close(&pair);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(connect_tells_name_and_abilities),
        cmocka_unit_test(connect_asks_for_notices_only_with_headers),
        cmocka_unit_test(connect_sends_user_and_token),
        cmocka_unit_test(connect_signs_the_nonce_with_an_nkey),
        cmocka_unit_test(connect_sends_the_jwt_of_creds_with_a_signature),
        cmocka_unit_test(connect_with_an_nkey_needs_a_nonce),
        cmocka_unit_test(connect_wait_tells_why_it_failed),
        cmocka_unit_test(connect_names_each_server_with_its_cause),
        cmocka_unit_test(connect_gives_up_a_silent_server),
        cmocka_unit_test(connect_takes_the_second_server_when_the_first_fails),
        cmocka_unit_test(connect_takes_an_info_in_pieces),
        cmocka_unit_test(lost_connection_is_replaced),
        cmocka_unit_test(lost_connection_is_the_end_without_reconnect),
        cmocka_unit_test(short_connection_is_followed_by_a_pause),
        cmocka_unit_test(lost_connection_moves_on_to_the_next_server),
        cmocka_unit_test(server_is_given_up_after_its_attempts),
        cmocka_unit_test(discovered_server_is_tried_with_the_same_user),
        cmocka_unit_test(error_that_passes_is_told_and_nothing_else),
        cmocka_unit_test(error_of_staleness_makes_it_reconnect),
        cmocka_unit_test(error_of_another_kind_is_the_end),
        cmocka_unit_test(second_refusal_of_a_server_is_the_end),
        cmocka_unit_test(refusal_is_forgotten_once_connected),
        cmocka_unit_test(refusals_are_ignored_when_asked),
        cmocka_unit_test(lame_duck_is_told),
    };
    return cmocka_run_group_tests_name("session", tests, NULL, NULL);
}

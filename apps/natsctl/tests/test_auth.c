/* `natsctl auth` from outside, without a server. */
#include "program.h"

#include "auth_store.h"

// Vectors of the specification (03 section 6).
#define USER_SEED "SUAEAQKCINCEKRSHJBEUUS2MJVHE6UCRKJJVIVKWK5MFSWS3LROV4XZ7LE"
#define USER_KEY "UASUHOJP6EEVKEKHNLOIG2O3NXOJGNTFUEMXRXNBIBHOCBTMVFKZ3BWH"
#define XKEY_SEED_1 "SXAKBINCUOSKLJVHVCU2VK5MVWXK7MFRWKZ3JNNWW64LTOV3XS635P55JM"
#define XKEY_1 "XBQFU4S5FJFN73VRUKPBP3OWEHA3OWJ65DG3YRFMNRFLNYXYAXJDZ6RI"
#define XKEY_SEED_2 "SXAMBQOCYPCMLRWHZDE4VS6MZXHM7UGR2LJ5JVOW27MNTWW33TO55X45WM"
#define XKEY_2 "XDOCZSRR5DSDXPMR3736I5OMUM2H5NDYCB6VXV3FVOSK4SRQYNOUIAJX"
#define OPERATOR_KEY "OAB2CB576PHBBPQ5ODORRZ2LYCMWPZGWGCN2KDK7DXOIMZASKUY3QZVT"
#define OPERATOR_JWT                                                                               \
    "eyJ0eXAiOiJKV1QiLCJhbGciOiJlZDI1NTE5LW5rZXkifQ."                                              \
    "eyJqdGkiOiJLSUlNUDNWUVg0V1lYTjdEVlFTTVNMTUlTWjUzUFhPUlVWNUVYRlpZVkkyM0lVVEVKTUJBIiwiaWF0Ijox" \
    "NzAwMDAwMDAwLCJpc3MiOiJPQUIyQ0I1NzZQSEJCUFE1T0RPUlJaMkxZQ01XUFpHV0dDTjJLREs3RFhPSU1aQVNLVVkz" \
    "UVpWVCIsIm5hbWUiOiJURVNUT1AiLCJzdWIiOiJPQUIyQ0I1NzZQSEJCUFE1T0RPUlJaMkxZQ01XUFpHV0dDTjJLREs3" \
    "RFhPSU1aQVNLVVkzUVpWVCIsIm5hdHMiOnsic3lzdGVtX2FjY291bnQiOiJBQVUyWk9YQklHNk1WNEZTRllOSkpVMk5C" \
    "UERUTUhTU05VRjc0RVdJUzZLTFpFWkNTWlc1T0lDVCIsInR5cGUiOiJvcGVyYXRvciIsInZlcnNpb24iOjJ9fQ."      \
    "BRk1SQMy1NZ2HBHgYdqOHEHB5hHcqSBsZZQsA_eZIWixBKgL0Er9BSf_COCEWpT1WrW4v-hwRQxGp9PwzkYcDw"

static void expect_private(const char *path, mode_t mode)
{
    struct stat status;

    if (stat(path, &status) != 0 || (status.st_mode & 0777) != mode) {
        fail_msg("%s: not there, or not of mode %o", path, mode);
    }
}

// Is this text in any output? It must not be.
static void expect_no(const struct program *program, const char *secret)
{
    assert_null(strstr(program->out_text, secret));
    assert_null(strstr(program->err_text, secret));
}

// -- keys ------------------------------------------------------------------------------------

static void keys_of_every_type_are_made_and_read_back(void **state NB_UNUSED)
{
    static const struct {
        const char *type;
        const char *seed;
        char letter;
    } cases[] = {{"user", "SU", 'U'},    {"account", "SA", 'A'},  {"server", "SN", 'N'},
                 {"cluster", "SC", 'C'}, {"operator", "SO", 'O'}, {"curve", "SX", 'X'},
                 {"x25519", "SX", 'X'}};

    for (size_t i = 0; i < NB_ARRAY_LEN(cases); i++) {
        struct program made;
        struct program shown;
        char line[128];

        snprintf(line, sizeof(line), "auth|nkey|gen|%s|--public", cases[i].type);
        ctl(&made, line, 0);
        assert_int_equal(strlen(made.out_text), 58 + 1 + 56 + 1);
        assert_memory_equal(made.out_text, cases[i].seed, 2);
        assert_int_equal(made.out_text[59], cases[i].letter);
        program_start(&shown, "auth|nkey|show|-");
        made.out_text[58] = '\0';
        program_write(&shown, made.out_text);
        program_end(&shown);
        assert_string_equal(shown.out_text, made.out_text + 59);
    }
    refused("auth|nkey|gen|ship", 2, "\"ship\" is no type, expected user|account|server");
}

static void the_public_key_of_a_seed_is_shown(void **state NB_UNUSED)
{
    write_file("seed", USER_SEED);
    shows("auth|nkey|show|seed", USER_KEY "\n");
    shows("auth|nkey|show|seed|--json", "\"public\": \"" USER_KEY "\"");
    refused("auth|nkey|show|seed|--type|account", 4, "no such key");
    refused("auth|nkey|show|nowhere", 1, "No such file");
}

static void a_seed_is_written_for_its_owner_alone_and_never_over_another(void **state NB_UNUSED)
{
    struct program program;

    ctl(&program, "auth|nkey|gen|user|--output|k.nk", 0);
    expect_private("k.nk", 0600);
    assert_int_equal(program.out_text[0], 'U');
    assert_int_equal(strlen(program.out_text), 56 + 1); // and nothing else
    refused("auth|nkey|gen|user|--output|k.nk", 1, "File exists");
    ok("auth|nkey|gen|user|--output|k.nk|--force");
    write_file("short", "0123456789");
    refused("auth|nkey|gen|user|--entropy|short", 1, "fewer than 32 bytes");
    write_file("entropy", "@ABCDEFGHIJKLMNOPQRSTUVWXYZ[\\]^_and more");
    ctl(&program, "auth|nkey|gen|user|--entropy|entropy", 0);
    assert_string_equal(program.out_text, USER_SEED "\n");
}

static void what_is_signed_is_verified_and_what_is_sealed_is_opened(void **state NB_UNUSED)
{
    write_file("seed", USER_SEED);
    write_file("x1", XKEY_SEED_1);
    write_file("x2", XKEY_SEED_2);
    write_file("text", "hello");
    write_file("other", "hallo");
    ok("auth|nkey|sign|text|--key|seed|--output|sig");
    shows("auth|nkey|verify|text|sig|" USER_KEY, "verified");
    refused("auth|nkey|verify|other|sig|" USER_KEY, 1, "not of this file and key");
    refused("auth|nkey|sign|text|--key|x1", 1, "can't sign");
    ok("auth|nkey|seal|text|" XKEY_2 "|--key|x1|--output|sealed");
    shows("auth|nkey|unseal|sealed|" XKEY_1 "|--key|x2", "hello");
    refused("auth|nkey|unseal|sealed|" XKEY_2 "|--key|x2", 1, "could not decrypt input");
    refused("auth|nkey|seal|text|" USER_KEY "|--key|x1", 2, "curve keys");
    refused("auth|nkey|sign|text", 2, "--key is needed");
}

// -- inspecting ------------------------------------------------------------------------------

static void tokens_are_shown_and_verified(void **state NB_UNUSED)
{
    write_file("op.jwt", OPERATOR_JWT "\n");
    shows("auth|inspect|op.jwt", "TESTOP");
    shows("auth|jwt|show|op.jwt|--verify|" OPERATOR_KEY, "operator");
    shows("auth|inspect|op.jwt|--json", "\"iat\": 1700000000");
    refused("auth|inspect|op.jwt|--verify|" USER_KEY, 1, "it was issued by " OPERATOR_KEY);
    write_file("bad.jwt", "eyJ.eyJ.x");
    refused("auth|inspect|bad.jwt", 1, "bad.jwt: ");
    write_file("cut.jwt", "eyJ0eXAiOiJKV1QiLCJhbGciOiJlZDI1NTE5LW5rZXkifQ");
    refused("auth|inspect|cut.jwt", 1, "expected 3 chunks");
}

static void creds_are_shown_without_their_seed(void **state NB_UNUSED)
{
    struct program program;
    char creds[4096];
    char *seed;

    ok("auth|operator|add|O");
    ok("auth|account|add|A");
    ok("auth|user|add|u|A|--credential|u.creds|--expire|1h");
    expect_private("u.creds", 0600);
    ctl(&program, "auth|inspect|u.creds", 0);
    expect_in(program.out_text, "user");
    read_file("u.creds", creds, sizeof(creds));
    seed = strstr(creds, "SEED-----\n");
    assert_non_null(seed);
    seed[10 + 58] = '\0';
    assert_memory_equal(seed + 10, "SU", 2);
    expect_no(&program, seed + 10);
    ctl(&program, "auth|user|add|late|A|--expire|@1700000000", 0);
    expect_in(program.err_text, "claim is expired");
    ok("auth|user|credential|late.creds|late|A");
    refused("auth|inspect|late.creds", 1, "claim is expired");
    refused("auth|user|credential|u.creds|u|A", 1, "--force puts the new one in its place");
    ok("auth|user|credential|u.creds|u|A|--force|--expire|2h");
}

// -- the store -------------------------------------------------------------------------------

static void the_store_is_that_of_nsc(void **state NB_UNUSED)
{
    char text[4096];

    ok("auth|operator|add|O");
    ok("auth|account|add|A");
    ok("auth|user|add|u|A");
    expect_private("nats/nsc", 0700);
    expect_private("nats/nsc/stores/O/O.jwt", 0600);
    expect_private("nats/nsc/stores/O/accounts/SYSTEM/SYSTEM.jwt", 0600);
    expect_private("nats/nsc/stores/O/accounts/A/A.jwt", 0600);
    expect_private("nats/nsc/stores/O/accounts/A/users/u.jwt", 0600);
    expect_private("nats/nsc/keys/creds/O/A/u.creds", 0600);
    read_file("nats/nsc/stores/O/.nsc", text, sizeof(text));
    assert_string_equal(
        text, "{\"managed\":false,\"name\":\"O\",\"kind\":\"operator\",\"version\":\"1\"}");
    read_file("nats/nsc/keys/.gitignore", text, sizeof(text));
    assert_string_equal(text, "**/*.nk\n**/*.creds\n");
    read_file("nats/cli/config.json", text, sizeof(text));
    assert_string_equal(text, "{\"select_operator\":\"O\"}");
}

static void several_operators_are_told_apart(void **state NB_UNUSED)
{
    ok("auth|operator|add|ONE");
    ok("auth|operator|add|TWO");
    shows("auth|operator|info", "TWO");
    ok("auth|operator|select|ONE");
    shows("auth|operator|info", "ONE");
    shows("auth|operator|ls|--names", "ONE\nTWO\n");
    ok("auth|account|add|A|--operator|TWO");
    refused("auth|account|info|A", 4, "no account \"A\"");
    shows("auth|account|info|A|--operator|TWO", "A");
    refused("auth|operator|select|THREE", 4, "no operator \"THREE\"");
    refused("auth|operator|add|ONE", 1, "operator ONE exists already");
    refused("auth|operator|add|../x", 2, "a name has no slash");
}

static void folders_can_be_chosen(void **state NB_UNUSED)
{
    ok("auth|operator|add|O|--store-dir|s|--keys-dir|k");
    expect_private("s/O/O.jwt", 0600);
    ok("auth|--store-dir|s|--keys-dir|k|account|add|A");
    expect_private("s/O/accounts/A/A.jwt", 0600);
    refused("auth|account|ls", 4, "no operator is selected");
}

static void what_is_missing_is_said(void **state NB_UNUSED)
{
    refused("auth|account|add|A", 4, "no operator is selected; make one with");
    ok("auth|operator|add|O");
    refused("auth|user|add|u", 2, "which account?");
    refused("auth|user|info|u|A", 4, "no account \"A\"");
    ok("auth|account|add|A");
    refused("auth|user|info|u|A", 4, "no user \"u\"");
    refused("auth|account|add|A", 1, "exists already");
    refused("auth|user|add|u|A|--key|nobody", 4, "no signing key or role \"nobody\"");
    refused("auth|account|edit|A|--payload|5Q", 2, "bytes must end in B, K, KB");
    refused("auth|account|edit|A|--connections|many", 2, "\"many\" is no limit");
    refused("auth|account|edit|A|--expiry|soon", 2, "\"soon\" is no time");
    refused("auth|user|add|u|A|--pub-allow|a..b", 2, "a..b");
    refused("auth|user|add|u|A|--src-net|10.0.0.0/99", 1, "invalid cidr");
    refused("auth|user|add|u|A|--connection|PIGEON", 2, "no type of connection");
    refused("auth|user|add|u|A|--time|noon", 2, "no range of time");
    refused("auth|user|add|u|A|--response-ttl|1m", 2, "goes with --allow-responses");
}

static void nothing_is_removed_without_a_word(void **state NB_UNUSED)
{
    ok("auth|operator|add|O");
    ok("auth|account|add|A");
    ok("auth|user|add|u|A");
    refused("auth|user|rm|u|A", 7,
            "refusing to remove user u of account A without --force (no terminal)");
    refused("auth|account|rm|A", 7, "refusing to remove account A");
    ok("auth|user|rm|u|A|--revoke|--force");
    refused("auth|user|info|u|A", 4, "no user");
    shows("auth|account|revocations|A", "user");
    refused("auth|account|rm|SYSTEM|-f", 1, "is the system account");
    ok("auth|account|rm|A|-f");
    refused("auth|account|info|A", 4, "no account");
}

// -- what is in tokens -----------------------------------------------------------------------

static void limits_of_accounts_are_set_and_kept(void **state NB_UNUSED)
{
    ok("auth|operator|add|O|--service|nats://a:4222,nats://b:4222|--tags|Red");
    shows("auth|operator|info|--json", "\"nats://b:4222\"");
    shows("auth|operator|info|--json", "\"red\"");
    ok("auth|account|add|A|--connections|5|--payload|1KB|--jetstream|--js-disk|10GiB|--no-bearer");
    shows("auth|account|info|A|--json", "\"conn\": 5");
    shows("auth|account|info|A|--json", "\"payload\": 1024");
    shows("auth|account|info|A|--json", "\"disk_storage\": 10737418240");
    shows("auth|account|info|A|--json", "\"mem_storage\": -1");
    shows("auth|account|info|A|--json", "\"disallow_bearer\": true");
    ok("auth|account|edit|A|--connections|-7|--default-pub-deny|secret.>|--tags|x|--bearer");
    shows("auth|account|info|A|--json", "\"conn\": -1");
    shows("auth|account|info|A|--json", "\"payload\": 1024");
    shows("auth|account|info|A", "Publish deny            secret.>");
    ok("auth|account|edit|A|--js-tier|3|--js-disk|1G");
    shows("auth|account|info|A|--json", "\"R3\"");
    refused("auth|account|edit|A|--js-memory|1G", 2, "say which with --js-tier");
    ok("auth|account|edit|A|--no-jetstream|--default-pub-deny|");
    shows("auth|account|info|A|--json", "\"payload\": 1024");
    ok("auth|account|edit|A|--auth-user|" USER_KEY "|--auth-account|*|--auth-xkey|" XKEY_1);
    shows("auth|account|info|A", USER_KEY);
    refused("auth|account|edit|A|--auth-xkey|" USER_KEY, 1, "is not a valid public xkey");
}

static void users_have_what_their_account_or_role_gives(void **state NB_UNUSED)
{
    struct program program;

    ok("auth|operator|add|O");
    ok("auth|account|add|A");
    ok("auth|account|keys|add|A|reader|--sub-allow|x.{{name()}}.>,_INBOX.>|--bearer");
    shows("auth|account|keys|info|A|reader", "x.{{name()}}.>");
    refused("auth|account|keys|add|A|reader", 1, "has the role reader already");
    refused("auth|account|keys|add|A|--pub-allow|x", 2, "need a role");
    ok("auth|user|add|r|A|--key|reader");
    shows("auth|user|ls|A", "reader");
    refused("auth|user|add|s|A|--key|reader|--pub-allow|x", 2, "no limits and permissions here");
    refused("auth|user|edit|r|A|--payload|10", 2, "no limits and permissions here");
    ctl(&program, "auth|user|info|r|A|--json", 0);
    expect_in(program.out_text, "\"issuer_account\"");
    assert_null(strstr(program.out_text, "payload"));
    ok("auth|user|add|u|A|--pub-allow|a,b.c|--sub-allow|q g|--allow-responses|2|--time|08:00:00-"
       "17:00:00|--locale|Europe/Paris|--src-net|10.0.0.0/8|--connection|mqtt|--bearer");
    ctl(&program, "auth|user|info|u|A|--json", 0);
    expect_in(program.out_text, "\"b.c\"");
    expect_in(program.out_text, "\"q g\"");
    expect_in(program.out_text, "\"max\": 2");
    expect_in(program.out_text, "\"MQTT\"");
    expect_in(program.out_text, "\"bearer_token\": true");
    expect_in(program.out_text, "\"payload\": 1048576");
    ok("auth|user|edit|u|A|--pub-allow||--no-bearer|--payload|-1");
    ctl(&program, "auth|user|info|u|A|--json", 0);
    assert_null(strstr(program.out_text, "\"b.c\""));
    assert_null(strstr(program.out_text, "bearer_token"));
    expect_in(program.out_text, "\"q g\"");
    ok("auth|account|keys|rm|A|reader|-f");
    refused("auth|user|edit|r|A|--expire|1h", 4, "no signing key or role");
}

static void shares_and_mappings_are_made_and_taken_back(void **state NB_UNUSED)
{
    ok("auth|operator|add|O");
    ok("auth|account|add|A");
    ok("auth|account|add|B");
    ok("auth|account|exports|add|A|svc|--latency|lat|--sampling|headers|--response-type|Stream");
    ok("auth|account|exports|add|A|st.>|--no-service|--private");
    refused("auth|account|exports|add|A|st.x|--no-service", 1, "already exports");
    refused("auth|account|exports|add|A|p|--sampling|5", 2, "goes with --latency");
    ok("auth|account|activation|A|st.>|--target|B|--output|act.jwt");
    expect_private("act.jwt", 0600);
    refused("auth|account|activation|A|none|--target|B", 4, "no export \"none\"");
    ok("auth|account|imports|add|B|svc|--source|A|--local|mine|--share");
    refused("auth|account|imports|add|B|other.>|--no-service|--token|act.jwt", 1,
            "doesn't match import");
    ok("auth|account|imports|add|B|st.>|--no-service|--token|act.jwt");
    shows("auth|account|imports|ls|B|--names", "mine\nst.>\n");
    ok("auth|account|revoke|activation|A|st.>|B");
    shows("auth|account|revocations|A", "activation");
    ok("auth|account|unrevoke|activation|A|st.>|B");
    refused("auth|account|unrevoke|activation|A|st.>|B", 4, "is not revoked");
    ok("auth|account|exports|edit|A|svc|--no-private|--description|Prices");
    shows("auth|account|exports|ls|A", "Prices");
    shows("auth|account|exports|info|A|svc", "Latency      lat, as headers ask for it");
    ok("auth|account|imports|edit|B|mine|--no-share|--local|own");
    shows("auth|account|imports|info|B|own", "Shares who asks   no");
    refused("auth|account|imports|info|B|mine", 4, "no import \"mine\"");
    ok("auth|account|imports|rm|B|own");
    ok("auth|account|exports|rm|A|svc");
    shows("auth|account|exports|ls|A|--names", "st.>\n");
    ok("auth|account|mappings|add|A|a|b|30");
    ok("auth|account|mappings|add|A|a|c|50");
    ok("auth|account|mappings|add|A|a|b|40");
    refused("auth|account|mappings|add|A|a|d|20", 1, "exceeds 100%");
    shows("auth|account|mappings|ls|A|--json", "\"weight\": 40");
    ok("auth|account|mappings|rm|A|a");
    refused("auth|account|mappings|rm|A|a", 4, "no mapping of a");
}

static void revocations_count_and_are_taken_back(void **state NB_UNUSED)
{
    ok("auth|operator|add|O");
    ok("auth|account|add|A");
    ok("auth|user|add|u|A");
    ok("auth|account|revoke|user|A|u");
    shows("auth|user|ls|A", "revoked");
    ok("auth|account|unrevoke|user|A|u");
    ok("auth|account|revoke|user|A|*|--at|1h");
    shows("auth|user|ls|A|--json", "\"revoked\": false");
    ok("auth|account|revoke|user|A|" USER_KEY "|--at|2026-01-31 10:00:00|--utc");
    shows("auth|account|revocations|A|--json|--utc", "\"until\": 1769853600");
    refused("auth|account|revoke|user|A|nobody", 4, "no user \"nobody\"");
}

static void what_expires_is_found(void **state NB_UNUSED)
{
    struct program program;

    ok("auth|operator|add|O");
    ok("auth|account|add|A|--expiry|1y");
    ok("auth|expirations");
    ok("auth|user|add|u|A|--expire|2d");
    ctl(&program, "auth|expirations", 1);
    expect_in(program.out_text, "due");
    ok("auth|expirations|--within|1d");
}

static void strict_operators_sign_by_signing_keys_only(void **state NB_UNUSED)
{
    struct program keys;
    char line[256];
    char *key;

    ok("auth|operator|add|O|--strict");
    ok("auth|account|add|A");
    refused("auth|user|add|u|A", 4, "'natsctl auth account keys add A' makes one");
    ok("auth|account|keys|add|A");
    ok("auth|user|add|u|A");
    ok("auth|user|add|s|SYSTEM");
    ctl(&keys, "auth|operator|keys|ls|--names", 0);
    assert_int_equal(strlen(keys.out_text), 2 * 57); // two lines: the identity, the signing key
    key = keys.out_text + 57;
    snprintf(line, sizeof(line), "nats/nsc/keys/keys/O/%.2s/%.56s.nk", key + 1, key);
    assert_int_equal(unlink(line), 0);
    refused("auth|account|add|B", 4, "wants a signing key");
    ok("auth|operator|edit|--no-strict");
    ok("auth|account|add|B");
    ok("auth|operator|keys|add");
    snprintf(line, sizeof(line), "auth|operator|keys|rm|%.56s|-f", key);
    ok(line);
}

static void the_configuration_of_a_server_is_printed(void **state NB_UNUSED)
{
    struct program program;
    struct program keys;
    char path[128];
    char seed[64];

    ok("auth|operator|add|O");
    ok("auth|account|add|A");
    ctl(&program, "auth|operator|config|--dir|/var/jwt", 0);
    expect_in(program.out_text, "operator: eyJ");
    expect_in(program.out_text, "system_account: A");
    expect_in(program.out_text, "type: full\n  dir: \"/var/jwt\"\n  allow_delete: true");
    expect_in(program.out_text, "# SYSTEM\n");
    assert_null(strstr(program.out_text, "# A\n"));
    ctl(&program, "auth|operator|config|--resolver|memory", 0);
    expect_in(program.out_text, "resolver: MEMORY\n");
    expect_in(program.out_text, "# A\n");
    ctl(&keys, "auth|operator|keys|ls|--names", 0);
    snprintf(path, sizeof(path), "nats/nsc/keys/keys/O/%.2s/%.56s.nk", keys.out_text + 1,
             keys.out_text);
    read_file(path, seed, sizeof(seed));
    assert_int_equal(strlen(seed), 58);
    expect_no(&program, seed);
    ok("auth|operator|config|--output|o.conf");
    refused("auth|operator|config|--output|o.conf", 1, "File exists");
}

static void an_operator_is_taken_over(void **state NB_UNUSED)
{
    write_file("op.jwt", OPERATOR_JWT);
    shows("auth|operator|import|op.jwt", "TESTOP");
    refused("auth|account|add|A|--operator|TESTOP", 4,
            "can't sign here: the seed of " OPERATOR_KEY);
    refused("auth|operator|import|op.jwt", 1, "File exists");
}

static void an_operator_is_backed_up_and_comes_back(void **state NB_UNUSED)
{
    struct program before;
    struct program after;

    write_file("x1", XKEY_SEED_1);
    write_file("x2", XKEY_SEED_2);
    ok("auth|operator|add|O");
    ok("auth|account|add|A");
    ok("auth|user|add|u|A");
    ctl(&before, "auth|user|info|u|A", 0);
    ok("auth|operator|backup|O|plain");
    expect_private("plain", 0600);
    refused("auth|operator|backup|O|plain", 1, "File exists");
    ok("auth|operator|backup|O|sealed|--key|" XKEY_1);
    refused("auth|operator|backup|O|bad|--key|" USER_KEY, 2, "is no public curve key");
    refused("auth|operator|restore|O|plain", 1, "operator O exists already");
    refused("auth|operator|restore|O|sealed|--store-dir|s|--keys-dir|k", 1, "it is sealed");
    refused("auth|operator|restore|O|sealed|--key|x2|--store-dir|s|--keys-dir|k", 1,
            "could not decrypt input");
    refused("auth|operator|restore|P|plain|--store-dir|s|--keys-dir|k", 1, "is of operator O");
    ok("auth|operator|restore|O|sealed|--key|x1|--store-dir|s|--keys-dir|k");
    ctl(&after, "auth|user|info|u|A|--store-dir|s|--keys-dir|k", 0);
    assert_string_equal(before.out_text, after.out_text);
    ok("auth|user|add|v|A|--store-dir|s|--keys-dir|k"); // the seeds are back, too
    ok("auth|operator|restore|O|plain|--store-dir|t|--keys-dir|l");
    ok("auth|operator|edit|--tags|x|--store-dir|t|--keys-dir|l");
}

static void a_backup_that_was_cut_is_refused(void **state NB_UNUSED)
{
    char text[65536];
    size_t size;

    ok("auth|operator|add|O");
    ok("auth|operator|backup|O|whole");
    read_file("whole", text, sizeof(text));
    size = strlen(text);
    for (size_t n = 0; n < size; n += size / 16) {
        char cut[65536];

        memcpy(cut, text, n);
        cut[n] = '\0';
        write_file("cut", cut);
        refused("auth|operator|restore|O|cut|--store-dir|s|--keys-dir|k", 1, "cut: ");
        assert_int_equal(access("s", F_OK), -1); // nothing was begun
    }
}

static void every_command_has_help_and_examples(void **state NB_UNUSED)
{
    static const char *const lines[] = {"auth|--help",
                                        "auth|operator|--help",
                                        "auth|account|exports|--help",
                                        "auth|account|keys|add|--help",
                                        "auth|user|add|-h",
                                        "auth|push|--help",
                                        "auth|resolver|rm|--help"};

    for (size_t i = 0; i < NB_ARRAY_LEN(lines); i++) {
        struct program program;

        ctl(&program, lines[i], 0);
        expect_in(program.out_text, "Usage:");
        expect_in(program.out_text, "--store-dir DIR");
        expect_in(program.out_text, "  8  some servers did it");
    }
    shows("__complete|3|natsctl|auth|account|k", "keys\t");
    shows("__complete|4|natsctl|auth|user|add|--pay", "--payload\t");
    shows("__complete|4|natsctl|auth|user|add|--sto", "--store-dir\t");
}

int main(void)
{
#define IN_A_PLACE(test) cmocka_unit_test_setup_teardown(test, place_open, place_close)
    const struct CMUnitTest tests[] = {
        IN_A_PLACE(keys_of_every_type_are_made_and_read_back),
        IN_A_PLACE(the_public_key_of_a_seed_is_shown),
        IN_A_PLACE(a_seed_is_written_for_its_owner_alone_and_never_over_another),
        IN_A_PLACE(what_is_signed_is_verified_and_what_is_sealed_is_opened),
        IN_A_PLACE(tokens_are_shown_and_verified),
        IN_A_PLACE(creds_are_shown_without_their_seed),
        IN_A_PLACE(the_store_is_that_of_nsc),
        IN_A_PLACE(several_operators_are_told_apart),
        IN_A_PLACE(folders_can_be_chosen),
        IN_A_PLACE(what_is_missing_is_said),
        IN_A_PLACE(nothing_is_removed_without_a_word),
        IN_A_PLACE(limits_of_accounts_are_set_and_kept),
        IN_A_PLACE(users_have_what_their_account_or_role_gives),
        IN_A_PLACE(shares_and_mappings_are_made_and_taken_back),
        IN_A_PLACE(revocations_count_and_are_taken_back),
        IN_A_PLACE(what_expires_is_found),
        IN_A_PLACE(strict_operators_sign_by_signing_keys_only),
        IN_A_PLACE(the_configuration_of_a_server_is_printed),
        IN_A_PLACE(an_operator_is_taken_over),
        IN_A_PLACE(an_operator_is_backed_up_and_comes_back),
        IN_A_PLACE(a_backup_that_was_cut_is_refused),
        IN_A_PLACE(every_command_has_help_and_examples),
    };

    return cmocka_run_group_tests_name("natsctl auth", tests, NULL, NULL);
}

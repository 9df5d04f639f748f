#include <natsd/password.h>

#include "nb_test.h"

#define LONG_72 "0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"
#define LONG_HASH "$2a$05$abcdefghijklmnopqrstuu5s2v8.iXieOjg/.AySBTTZIIVFJeBui"
#define S3CR3T_TAIL "$05$abcdefghijklmnopqrstuu9Avu/WgbsK7g7xfCY1X3pdjsTgxqQLS"

static const struct {
    const char *name;
    const char *stored;
    const char *given;
    bool want;
} cases[] = {
    // spec 03 section 6.5
    {"user", "$2a$04$Q.CgCP2Sl9pkcTXEZHazaeMwPaAkSHk7AI51HkyMt5iJQQyUA4qxq",
     "IW@$6v(y1(t@fhPDvf!5^%", true},
    {"token", "$2a$04$u5ZClXpcjHgpfc61Ee0VKuwI1K3vTC4zq7SjphjnlHMeb1Llkb5Y6",
     "0uhJOSr3GW7xvHvtd^K6pa", true},
    {"minor a", "$2a" S3CR3T_TAIL, "s3cr3t", true},
    {"minor b", "$2b" S3CR3T_TAIL, "s3cr3t", true},
    {"minor x", "$2x" S3CR3T_TAIL, "s3cr3t", true},
    {"minor y", "$2y" S3CR3T_TAIL, "s3cr3t", true},
    {"wrong password", "$2a" S3CR3T_TAIL, "s3cr3T", false},
    {"no password", "$2a" S3CR3T_TAIL, "", false},
    {"the hash itself", "$2a" S3CR3T_TAIL, "$2a" S3CR3T_TAIL, false},
    // published with the C library's implementation
    {"short", "$2a$05$CCCCCCCCCCCCCCCCCCCCC.E5YPO9kmyuRGyh0XouQYb4YMJKvyOeW", "U*U", true},
    {"empty", "$2a$05$CCCCCCCCCCCCCCCCCCCCC.7uG0VCzI2bS7j6ymqJi9CdcdxiRTWNy", "", true},
    {"8 bits", "$2y$05$/OK.fbVrR/bpIqNJ5ianF.CE5elHaaO4EbggVDjb8P19RukzXSM3e", "\xFF\xFF\xA3",
     true},
    {"8 bits, as a", "$2a$05$/OK.fbVrR/bpIqNJ5ianF.CE5elHaaO4EbggVDjb8P19RukzXSM3e", "\xFF\xFF\xA3",
     true},
    {"8 bits, x without its mistake",
     "$2x$05$/OK.fbVrR/bpIqNJ5ianF.CE5elHaaO4EbggVDjb8P19RukzXSM3e", "\xFF\xFF\xA3", true},
    {"72 bytes", LONG_HASH, LONG_72, true},
    {"more than 72 bytes", LONG_HASH, LONG_72 "chars after 72 are ignored", true},
    {"71 bytes", LONG_HASH,
     "0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ012345678", false},
    {"salt with unused bits", "$2a$05$abcdefghijklmnopqrstuv9Avu/WgbsK7g7xfCY1X3pdjsTgxqQLS",
     "s3cr3t", true},
    {"more than 60 characters", "$2a" S3CR3T_TAIL "xyz", "s3cr3t", true},
    {"59 characters", "$2a$05$abcdefghijklmnopqrstuu9Avu/WgbsK7g7xfCY1X3pdjsTgxqQL", "s3cr3t",
     false},
    {"prefix only", "$2a$05$", "s3cr3t", false},
    {"prefix only, given itself", "$2a$05$", "$2a$05$", false},
    {"cost 3", "$2a$03$abcdefghijklmnopqrstuu9Avu/WgbsK7g7xfCY1X3pdjsTgxqQLS", "s3cr3t", false},
    {"cost 32", "$2a$32$abcdefghijklmnopqrstuu9Avu/WgbsK7g7xfCY1X3pdjsTgxqQLS", "s3cr3t", false},
    {"bad salt", "$2a$05$abcdefghi:klmnopqrstuu9Avu/WgbsK7g7xfCY1X3pdjsTgxqQLS", "s3cr3t", false},
    {"plain", "s3cr3t", "s3cr3t", true},
    {"plain, wrong", "s3cr3t", "s3cr3T", false},
    {"plain, shorter", "s3cr3t", "s3cr3", false},
    {"plain, empty given", "s3cr3t", "", false},
    {"plain, empty both", "", "", true},
    {"unknown minor is plain", "$2c" S3CR3T_TAIL, "$2c" S3CR3T_TAIL, true},
};

static void check_judges_each_pair(void **state NB_UNUSED)
{
    for (size_t i = 0; i < NB_ARRAY_LEN(cases); i++) {
        struct slice stored = nb_slice_dup(nb_slice_of(cases[i].stored));
        struct slice given = nb_slice_dup(nb_slice_of(cases[i].given));

        if (nauth_password_check(stored, given) != cases[i].want) {
            fail_msg("%s", cases[i].name);
        }
        nb_slice_free(&stored);
        nb_slice_free(&given);
    }
}

static void a_nul_inside_matches_no_hash(void **state NB_UNUSED)
{
    assert_false(nauth_password_check(NB_SLICE("$2a" S3CR3T_TAIL), NB_SLICE("s3cr3t\0")));
    assert_false(nauth_password_check(NB_SLICE("$2a" S3CR3T_TAIL), NB_SLICE("s3cr3t\0x")));
    assert_true(nauth_password_check(NB_SLICE("a\0b"), NB_SLICE("a\0b")));
    assert_false(nauth_password_check(NB_SLICE("a\0b"), NB_SLICE("a\0c")));
}

// Cut anywhere, a hash matches nothing; each is its own allocation for the sanitizer.
static void every_prefix_of_a_hash_matches_nothing(void **state NB_UNUSED)
{
    const struct slice whole =
        NB_SLICE("$2a$04$abcdefghijklmnopqrstuu9Avu/WgbsK7g7xfCY1X3pdjsTgxqQL");

    for (size_t n = 1; n <= whole.n; n++) {
        struct slice cut = nb_slice_dup(nb_slice_sub(whole, 0, n));

        assert_false(nauth_password_check(cut, NB_SLICE("s3cr3t")));
        nb_slice_free(&cut);
    }
}

static void hashes_are_told_by_their_prefix(void **state NB_UNUSED)
{
    static const char *const hashes[] = {"$2a$11$abc", "$2b$04$", "$2x$31$", "$2y$99$"};
    static const char *const others[] = {"",         "$2a$1",    "$2a$11",   "$2$11$ab",
                                         "$2c$11$a", "$1a$11$a", "2a$11$a",  "$2a$1x$",
                                         "$2a$x1$",  "$2a$11a",  "$2A$11$a", " $2a$11$"};

    for (size_t i = 0; i < NB_ARRAY_LEN(hashes); i++) {
        assert_true(nauth_password_is_bcrypt(nb_slice_of(hashes[i])));
    }
    for (size_t i = 0; i < NB_ARRAY_LEN(others); i++) {
        assert_false(nauth_password_is_bcrypt(nb_slice_of(others[i])));
    }
    assert_false(nauth_password_is_bcrypt((struct slice){0}));
}

static void a_new_hash_matches_its_password_only(void **state NB_UNUSED)
{
    char hash[NAUTH_PASSWORD_HASH_BYTES + 1];
    char other[NAUTH_PASSWORD_HASH_BYTES + 1];

    assert_int_equal(nauth_password_hash(NB_SLICE("p\xC3\xA4ssword"), 4, hash), NB_OK);
    assert_int_equal(nauth_password_hash(NB_SLICE("p\xC3\xA4ssword"), 5, other), NB_OK);
    assert_memory_equal(hash, "$2a$04$", 7);
    assert_memory_equal(other, "$2a$05$", 7);
    assert_memory_not_equal(hash + 7, other + 7, 22); // the salt
    assert_int_equal(strlen(hash), NAUTH_PASSWORD_HASH_BYTES);
    assert_true(nauth_password_check(nb_slice_of(hash), NB_SLICE("p\xC3\xA4ssword")));
    assert_true(nauth_password_check(nb_slice_of(other), NB_SLICE("p\xC3\xA4ssword")));
    assert_false(nauth_password_check(nb_slice_of(hash), NB_SLICE("password")));
    assert_int_equal(nauth_password_hash(NB_SLICE(LONG_72), 4, hash), NB_OK);
    assert_true(nauth_password_check(nb_slice_of(hash), NB_SLICE(LONG_72)));
}

static void hash_refuses_what_bcrypt_cannot_hold(void **state NB_UNUSED)
{
    char hash[NAUTH_PASSWORD_HASH_BYTES + 1] = "untouched";

    assert_int_equal(nauth_password_hash(NB_SLICE(LONG_72 "x"), 4, hash), NB_EINVALID);
    assert_int_equal(nauth_password_hash(NB_SLICE("a\0b"), 4, hash), NB_EINVALID);
    assert_int_equal(nauth_password_hash(NB_SLICE("a"), 3, hash), NB_EINVALID);
    assert_int_equal(nauth_password_hash(NB_SLICE("a"), 32, hash), NB_EINVALID);
    assert_string_equal(hash, "untouched");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(check_judges_each_pair),
        cmocka_unit_test(a_nul_inside_matches_no_hash),
        cmocka_unit_test(every_prefix_of_a_hash_matches_nothing),
        cmocka_unit_test(hashes_are_told_by_their_prefix),
        cmocka_unit_test(a_new_hash_matches_its_password_only),
        cmocka_unit_test(hash_refuses_what_bcrypt_cannot_hold),
    };
    return cmocka_run_group_tests_name("password", tests, NULL, NULL);
}

#include <natsd/password.h>

#include <natsd/random.h>

#include <assert.h>
#include <crypt.h>

/* A hash: "$2b$", two digits of cost, "$", 22 characters of salt, 31 of result. All minors are
 * computed as b: for a, the C library would guard against an old mistake that none of our
 * hashes was made with, and for x repeat it.
 */
enum {
    MINOR_INDEX = 2,
    COST_INDEX = 4,
    PREFIX_BYTES = 7,
    SALT_BYTES = 22,
    SETTING_BYTES = PREFIX_BYTES + SALT_BYTES,
    RAW_SALT_BYTES = 16,
};

static bool is_digit(uint8_t byte)
{
    return byte >= '0' && byte <= '9';
}

static bool is_minor(uint8_t byte)
{
    return byte == 'a' || byte == 'b' || byte == 'x' || byte == 'y';
}

bool nauth_password_is_bcrypt(struct slice stored)
{
    const uint8_t *p = stored.p;

    return stored.n >= PREFIX_BYTES && p[0] == '$' && p[1] == '2' && is_minor(p[MINOR_INDEX]) &&
           p[3] == '$' && is_digit(p[COST_INDEX]) && is_digit(p[COST_INDEX + 1]) && p[6] == '$';
}

// Runs bcrypt. False when the C library refuses the setting.
static bool run_bcrypt(struct slice password, const char *setting,
                       char out[NAUTH_PASSWORD_HASH_BYTES + 1])
{
    char phrase[NAUTH_PASSWORD_BCRYPT_MAX_BYTES + 1] = "";
    struct crypt_data *data = nb_zalloc(sizeof(*data)); // large, and wiped with all it knows
    const char *hash;
    bool is_made;

    assert(password.n <= NAUTH_PASSWORD_BCRYPT_MAX_BYTES);
    if (password.n > 0) {
        memcpy(phrase, password.p, password.n);
    }
    hash = crypt_r(phrase, setting, data);
    is_made = hash != NULL && strlen(hash) == NAUTH_PASSWORD_HASH_BYTES;
    if (is_made) {
        memcpy(out, hash, NAUTH_PASSWORD_HASH_BYTES + 1);
    }
    nb_wipe(phrase, sizeof(phrase));
    nb_wipe(data, sizeof(*data));
    nb_free(data);
    return is_made;
}

static bool has_nul(struct slice text)
{
    return nb_slice_find_byte(text, '\0') < text.n;
}

static bool check_bcrypt(struct slice stored, struct slice given)
{
    struct slice want =
        nb_slice_sub(stored, SETTING_BYTES, NAUTH_PASSWORD_HASH_BYTES - SETTING_BYTES);
    char setting[SETTING_BYTES + 1];
    char hash[NAUTH_PASSWORD_HASH_BYTES + 1];
    bool is_match;

    if (stored.n < NAUTH_PASSWORD_HASH_BYTES || has_nul(given)) {
        return false; // what follows the 60 characters does not count
    }
    memcpy(setting, stored.p, SETTING_BYTES);
    setting[SETTING_BYTES] = '\0';
    setting[MINOR_INDEX] = 'b';
    if (!run_bcrypt(nb_slice_sub(given, 0, NAUTH_PASSWORD_BCRYPT_MAX_BYTES), setting, hash)) {
        return false;
    }
    // The salt is as written in ours and made canonical in theirs, so only results are compared.
    is_match = nb_slice_equal_secret(want, nb_slice_make(hash + SETTING_BYTES, want.n));
    nb_wipe(hash, sizeof(hash));
    return is_match;
}

bool nauth_password_check(struct slice stored, struct slice given)
{
    if (nauth_password_is_bcrypt(stored)) {
        return check_bcrypt(stored, given);
    }
    return nb_slice_equal_secret(stored, given);
}

int nauth_password_hash(struct slice password, unsigned cost,
                        char out[NAUTH_PASSWORD_HASH_BYTES + 1])
{
    char salt[RAW_SALT_BYTES];
    char setting[CRYPT_GENSALT_OUTPUT_SIZE];

    if (cost < NAUTH_PASSWORD_COST_MIN || cost > NAUTH_PASSWORD_COST_MAX ||
        password.n > NAUTH_PASSWORD_BCRYPT_MAX_BYTES || has_nul(password)) {
        return NB_EINVALID;
    }
    nb_random_secure(salt, sizeof(salt));
    if (crypt_gensalt_rn("$2b$", cost, salt, sizeof(salt), setting, sizeof(setting)) == NULL ||
        !run_bcrypt(password, setting, out)) {
        return NB_ECRYPTO;
    }
    out[MINOR_INDEX] = 'a'; // what other tools of NATS write and read
    return NB_OK;
}

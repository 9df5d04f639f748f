/* Pack messages of any bytes. What is taken is made of the message's own bytes and is what a naive
 * reading of its lines gives; no key is anything but one that is safe as the name of a file; and of
 * two JWTs never each is newer than the other, unless both are of the same second.
 */
#include <natsd/jwt.h>

#include <assert.h>
#include <stdlib.h>

#include "resolver/merge.h"
#include "resolver/token_file.h"

static bool is_inside(struct slice whole, struct slice part)
{
    return part.p >= whole.p && part.n <= whole.n && (size_t)(part.p - whole.p) <= whole.n - part.n;
}

static void check_entry(struct slice message, const struct nserver__pack_entry *entry)
{
    assert(is_inside(message, entry->key) && is_inside(message, entry->token));
    assert(entry->key.n == 56 && entry->token.n > 0);
    for (size_t i = 0; i < entry->key.n; i++) {
        uint8_t c = entry->key.p[i];

        assert((c >= 'A' && c <= 'Z') || (c >= '2' && c <= '7'));
    }
    assert(entry->key.p + entry->key.n + 1 == entry->token.p);
    assert(nb_slice_find_byte(entry->token, '\n') == entry->token.n);
    assert(nb_slice_find_byte(entry->token, '|') == entry->token.n);
}

// Lines that are not blank: each gives an entry or an error.
static size_t count_lines(struct slice message)
{
    size_t count = 0;
    bool is_blank = true;

    for (size_t i = 0; i <= message.n; i++) {
        if (i == message.n || message.p[i] == '\n') {
            count += !is_blank;
            is_blank = true;
        } else {
            uint8_t c = message.p[i];

            is_blank = is_blank && (c == ' ' || c == '\t' || c == '\r');
        }
    }
    return count;
}

static int64_t issued_at(struct slice token)
{
    struct nauth_claims claims = {0};
    int64_t at;
    int rc = nauth_jwt_decode(token, NAUTH_CLAIMS_GENERIC, &claims, NULL);

    assert(rc == NB_OK); // it was judged
    at = claims.issued_at;
    nauth_claims_fini(&claims);
    return at;
}

static void check_merge(const struct nserver__pack_entry *a, const struct nserver__pack_entry *b)
{
    bool a_is_newer = false;
    bool b_is_newer = false;
    bool is_newer = true;

    if (nserver__merge_judge(a->key, b->token, a->token, &a_is_newer, NULL) != NB_OK ||
        nserver__merge_judge(a->key, a->token, b->token, &b_is_newer, NULL) != NB_OK) {
        return;
    }
    if (nserver__merge_judge(a->key, a->token, a->token, &is_newer, NULL) != NB_OK || is_newer) {
        abort(); // than itself
    }
    assert(!a_is_newer || !b_is_newer || issued_at(a->token) == issued_at(b->token));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct slice message = nb_slice_make(data, size);
    struct slice rest = message;
    struct nserver__pack_entry entry;
    struct nserver__pack_entry first = {0};
    struct nb_diag diag;
    size_t count = 0;
    int rc;

    while (nserver__pack_take(&rest, &entry, &rc, &diag)) {
        count++;
        if (rc != NB_OK) {
            assert(diag.text[0] != '\0');
            continue;
        }
        check_entry(message, &entry);
        if (first.key.n == 0) {
            first = entry;
        }
        check_merge(&first, &entry);
    }
    assert(count == count_lines(message));
    return 0;
}

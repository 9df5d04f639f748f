#include "verb.h"

#include <string.h>

const struct nproto__verb nproto__verbs[] = {
#define NPROTO_VERB(op, name, from, rest) {name, sizeof(name) - 1, op, from, rest},
#include "verb.def"
#undef NPROTO_VERB
};

const char *nproto_op_name(enum nproto_op op)
{
    for (size_t i = 0; i < NB_ARRAY_LEN(nproto__verbs); i++) {
        if (nproto__verbs[i].op == op) {
            return nproto__verbs[i].name;
        }
    }
    return "";
}

static uint8_t upper(uint8_t letter)
{
    return letter >= 'a' && letter <= 'z' ? (uint8_t)(letter - 'a' + 'A') : letter;
}

bool nproto__verb_goes_on(enum nproto_peer peer, uint8_t letter, uint8_t matched, uint8_t *verb)
{
    const char *begun = nproto__verbs[*verb].name;
    const uint8_t wanted = upper(letter);

    for (size_t i = 0; i < NB_ARRAY_LEN(nproto__verbs); i++) {
        const struct nproto__verb *row = &nproto__verbs[i];

        if ((row->from & (1U << peer)) != 0 && matched < row->size &&
            (uint8_t)row->name[matched] == wanted && memcmp(row->name, begun, matched) == 0) {
            *verb = (uint8_t)i;
            return true;
        }
    }
    return false;
}

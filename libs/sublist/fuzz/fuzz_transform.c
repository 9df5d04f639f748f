/* fuzz_transform.c - a transform that is accepted gives a subject within its room, the same
 * one as a mapping with it; and the reverse of a strict one undoes it. Input: a byte of flags,
 * then source, destination and subject, with a line feed between them.
 */
#include <natsd/mapping.h>
#include <natsd/transform.h>

#include "../tests/naive_subject.h"

#include <natsd/subject.h>

#include <stdio.h>

enum {
    FLAG_STRICT = 1,
    SEED = 9,
    ROOM_MAX_BYTES = NSUB_MAPPING_ROOM_BYTES,
    INPUT_MAX_BYTES = 4096, // as long as a control line
};

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void must(bool holds, const char *what)
{
    if (!holds) {
        fprintf(stderr, "does not hold: %s\n", what);
        abort();
    }
}

static struct slice take_line(struct slice *rest)
{
    size_t n = nb_slice_find_byte(*rest, '\n');
    struct slice line = nb_slice_dup(nb_slice_sub(*rest, 0, n));

    *rest = nb_slice_sub(*rest, n + 1, rest->n);
    return line;
}

// What the subject becomes, in an allocation of that size; p NULL when it doesn't match.
static struct slice run(const struct nsub_transform *transform, struct slice subject)
{
    uint8_t *room = malloc(ROOM_MAX_BYTES);
    struct slice out = {NULL, 0};
    struct nb_random random;
    size_t size = 0;
    int rc;

    must(room != NULL, "memory");
    nb_random_init(&random, SEED);
    rc = nsub_transform_match(transform, subject, &random, room, ROOM_MAX_BYTES, &size);
    must(rc == NB_OK || rc == NB_ENOTFOUND || rc == NB_EMALFORMED || rc == NB_ELIMIT, "code");
    if (rc == NB_OK) {
        must(size <= ROOM_MAX_BYTES, "size within the room");
        out = nb_slice_dup(nb_slice_make(room, size));
    }
    free(room);
    return out;
}

static void check_room(const struct nsub_transform *transform, struct slice subject,
                       struct slice want)
{
    for (size_t less = 0; less <= 1 && less <= want.n; less++) {
        size_t room = want.n - less;
        uint8_t *out = malloc(room > 0 ? room : 1);
        struct nb_random random;
        size_t size = 0;
        int rc;

        must(out != NULL, "memory");
        nb_random_init(&random, SEED);
        rc = nsub_transform_match(transform, subject, &random, out, room, &size);
        must(rc == (less == 0 ? NB_OK : NB_ELIMIT), "the room decides");
        must(less > 0 || nb_slice_equal(nb_slice_make(out, size), want), "same result");
        free(out);
    }
}

static bool may_leave_tokens_empty(struct slice destination)
{
    return nb_slice_find(destination, NB_SLICE("plit")) < destination.n;
}

static void check_tokens(struct slice subject, struct slice destination, struct slice result)
{
    struct naive_subject before = naive_split(subject);
    struct naive_subject after = naive_split(result);

    if (!naive_has_empty(&before) && !may_leave_tokens_empty(destination)) {
        must(!naive_has_empty(&after), "no token of the result is empty");
    }
    naive_free(&before);
    naive_free(&after);
}

static void check_reverse(const struct nsub_transform *transform, struct slice subject,
                          struct slice result)
{
    struct nsub_transform *reverse = NULL;
    struct slice back;

    if (nsub_transform_reverse(transform, &reverse, NULL) < 0) {
        return;
    }
    back = run(reverse, result);
    must(nb_slice_equal(back, subject), "the reverse undoes it");
    nb_slice_free(&back);
    nsub_transform_destroy(&reverse);
}

static void check_mapping(struct slice source, struct slice destination, struct slice subject,
                          struct slice result)
{
    struct nsub_mappings *mappings = nsub_mappings_create();
    struct nsub_mapping_dest dest = {.subject = destination, .weight = 100};
    struct nb_random random;
    uint8_t *out = malloc(ROOM_MAX_BYTES);
    size_t size = 0;

    must(out != NULL, "memory");
    nb_random_init(&random, SEED);
    if (nsub_mappings_add(mappings, source, &dest, 1, NULL) == NB_OK && result.p != NULL) {
        must(nsub_mappings_map(mappings, subject, (struct slice){NULL, 0}, &random, out,
                               ROOM_MAX_BYTES, &size) == NSUB_MAPPING_DONE,
             "a mapping takes what its transform does");
        must(nb_slice_equal(nb_slice_make(out, size), result), "and does the same");
    }
    free(out);
    nsub_mappings_destroy(&mappings);
}

static void check(struct slice source, struct slice destination, struct slice subject,
                  enum nsub_transform_mode mode)
{
    struct nsub_transform *transform = NULL;
    struct nb_diag diag = {0};
    struct slice result = {NULL, 0};
    int rc = nsub_transform_create(source, destination, mode, &transform, &diag);

    must(rc == NB_OK || (rc == NB_EMALFORMED && diag.text[0] != '\0'), "an error has a text");
    if (transform != NULL) {
        result = run(transform, subject);
    }
    if (result.p != NULL) {
        check_room(transform, subject, result);
        check_tokens(subject, destination, result);
        check_reverse(transform, subject, result);
    }
    // ">" to ">" takes anything as it is; a mapping only what could be published.
    if (mode == NSUB_TRANSFORM_PLAIN && nsub_subject_is_valid_literal(subject)) {
        check_mapping(source, destination, subject, result);
    }
    nb_slice_free(&result);
    nsub_transform_destroy(&transform);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct slice rest = nb_slice_make(data, size);
    struct slice source;
    struct slice destination;
    struct slice subject;
    bool is_strict;

    if (size == 0 || size > INPUT_MAX_BYTES) {
        return 0;
    }
    is_strict = (data[0] & FLAG_STRICT) != 0;
    rest = nb_slice_sub(rest, 1, rest.n);
    source = take_line(&rest);
    destination = take_line(&rest);
    subject = take_line(&rest);
    check(source, destination, subject, is_strict ? NSUB_TRANSFORM_STRICT : NSUB_TRANSFORM_PLAIN);
    nb_slice_free(&source);
    nb_slice_free(&destination);
    nb_slice_free(&subject);
    return 0;
}

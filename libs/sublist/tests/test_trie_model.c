/* A million random operations on a trie, each answer compared with that of a list that is
 * searched from one end to the other. */
#include <natsd/trie.h>

#include "nb_test.h"

#include "naive_subject.h"
#include "sub_fixture.h"
#include "trie.h"

#include <natsd/hash.h>
#include <natsd/random.h>

enum {
    OPERATION_COUNT = 1000 * 1000,
    CHECK_EVERY_COUNT = 2000, // operations between two looks at all invariants
    SUB_COUNT = 96,
    SUBJECT_TOKENS_MAX = 6,
    SUBJECT_ROOM_BYTES = 64,
    QUEUE_ROOM_BYTES = 32,
};

struct member {
    struct nsub_sub sub;
    char subject[SUBJECT_ROOM_BYTES + QUEUE_ROOM_BYTES]; // and its queue
    struct naive_subject split;
    bool is_in;
};

struct model {
    struct nsub_trie *trie;
    struct member members[SUB_COUNT];
    struct nb_random random;
    uint32_t in_count;
};

static uint32_t below(struct model *model, uint32_t bound)
{
    return nb_random_below(&model->random, bound);
}

// Tokens out of few, so that subjects share paths; a long one now and then.
static const char *random_token(struct model *model, bool may_be_star)
{
    static const char *const tokens[] = {"a", "b", "c", "dd", "a*", "long-token-of-a-subject"};

    if (may_be_star && below(model, 4) == 0) {
        return "*";
    }
    return tokens[below(model, NB_ARRAY_LEN(tokens) - below(model, 4))];
}

static struct slice random_subject(struct model *model, char *out, bool may_be_wild)
{
    uint32_t count = 1 + below(model, SUBJECT_TOKENS_MAX) % (1 + below(model, SUBJECT_TOKENS_MAX));
    size_t n = 0;

    for (uint32_t i = 0; i < count; i++) {
        const char *token = random_token(model, may_be_wild);

        if (i + 1 == count && may_be_wild && below(model, 6) == 0) {
            token = ">";
        }
        if (n + strlen(token) + 2 > SUBJECT_ROOM_BYTES) {
            break;
        }
        n += (size_t)snprintf(out + n, SUBJECT_ROOM_BYTES - n, "%s%s", i > 0 ? "." : "", token);
    }
    return nb_slice_make(out, n);
}

// The same subject for several, one in eight; queues for a half; some are remote.
static void draw_member(struct model *model, struct member *member)
{
    static const char *const queues[] = {"", "", "", "q", "r", "queue-with-a-longer-name"};
    const struct member *other = &model->members[below(model, SUB_COUNT)];

    if (below(model, 8) == 0 && other != member && other->sub.subject.n > 0) {
        memcpy(member->subject, other->subject, SUBJECT_ROOM_BYTES);
        member->sub.subject = nb_slice_make(member->subject, other->sub.subject.n);
    } else {
        member->sub.subject = random_subject(model, member->subject, true);
    }
    naive_free(&member->split);
    member->split = naive_split(member->sub.subject);
    set_queue(&member->sub, queues[below(model, NB_ARRAY_LEN(queues))]);
    member->sub.is_remote = below(model, 4) == 0;
    member->sub.weight = 1 + below(model, 3) * below(model, 3);
    member->sub.slot_index = (uint32_t)nb_random_u64(&model->random); // whatever was there
}

static void toggle(struct model *model)
{
    struct member *member = &model->members[below(model, SUB_COUNT)];

    if (member->is_in) {
        assert_int_equal(nsub_trie_insert(model->trie, &member->sub), NB_EEXISTS);
        must_remove(model->trie, &member->sub);
        memset(member->subject, 'X', sizeof(member->subject)); // nobody may look at it any more
        model->in_count--;
    } else {
        draw_member(model, member);
        assert_int_equal(nsub_trie_remove(model->trie, &member->sub), NB_ENOTFOUND);
        must_insert(model->trie, &member->sub);
        model->in_count++;
    }
    member->is_in = !member->is_in;
}

static void change_weight(struct model *model)
{
    struct member *member = &model->members[below(model, SUB_COUNT)];

    if (member->is_in) {
        assert_int_equal(nsub_trie_set_weight(model->trie, &member->sub, below(model, 5)), NB_OK);
    }
}

static uint32_t wanted_places(const struct member *member)
{
    return member->sub.is_remote && member->sub.weight > 1 ? member->sub.weight : 1;
}

static void fail_for(const char *what, struct slice subject, const struct member *member)
{
    fail_msg("%s: \"%.*s\" and \"%.*s\" queue \"%.*s\"", what, NB_SLICE_ARGS(subject),
             NB_SLICE_ARGS(member->sub.subject), NB_SLICE_ARGS(nsub_sub_queue(&member->sub)));
}

// Exactly the members for which `covers` holds, each as often as it should be.
static void compare(struct model *model, const char *what, const struct nsub_result *result,
                    struct slice subject,
                    bool (*covers)(const struct naive_subject *, const struct naive_subject *))
{
    struct naive_subject split = naive_split(subject);
    uint32_t plain_count = 0;
    uint32_t member_count = 0;
    uint32_t member_count_found = 0;

    for (size_t i = 0; i < SUB_COUNT; i++) {
        const struct member *member = &model->members[i];
        bool is_plain = member->sub.queue_size == 0;
        uint32_t places;

        if (!member->is_in || !covers(&split, &member->split)) {
            continue; // one that is found all the same makes the counts differ
        }
        places = is_plain ? plain_places(result, &member->sub) : group_places(result, &member->sub);
        if (places != (is_plain ? 1 : wanted_places(member))) {
            fail_for(what, subject, member);
        }
        plain_count += is_plain;
        member_count += is_plain ? 0 : places;
    }
    for (uint32_t i = 0; i < result->group_count; i++) {
        member_count_found += result->groups[i].member_count;
    }
    assert_int_equal(result->plain_count, plain_count);
    assert_int_equal(member_count_found, member_count);
    naive_free(&split);
}

static void match(struct model *model)
{
    char text[SUBJECT_ROOM_BYTES];
    struct slice subject = random_subject(model, text, false);
    struct nsub_result *result = nsub_trie_match(model->trie, subject);
    uint32_t plain;
    uint32_t queue;

    compare(model, "match", result, subject, naive_matches);
    assert_int_equal(nsub_trie_has_interest(model->trie, subject),
                     result->plain_count + result->group_count > 0);
    nsub_trie_count_interest(model->trie, subject, &plain, &queue);
    assert_int_equal(plain, result->plain_count);
    assert_int_equal(queue > 0, result->group_count > 0);
    nsub_result_free(result);
}

static void reverse_match(struct model *model)
{
    char text[SUBJECT_ROOM_BYTES];
    struct slice pattern = random_subject(model, text, true);
    struct nsub_result *result = nsub_trie_reverse_match(model->trie, pattern);

    compare(model, "reverse match", result, pattern, naive_collides);
    nsub_result_free(result);
}

static void has_interest(struct model *model)
{
    char text[SUBJECT_ROOM_BYTES];
    struct slice subject = random_subject(model, text, false);
    struct naive_subject split = naive_split(subject);
    bool wanted = false;

    for (size_t i = 0; i < SUB_COUNT && !wanted; i++) {
        wanted = model->members[i].is_in && naive_matches(&split, &model->members[i].split);
    }
    assert_int_equal(nsub_trie_has_interest(model->trie, subject), wanted);
    naive_free(&split);
}

static void has_exact(struct model *model)
{
    const struct member *asked = &model->members[below(model, SUB_COUNT)];
    bool wanted = false;

    if (!asked->is_in) {
        return;
    }
    for (size_t i = 0; i < SUB_COUNT; i++) {
        wanted = wanted || (model->members[i].is_in && model->members[i].sub.queue_size == 0 &&
                            naive_same(model->members[i].sub.subject, asked->sub.subject));
    }
    assert_int_equal(nsub_trie_has_exact(model->trie, asked->sub.subject, NB_SLICE("")), wanted);
    assert_true(nsub_trie_has_exact(model->trie, asked->sub.subject, nsub_sub_queue(&asked->sub)));
}

static void step(struct model *model)
{
    uint32_t drawn = below(model, 100);

    if (drawn < 72) {
        toggle(model);
    } else if (drawn < 76) {
        change_weight(model);
    } else if (drawn < 86) {
        has_interest(model);
    } else if (drawn < 89) {
        has_exact(model);
    } else if (drawn < 97) {
        match(model);
    } else {
        reverse_match(model);
    }
}

static uint64_t seed_of_this_run(void)
{
    const char *given = getenv("NSUB_TEST_SEED");
    uint64_t seed = given != NULL ? strtoull(given, NULL, 10) : 0;

    if (seed == 0) {
        nb_random_secure(&seed, sizeof(seed));
    }
    print_message("seed %llu (NSUB_TEST_SEED)\n", (unsigned long long)seed);
    return seed;
}

static void trie_answers_as_a_list_does(void **state NB_UNUSED)
{
    struct model *model = calloc(1, sizeof(*model));

    assert_non_null(model);
    model->trie = nsub_trie_create();
    nb_random_init(&model->random, seed_of_this_run());
    for (uint32_t n = 0; n < OPERATION_COUNT; n++) {
        step(model);
        if (n % CHECK_EVERY_COUNT == 0) {
            assert_true(nsub__tree_check(&model->trie->tree, model->in_count));
        }
    }
    for (size_t i = 0; i < SUB_COUNT; i++) {
        if (model->members[i].is_in) {
            must_remove(model->trie, &model->members[i].sub);
        }
        naive_free(&model->members[i].split);
    }
    assert_true(nsub__tree_check(&model->trie->tree, 0));
    assert_int_equal(model->trie->tree.root->literals.count, 0);
    nsub_trie_destroy(&model->trie);
    free(model);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(trie_answers_as_a_list_does),
    };
    return cmocka_run_group_tests_name("trie model", tests, NULL, NULL);
}

/* subscribers.c - how many listen to a subject (spec 04 section 7.7). */
#include <natsd/base64.h>
#include <natsd/memory.h>
#include <natsd/subject.h>
#include <natsd/trie.h>

#include "accounts/account.h"
#include "clients/subscription.h"
#include "events/json_options.h"
#include "events/service_list.h"
#include "lifecycle/state.h"

enum {
    OPTIONS_MEMORY_MAX_BYTES = 1024 * 1024,
    QUEUE_MAX_BYTES = 64 * 1024,
};

struct counting {
    struct slice subject, queue; // an empty queue: all
    bool has_wildcard;
    uint64_t count;
};

static bool count_one(void *ctx, struct nsub_sub *index)
{
    struct counting *counting = ctx;
    const struct nserver__sub *sub = nserver__sub_of(index);
    bool fits = counting->has_wildcard ? nsub_subject_is_subset(index->subject, counting->subject)
                                       : nsub_subject_matches(counting->subject, index->subject);

    if (fits && sub->kind == NSERVER__SUB_CLIENT &&
        (counting->queue.n == 0 || nb_slice_equal(counting->queue, nsub_sub_queue(index)))) {
        counting->count++;
    }
    return true;
}

static void answer_count(struct nserver__call *call, const struct nserver__account *account,
                         struct slice subject, struct slice queue)
{
    struct counting counting = {
        .subject = subject,
        .queue = queue,
        .has_wildcard = nsub_subject_has_wildcard(subject),
    };

    if (nsub_subject_is_insertable(subject)) {
        nsub_trie_each(account->trie, count_one, &counting);
    }
    nb_json_u64(&call->report.w, counting.count);
    nserver__report_end(&call->report);
}

// "<subject>" or "<subject> <queue>".
void nserver__serve_subscribers(struct nserver__call *call)
{
    struct slice rest = nb_slice_trim(call->payload);
    struct slice subject = {0};

    if (call->asker == NULL) {
        nserver__call_drop(call);
        return;
    }
    (void)nb_slice_take_field(&rest, ' ', &subject); // an empty one has none
    answer_count(call, call->asker, subject, nb_slice_trim(rest));
}

/* The same, asked by another server. */

struct query {
    struct slice account, subject, queue; // the queue in base64
};

static const struct nserver__json_option options[] = {
    {"acc", JSON_OPTION_TEXT, offsetof(struct query, account)},
    {"subject", JSON_OPTION_TEXT, offsetof(struct query, subject)},
    {"queue", JSON_OPTION_TEXT, offsetof(struct query, queue)},
};

static void answer_query(struct nserver__call *call, const struct query *query)
{
    const struct nserver__account *account =
        nserver__registry_find(&nserver__call_server(call)->accounts, query->account);
    struct nb_buf queue;

    nb_buf_init(&queue, QUEUE_MAX_BYTES);
    if (account == NULL || nauth_base64_decode(query->queue, &queue) != NB_OK) {
        nserver__call_drop(call);
    } else {
        answer_count(call, account, query->subject, nb_buf_slice(&queue));
    }
    nb_buf_fini(&queue);
}

void nserver__serve_account_subscribers(struct nserver__call *call)
{
    struct nb_json_doc doc = {0};
    struct nb_diag diag = {0};
    struct query query = {0};

    if (nb_json_parse(call->payload, OPTIONS_MEMORY_MAX_BYTES, &doc, &diag) == NB_OK &&
        nserver__json_options_read(doc.root, options, NB_ARRAY_LEN(options), &query, &diag) ==
            NB_OK) {
        answer_query(call, &query);
    } else {
        nserver__call_drop(call);
    }
    nb_json_doc_fini(&doc);
}

#include "ocsp_check.h"

#include "ocsp_question.h"

#include <natsd/clock.h>

#include <assert.h>
#include <stdatomic.h>
#include <stdio.h>

enum {
    STATUS_OK = 200, // nothing else counts as an answer
    REASON_MAX_BYTES = 256,
};

struct nnet_ocsp_peer {
    _Atomic uint32_t refs;
    struct nnet_ocsp_peer_opts opts;
};

/* Link by link from the peer's own certificate on, for each: what is remembered, then one
 * responder after the other.
 */
struct nnet__ocsp_check {
    struct nnet_ocsp_peer *rules;
    struct nnet_worker *worker;
    struct nnet_cert_chain chain;
    bool is_client;
    size_t link;      // index in the chain; its issuer is the next one
    unsigned url;     // to be asked next
    bool was_revoked; // a revocation of this link is remembered, though it is not current
    int rc;           // of the last answer
    char reason[REASON_MAX_BYTES];
    struct nnet__ocsp_question *question; // under way
    bool is_canceled;
    nnet__ocsp_check_fn done;
    void *ctx;
};

struct nnet_ocsp_peer *nnet_ocsp_peer_create(const struct nnet_ocsp_peer_opts *opts)
{
    struct nnet_ocsp_peer *peer = nb_zalloc(sizeof(*peer));

    assert(opts->timeout_ns > 0 && opts->clock_skew_s >= 0 && opts->ttl_s >= 0);
    assert(opts->events->link_invalid != NULL && opts->events->rejected != NULL &&
           opts->events->warned != NULL);
    atomic_init(&peer->refs, 1);
    peer->opts = *opts;
    if (opts->cache != NULL) {
        nnet_ocsp_cache_ref(opts->cache);
    }
    if (opts->tls != NULL) {
        nnet_tls_context_ref(opts->tls);
    }
    return peer;
}

struct nnet_ocsp_peer *nnet_ocsp_peer_ref(struct nnet_ocsp_peer *peer)
{
    atomic_fetch_add_explicit(&peer->refs, 1, memory_order_relaxed);
    return peer;
}

void nnet_ocsp_peer_unref(struct nnet_ocsp_peer *peer)
{
    // Release what we did with it; acquire, for the last, what all others did.
    if (peer == NULL || atomic_fetch_sub_explicit(&peer->refs, 1, memory_order_acq_rel) != 1) {
        return;
    }
    nnet_ocsp_cache_unref(peer->opts.cache);
    nnet_tls_context_unref(peer->opts.tls);
    nb_free(peer);
}

const char *nnet__ocsp_rejection(bool is_client)
{
    return is_client ? "client not OCSP valid" : "server not OCSP valid";
}

static void free_check(struct nnet__ocsp_check *check)
{
    nnet_cert_chain_fini(&check->chain);
    nnet_ocsp_peer_unref(check->rules);
    nb_free(check);
}

static int64_t now_s(void)
{
    return nb_wall_now().ns / NB_NS_PER_S;
}

static struct slice link_of(const struct nnet__ocsp_check *check)
{
    return check->chain.certs[check->link];
}

static struct slice issuer_of(const struct nnet__ocsp_check *check)
{
    return check->chain.certs[check->link + 1];
}

// One link's verdict.

static void warn(const struct nnet__ocsp_check *check, const char *text)
{
    check->rules->opts.events->warned(check->rules->opts.events_ctx, text);
}

// Something is wrong with the link. True when the rules let it pass.
static bool judge_bad(const struct nnet__ocsp_check *check, const char *reason)
{
    const struct nnet_ocsp_peer_opts *rules = &check->rules->opts;

    rules->events->link_invalid(rules->events_ctx, check->chain.certs[0], link_of(check), reason);
    if (rules->warns_only) {
        warn(check, "allowing OCSP peer due warn_only, a certificate's OCSP status is not good");
    }
    return rules->warns_only;
}

static bool judge_answer(const struct nnet__ocsp_check *check,
                         const struct nnet_ocsp_answer *answer)
{
    const struct nnet_ocsp_peer_opts *rules = &check->rules->opts;
    char reason[REASON_MAX_BYTES];

    if (answer->status == NNET_OCSP_GOOD ||
        (answer->status == NNET_OCSP_UNKNOWN && rules->unknown_is_good)) {
        return true;
    }
    snprintf(reason, sizeof(reason), "Invalid OCSP response status: %s",
             nnet_ocsp_status_text(answer->status));
    return judge_bad(check, reason);
}

// No responder gave an answer that can be used; the reason is that of the last.
static bool judge_silence(const struct nnet__ocsp_check *check)
{
    if (check->rc == NB_EIO && check->rules->opts.allows_unreachable && !check->was_revoked) {
        warn(check, "allowing OCSP peer due allow_when_ca_unreachable, no response was received "
                    "and no revocation is cached");
        return true;
    }
    return judge_bad(check, check->reason);
}

static bool is_current(const struct nnet__ocsp_check *check, const struct nnet_ocsp_answer *answer)
{
    const struct nnet_ocsp_peer_opts *rules = &check->rules->opts;

    return nnet_ocsp_is_current(answer, now_s(), rules->clock_skew_s, rules->ttl_s);
}

// What is remembered of the link, if it still counts.
static bool find_remembered(struct nnet__ocsp_check *check, struct nnet_ocsp_answer *answer)
{
    struct nnet_ocsp_cache *cache = check->rules->opts.cache;
    struct slice response;
    int rc;

    check->was_revoked = false;
    if (cache == NULL || !nnet_ocsp_cache_find(cache, link_of(check), &response)) {
        return false;
    }
    rc = nnet_ocsp_read_response(response, link_of(check), issuer_of(check), now_s(), answer, NULL);
    nb_slice_free(&response);
    if (rc == NB_OK && is_current(check, answer)) {
        return true;
    }
    check->was_revoked = rc == NB_OK && answer->status == NNET_OCSP_REVOKED;
    nnet_ocsp_cache_forget(cache, link_of(check));
    return false;
}

static void remember(const struct nnet__ocsp_check *check,
                     const struct nnet__ocsp_question_result *result)
{
    const struct nnet_ocsp_peer_opts *rules = &check->rules->opts;
    const struct nnet_ocsp_answer *answer = &result->answer;
    int64_t expires_s =
        answer->next_update_s != 0 ? answer->next_update_s : answer->this_update_s + rules->ttl_s;

    if (rules->cache != NULL) {
        nnet_ocsp_cache_put(rules->cache, link_of(check), result->response, answer->status, now_s(),
                            expires_s);
    }
}

// Asking.

static void on_answered(void *ctx, const struct nnet__ocsp_question_result *result);

// False when there is nobody left to ask.
static bool ask_next(struct nnet__ocsp_check *check)
{
    struct nnet__ocsp_question_opts opts = {.cert = link_of(check),
                                            .issuer = issuer_of(check),
                                            .status_max = STATUS_OK,
                                            .timeout_ns = check->rules->opts.timeout_ns,
                                            .tls = check->rules->opts.tls};

    if (check->url == NNET_OCSP_URLS_MAX ||
        !nnet_certificate_ocsp_url(link_of(check), check->url, &opts.url)) {
        return false;
    }
    check->url++;
    check->question = nnet__ocsp_ask(check->worker, &opts, on_answered, check);
    return true;
}

// From the link on. PENDING: it will go on from on_answered.
static enum nnet__ocsp_verdict judge_links(struct nnet__ocsp_check *check)
{
    for (; check->link + 1 < check->chain.count; check->link++) {
        struct nnet_ocsp_answer answer;
        struct slice url;

        check->url = 0;
        if (!nnet_certificate_ocsp_url(link_of(check), 0, &url)) {
            continue; // nobody can be asked about it
        }
        if (!find_remembered(check, &answer)) {
            bool is_asked = ask_next(check);

            assert(is_asked); // there is one
            return NNET__OCSP_PENDING;
        }
        if (!judge_answer(check, &answer)) {
            return NNET__OCSP_BAD;
        }
    }
    return NNET__OCSP_GOOD;
}

static enum nnet__ocsp_verdict tell_rejection(const struct nnet__ocsp_check *check,
                                              enum nnet__ocsp_verdict verdict)
{
    const struct nnet_ocsp_peer_opts *rules = &check->rules->opts;

    if (verdict == NNET__OCSP_BAD && !check->is_canceled) {
        rules->events->rejected(rules->events_ctx, check->chain.certs[0],
                                nnet__ocsp_rejection(check->is_client));
    }
    return verdict;
}

static void end_check(struct nnet__ocsp_check *check, enum nnet__ocsp_verdict verdict)
{
    nnet__ocsp_check_fn done = check->done;
    void *ctx = check->ctx;

    (void)tell_rejection(check, verdict);
    free_check(check);
    done(ctx, verdict);
}

static void link_is_judged(struct nnet__ocsp_check *check, bool is_good)
{
    enum nnet__ocsp_verdict verdict = NNET__OCSP_BAD;

    if (is_good) {
        check->link++;
        verdict = judge_links(check);
    }
    if (verdict != NNET__OCSP_PENDING) {
        end_check(check, verdict);
    }
}

// Why an answer cannot be used.
static void note_failure(struct nnet__ocsp_check *check,
                         const struct nnet__ocsp_question_result *result)
{
    check->rc = result->rc;
    switch (result->rc) {
    case NB_EIO:
        snprintf(check->reason, sizeof(check->reason), "Failed OCSP response fetch");
        break;
    case NB_EDENIED:
        snprintf(check->reason, sizeof(check->reason), "Invalid OCSP response delegation: %s",
                 result->text);
        break;
    case NB_OK:
        snprintf(check->reason, sizeof(check->reason), "OCSP response not in effectivity window");
        break;
    default:
        snprintf(check->reason, sizeof(check->reason), "Failed OCSP response parse");
        break;
    }
}

static void on_answered(void *ctx, const struct nnet__ocsp_question_result *result)
{
    struct nnet__ocsp_check *check = ctx;

    check->question = NULL;
    if (check->is_canceled) {
        end_check(check, NNET__OCSP_BAD);
        return;
    }
    if (result->rc == NB_OK && is_current(check, &result->answer)) {
        remember(check, result);
        link_is_judged(check, judge_answer(check, &result->answer));
        return;
    }
    note_failure(check, result);
    if (!ask_next(check)) {
        link_is_judged(check, judge_silence(check));
    }
}

enum nnet__ocsp_verdict nnet__ocsp_check_begin(struct nnet_ocsp_peer *rules,
                                               struct nnet_worker *worker,
                                               struct nnet_cert_chain *chain, bool is_client,
                                               nnet__ocsp_check_fn done, void *ctx,
                                               struct nnet__ocsp_check **out)
{
    struct nnet__ocsp_check *check = nb_zalloc(sizeof(*check));
    enum nnet__ocsp_verdict verdict;

    check->rules = nnet_ocsp_peer_ref(rules);
    check->worker = worker;
    check->chain = *chain;
    check->is_client = is_client;
    check->done = done;
    check->ctx = ctx;
    *chain = (struct nnet_cert_chain){.count = 0};
    verdict = tell_rejection(check, judge_links(check));
    if (verdict == NNET__OCSP_PENDING) {
        *out = check;
    } else {
        free_check(check);
    }
    return verdict;
}

void nnet__ocsp_check_cancel(struct nnet__ocsp_check *check)
{
    assert(check->question != NULL && !check->is_canceled);
    check->is_canceled = true;
    nnet__ocsp_question_cancel(check->question);
}

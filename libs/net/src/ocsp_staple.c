#include <natsd/ocsp_staple.h>

#include "ocsp_cache.h"
#include "ocsp_question.h"
#include "whole_file.h"

#include <natsd/clock.h>
#include <natsd/timer.h>

#include <assert.h>
#include <limits.h>
#include <stdio.h>

/* LOADING --file--> IDLE --time--> ASKING --answer--> SAVING --> IDLE
 *    \--no file or no use--------------^ \--nobody answers-------^
 * Without an issuer nobody can be asked: IDLE, and LOADING again after a while.
 */
enum staple_state {
    STAPLE_LOADING, // a job finds the issuer and reads the file
    STAPLE_ASKING,  // one responder after the other
    STAPLE_SAVING,  // a job writes the file
    STAPLE_IDLE,    // the timer is armed
};

enum {
    DIGEST_BYTES = 32,
    FILE_NAME_BYTES = 2 * DIGEST_BYTES + 1,
    STATUS_MAX = 299, // of what counts as an answer
    URL_SHOWN_MAX_BYTES = 256,
};

#define QUESTION_TIMEOUT_NS (30 * NB_NS_PER_S)
#define WITHOUT_END_S INT64_C(86400) // between questions, when the answer names no next update
#define NEGATIVE_S INT64_C(120)      // when that is past, or there is no answer
#define INTERVAL_MIN_S INT64_C(1)
#define INTERVAL_MAX_S (INT64_C(365) * 86400)
#define NO_TTL_S INT64_C(-1)

// What the jobs work on: nobody else does meanwhile.
struct staple_files {
    struct nnet_job job;
    struct nnet_staple *staple;
    char *dir; // NULL: none
    char name[FILE_NAME_BYTES];
    struct slice issuer;   // owned; empty: not found yet
    struct slice response; // owned: that was read, or is to be written
    struct nnet_ocsp_answer answer;
    int rc;
    struct nb_diag diag;
};

struct nnet_staple {
    struct nnet_worker *worker;
    enum staple_state state;
    struct nnet_tls_context *context;
    struct nnet_tls_context *tls;
    struct slice cert;                       // borrowed from the context
    struct slice urls[NNET_STAPLE_URLS_MAX]; // owned
    unsigned url_count;
    struct staple_files files;
    unsigned next_question; // two for each URL: POST, then GET
    struct nnet__ocsp_question *question;
    struct nb_diag failures; // of the responders, one after the other
    bool has_answer;
    struct nnet_ocsp_answer answer;
    struct nnet_timer timer;
    nnet_staple_fn updated;
    void *ctx;
    bool is_stopping;
    void (*stopped)(void *ctx);
    void *stopped_ctx;
};

static void ask_next(struct nnet_staple *staple);

static int64_t now_s(void)
{
    return nb_wall_now().ns / NB_NS_PER_S;
}

// Time and end.

static void end_staple(struct nnet_staple *staple)
{
    void (*stopped)(void *ctx) = staple->stopped;
    void *ctx = staple->stopped_ctx;

    nnet_tls_context_unref(staple->context);
    nnet_tls_context_unref(staple->tls);
    for (unsigned i = 0; i < staple->url_count; i++) {
        nb_slice_free(&staple->urls[i]);
    }
    nb_free(staple->files.dir);
    nb_slice_free(&staple->files.issuer);
    nb_slice_free(&staple->files.response);
    nb_free(staple);
    stopped(ctx);
}

static int64_t interval_s(const struct nnet_staple *staple)
{
    int64_t left_s = WITHOUT_END_S;

    if (!staple->has_answer) {
        return NEGATIVE_S;
    }
    if (staple->answer.next_update_s != 0) {
        left_s = staple->answer.next_update_s - now_s();
        if (left_s < 0) {
            return NEGATIVE_S;
        }
        left_s /= 2;
    }
    left_s = left_s < INTERVAL_MIN_S ? INTERVAL_MIN_S : left_s;
    return left_s > INTERVAL_MAX_S ? INTERVAL_MAX_S : left_s;
}

static bool is_current(const struct nnet_ocsp_answer *answer)
{
    return nnet_ocsp_is_current(answer, now_s(), 0, NO_TTL_S);
}

// An attempt is over. `text` is NULL for a good one.
static void rest(struct nnet_staple *staple, int rc, const char *text)
{
    struct nnet_staple_status status = {.rc = rc, .text = text != NULL ? text : ""};

    if (staple->has_answer && !is_current(&staple->answer)) {
        staple->has_answer = false; // clients would refuse it
        nnet_tls_context_set_staple(staple->context, nb_slice_make(NULL, 0));
    }
    if (rc == NB_OK) {
        status.status = staple->answer.status;
        status.next_update_s = staple->answer.next_update_s;
    }
    status.next_check_s = interval_s(staple);
    staple->state = STAPLE_IDLE;
    nnet_timer_arm(staple->worker, &staple->timer, status.next_check_s * NB_NS_PER_S);
    staple->updated(staple->ctx, &status);
}

static void adopt(struct nnet_staple *staple, const struct nnet_ocsp_answer *answer,
                  struct slice response)
{
    staple->has_answer = true;
    staple->answer = *answer;
    nnet_tls_context_set_staple(staple->context, response);
}

// Files.

static void read_stored(struct staple_files *files, struct slice cert)
{
    char path[PATH_MAX];
    struct nb_buf content;
    int n = snprintf(path, sizeof(path), "%s/%s", files->dir, files->name);

    nb_buf_init(&content, NNET_OCSP_RESPONSE_MAX_BYTES);
    if (n > 0 && (size_t)n < sizeof(path) && nnet__file_read(path, &content, NULL) == NB_OK &&
        nnet_ocsp_read_response(nb_buf_slice(&content), cert, files->issuer, now_s(),
                                &files->answer, NULL) == NB_OK &&
        is_current(&files->answer)) {
        files->response = nb_buf_take(&content);
    }
    nb_buf_fini(&content);
}

static void load(struct nnet_job *job)
{
    struct staple_files *files = nb_container_of(job, struct staple_files, job);

    files->rc = nnet_tls_context_find_issuer(files->staple->context, &files->issuer, &files->diag);
    if (files->rc == NB_OK && files->dir != NULL) {
        read_stored(files, files->staple->cert);
    }
}

static void on_loaded(struct nnet_job *job, int rc)
{
    struct staple_files *files = nb_container_of(job, struct staple_files, job);
    struct nnet_staple *staple = files->staple;

    if (rc != NB_OK || staple->is_stopping) {
        staple->state = STAPLE_IDLE;
        if (staple->is_stopping) {
            end_staple(staple);
        }
        return; // canceled: the group ends, who started this has to stop it
    }
    if (files->rc != NB_OK) {
        rest(staple, files->rc, files->diag.text);
    } else if (files->response.n > 0) {
        adopt(staple, &files->answer, files->response);
        nb_slice_free(&files->response);
        rest(staple, NB_OK, NULL);
    } else {
        staple->next_question = 0;
        ask_next(staple);
    }
}

static void start_loading(struct nnet_staple *staple)
{
    staple->state = STAPLE_LOADING;
    staple->files.job.work = load;
    staple->files.job.done = on_loaded;
    nnet_worker_run_job(staple->worker, &staple->files.job);
}

static void save(struct nnet_job *job)
{
    struct staple_files *files = nb_container_of(job, struct staple_files, job);

    files->rc = nnet__file_replace(files->dir, files->name, "ocsp-", files->response, &files->diag);
}

// A file that could not be written costs a question after the next start.
static void on_saved(struct nnet_job *job, int rc NB_UNUSED)
{
    struct staple_files *files = nb_container_of(job, struct staple_files, job);
    struct nnet_staple *staple = files->staple;

    nb_slice_free(&files->response);
    if (staple->is_stopping) {
        end_staple(staple);
    } else {
        rest(staple, NB_OK, NULL);
    }
}

static void start_saving(struct nnet_staple *staple, struct slice response)
{
    staple->state = STAPLE_SAVING;
    staple->files.response = nb_slice_dup(response);
    staple->files.job.work = save;
    staple->files.job.done = on_saved;
    nnet_worker_run_job(staple->worker, &staple->files.job);
}

// Responders.

// Of the two questions to a responder, why the first one failed.
static void note_failure(struct nnet_staple *staple, const char *text)
{
    unsigned asked = staple->next_question - 1;
    size_t n = strlen(staple->failures.text);
    struct nb_buf url;

    if (asked % 2 != 0) {
        return;
    }
    nb_buf_init(&url, URL_SHOWN_MAX_BYTES);
    if (nnet_fetch_print_url(staple->urls[asked / 2], &url) != NB_OK) {
        nb_buf_clear(&url);
    }
    snprintf(staple->failures.text + n, sizeof(staple->failures.text) - n, "%sPost \"%.*s\": %s",
             n > 0 ? "; " : "", NB_SLICE_ARGS(nb_buf_slice(&url)), text);
    nb_buf_fini(&url);
}

static void on_answered(void *ctx, const struct nnet__ocsp_question_result *result)
{
    struct nnet_staple *staple = ctx;

    staple->question = NULL;
    if (staple->is_stopping) {
        end_staple(staple);
        return;
    }
    if (result->rc != NB_OK || !is_current(&result->answer)) {
        note_failure(staple, result->rc != NB_OK ? result->text : "OCSP response is not current");
        ask_next(staple);
        return;
    }
    adopt(staple, &result->answer, result->response);
    if (staple->files.dir != NULL) {
        start_saving(staple, result->response);
    } else {
        rest(staple, NB_OK, NULL);
    }
}

static void give_up(struct nnet_staple *staple)
{
    struct nb_diag text;

    if (staple->url_count == 0) {
        rest(staple, NB_ENOTFOUND, "no available ocsp servers");
        return;
    }
    nb_diag_set(&text, "exhausted ocsp servers: %.400s", staple->failures.text);
    rest(staple, NB_EIO, text.text);
}

static void ask_next(struct nnet_staple *staple)
{
    unsigned n = staple->next_question++;
    struct nnet__ocsp_question_opts opts = {.cert = staple->cert,
                                            .issuer = staple->files.issuer,
                                            .is_post = n % 2 == 0,
                                            .status_max = STATUS_MAX,
                                            .timeout_ns = QUESTION_TIMEOUT_NS,
                                            .tls = staple->tls};

    if (n == 0) {
        staple->failures.text[0] = '\0';
    }
    if (n / 2 >= staple->url_count) {
        give_up(staple);
        return;
    }
    staple->state = STAPLE_ASKING;
    opts.url = staple->urls[n / 2];
    staple->question = nnet__ocsp_ask(staple->worker, &opts, on_answered, staple);
}

static void on_timer(struct nnet_timer *timer)
{
    struct nnet_staple *staple = nb_container_of(timer, struct nnet_staple, timer);

    assert(staple->state == STAPLE_IDLE);
    if (staple->is_stopping) {
        end_staple(staple);
    } else if (staple->files.issuer.n == 0) {
        start_loading(staple);
    } else {
        staple->next_question = 0;
        ask_next(staple);
    }
}

// Beginning and end.

static void take_urls(struct nnet_staple *staple, const struct nnet_staple_opts *opts)
{
    struct slice url;

    for (size_t i = 0; i < opts->url_count && i < NNET_STAPLE_URLS_MAX; i++) {
        staple->urls[staple->url_count++] = nb_slice_dup(nb_slice_of(opts->urls[i]));
    }
    for (unsigned i = 0; opts->url_count == 0 && i < NNET_STAPLE_URLS_MAX &&
                         nnet_certificate_ocsp_url(staple->cert, i, &url);
         i++) {
        staple->urls[staple->url_count++] = nb_slice_dup(url);
    }
}

static void name_file(struct nnet_staple *staple, const char *dir)
{
    uint8_t digest[DIGEST_BYTES];

    staple->files.dir = dir != NULL ? nb_strdup(dir) : NULL;
    nnet_certificate_digest(staple->cert, digest);
    for (size_t i = 0; i < sizeof(digest); i++) {
        snprintf(staple->files.name + 2 * i, 3, "%02x", digest[i]);
    }
}

struct nnet_staple *nnet_staple_start(struct nnet_worker *worker,
                                      const struct nnet_staple_opts *opts)
{
    struct nnet_staple *staple = nb_zalloc(sizeof(*staple));
    bool has_cert = nnet_tls_context_cert(opts->context, &staple->cert);

    assert(has_cert && opts->updated != NULL);
    staple->worker = worker;
    staple->context = nnet_tls_context_ref(opts->context);
    staple->tls = opts->tls != NULL ? nnet_tls_context_ref(opts->tls) : NULL;
    staple->updated = opts->updated;
    staple->ctx = opts->ctx;
    staple->timer.fire = on_timer;
    staple->files.staple = staple;
    take_urls(staple, opts);
    name_file(staple, opts->dir);
    start_loading(staple);
    return staple;
}

void nnet_staple_stop(struct nnet_staple *staple, void (*stopped)(void *ctx), void *ctx)
{
    assert(!staple->is_stopping);
    staple->is_stopping = true;
    staple->stopped = stopped;
    staple->stopped_ctx = ctx;
    switch (staple->state) {
    case STAPLE_LOADING:
    case STAPLE_SAVING:
        return; // the job calls back
    case STAPLE_ASKING:
        nnet__ocsp_question_cancel(staple->question);
        return;
    case STAPLE_IDLE:
        nnet_timer_arm(staple->worker, &staple->timer, 0);
        return;
    }
    NB_UNREACHABLE("staple state");
}

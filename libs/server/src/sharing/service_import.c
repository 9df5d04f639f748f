#include "sharing/service_import.h"

#include <natsd/account_options.h>
#include <natsd/clock.h>
#include <natsd/headers.h>
#include <natsd/json_writer.h>
#include <natsd/memory.h>
#include <natsd/number.h>
#include <natsd/short_bytes.h>
#include <natsd/subject.h>
#include <natsd/transform.h>

#include "clients/client.h"
#include "clients/deliver.h"
#include "events/client_info.h"
#include "sharing/inner_sub.h"
#include "sharing/latency.h"
#include "sharing/responses.h"
#include "tracing/message_trace.h"

#define REQUEST_INFO_HEADER "Nats-Request-Info"
#define THRESHOLD_DEFAULT_NS (120 * NB_NS_PER_S)

enum {
    HOPS_MAX = 16,     // accounts that a request may pass; each has a few rooms of its worker
    PASSES_MAX = 1024, // of a request together: imports may fan out at every hop
    INFO_MAX_BYTES = 256 * 1024,
    PATTERN_MAX_BYTES = 64 * 1024,
};

/* From a local subject with references to a transform (spec 03 section 14.4). */

// The number that a token refers to: "$2", "{{wildcard(2)}}"; 0: none.
static int64_t reference_of(struct slice token)
{
    static const char *const opening = "{{wildcard(";
    size_t size = strlen(opening);
    int64_t number = 0;

    if (token.n > 1 && token.p[0] == '$') {
        token = nb_slice_sub(token, 1, token.n);
    } else if (token.n > size &&
               nb_slice_equal_nocase(nb_slice_sub(token, 0, size), nb_slice_of(opening)) &&
               nb_slice_ends(token, ")}}")) {
        token = nb_slice_sub(token, size, token.n - size - 3);
    } else {
        return 0;
    }
    return nb_parse_i64(token, 1, UINT16_MAX, &number) == NB_OK ? number : 0;
}

static void put_token(struct nb_buf *out, struct slice token)
{
    if (nb_buf_slice(out).n > 0) {
        nb_buf_must_text(out, ".");
    }
    nb_buf_must(out, token);
}

// The local subject as a pattern; the numbers its wildcards refer to, in their order, in `order`.
static size_t read_local(struct slice local, struct nb_buf *pattern, int64_t *order, size_t room)
{
    struct slice token;
    int64_t next = 1;
    size_t count = 0;

    while (nsub_subject_take_token(&local, &token)) {
        int64_t number = reference_of(token);

        if (nb_slice_is(token, "*")) {
            number = next++;
        }
        put_token(pattern, number > 0 ? NB_SLICE("*") : token);
        if (number > 0 && count < room) {
            order[count++] = number;
        }
    }
    return count;
}

// The exporter's subject: its k-th wildcard is the local one that the k-th reference names.
static void put_destination(struct slice subject, const int64_t *order, size_t count,
                            struct nb_buf *out)
{
    char text[1 + NB_U64_TEXT_MAX_BYTES] = "$";
    struct slice token;
    size_t k = 0;

    while (nsub_subject_take_token(&subject, &token)) {
        if (nb_slice_is(token, "*") && k < count) {
            size_t n = nb_format_u64((uint64_t)order[k++], text + 1);

            put_token(out, nb_slice_make(text, 1 + n));
        } else {
            put_token(out, token);
        }
    }
}

// *pattern is what is subscribed to, owned.
static int make_transform(struct nserver__service_import *import, struct slice *pattern,
                          struct nb_diag *diag)
{
    int64_t *order;
    struct nb_buf source;
    struct nb_buf destination;
    size_t count;
    int rc = NB_OK;

    if (nb_slice_equal(import->local, import->subject)) {
        import->keeps_subject = true;
        *pattern = nb_slice_dup(import->local);
        return NB_OK;
    }
    order = nb_calloc(import->local.n + 1, sizeof(*order));
    nb_buf_init(&source, PATTERN_MAX_BYTES);
    nb_buf_init(&destination, 8 * PATTERN_MAX_BYTES);
    count = read_local(import->local, &source, order, import->local.n);
    if (nsub_subject_has_wildcard(import->subject)) {
        put_destination(import->subject, order, count, &destination);
        rc = nsub_transform_create(nb_buf_slice(&source), nb_buf_slice(&destination),
                                   NSUB_TRANSFORM_PLAIN, &import->transform, diag);
    }
    *pattern = nb_slice_dup(nb_buf_slice(&source));
    nb_buf_fini(&source);
    nb_buf_fini(&destination);
    nb_free(order);
    return rc;
}

/* A request passes. */

struct passing {
    const struct nserver__service_import *import;
    const struct nserver__sender *from;
    struct nserver__sender to;
    struct nserver__hop hop;
    unsigned passes; // of the whole request, when this is its first
    struct nproto_msg request;
    uint8_t *payload;              // owned: with the new header
    uint8_t *untraced;             // owned: the payload before, when it was traced
    uint8_t *transformed, *mapped; // rooms
    struct nserver__response *response;
};

static bool is_on_its_way(const struct nserver__hop *hops,
                          const struct nserver__service_import *import)
{
    unsigned count = 0;

    for (; hops != NULL; hops = hops->before) {
        if ((hops->import->exporter == import->exporter &&
             nb_slice_equal(hops->import->subject, import->subject)) ||
            ++count == HOPS_MAX) {
            return true;
        }
    }
    return false;
}

static bool set_subject(struct passing *p)
{
    const struct nserver__service_import *import = p->import;
    size_t size = 0;

    if (import->keeps_subject) {
        return true;
    }
    if (import->transform == NULL) {
        p->request.subject = import->subject;
        return true;
    }
    if (nsub_transform_apply(import->transform, p->request.subject,
                             nnet_worker_random(p->from->worker->net), p->transformed,
                             NSERVER__ROOM_BYTES, &size) != NB_OK) {
        return false;
    }
    p->request.subject = nb_slice_make(p->transformed, size);
    return true;
}

static bool map_subject(struct passing *p)
{
    const struct nsub_mappings *mappings = nserver__account_terms(p->import->exporter)->mappings;
    size_t size = 0;

    if (mappings == NULL) {
        return true;
    }
    switch (nsub_mappings_map(mappings, p->request.subject, (struct slice){0},
                              nnet_worker_random(p->from->worker->net), p->mapped,
                              NSERVER__ROOM_BYTES, &size)) {
    case NSUB_MAPPING_NONE:
        return true;
    case NSUB_MAPPING_LOST:
        return false;
    case NSUB_MAPPING_DONE:
        p->request.subject = nb_slice_make(p->mapped, size);
        return true;
    }
    NB_UNREACHABLE("outcome of a mapping");
}

// Who asks: in a chain of accounts the first import says how much of it is told.
static void put_info(const struct passing *p, struct nb_buf *out)
{
    const struct nserver__service_import *import = p->import;
    const struct nserver__client *c = p->from->client;
    unsigned parts = CLIENT_INFO_RTT;
    struct nb_json_writer w;
    struct slice service = {0};
    bool share = import->share;

    if (p->from->hops != NULL) {
        share = p->from->hops->import->share;
        service = p->from->account->name;
    }
    if (share) {
        parts |= CLIENT_INFO_PERSON | CLIENT_INFO_SERVER;
    }
    if (import->is_system) {
        parts |= CLIENT_INFO_SERVER;
    }
    nb_json_begin(&w, out, NB_JSON_COMPACT);
    nb_json_object(&w);
    if (c != NULL) {
        nserver__client_info_write(c, parts, service, &w);
    } else {
        nb_json_put_str(&w, "acc", p->from->account->name);
    }
    nb_json_object_end(&w);
    if (nb_json_end(&w) != NB_OK) {
        nb_buf_clear(out);
    }
}

static void set_header(struct passing *p)
{
    struct slice block = nb_slice_sub(p->request.payload, 0, p->request.header_size);
    struct slice body =
        nb_slice_sub(p->request.payload, p->request.header_size, p->request.payload.n);
    struct nb_buf info;
    struct nb_buf headers;

    nb_buf_init(&info, INFO_MAX_BYTES);
    nb_buf_init(&headers, block.n + 2 * INFO_MAX_BYTES);
    put_info(p, &info);
    if (nproto_headers_set(block, REQUEST_INFO_HEADER, nb_buf_slice(&info), &headers) != NB_OK) {
        nb_buf_clear(&headers); // what was there is no block: it doesn't reach the other account
        if (nproto_headers_set((struct slice){0}, REQUEST_INFO_HEADER, nb_buf_slice(&info),
                               &headers) != NB_OK) {
            nb_buf_clear(&headers);
        }
    }
    p->payload = nb_alloc(nb_buf_slice(&headers).n + body.n + 1);
    nb_bytes_copy(p->payload, nb_buf_slice(&headers).p, nb_buf_slice(&headers).n);
    nb_bytes_copy(p->payload + nb_buf_slice(&headers).n, body.p, body.n);
    p->request.header_size = (uint32_t)nb_buf_slice(&headers).n;
    p->request.payload = nb_slice_make(p->payload, nb_buf_slice(&headers).n + body.n);
    p->request.chunk = NULL;
    nb_buf_fini(&info);
    nb_buf_fini(&headers);
}

static void report_without_reply(const struct passing *p)
{
    const struct nserver__service_import *import = p->import;
    struct nserver__latency *latency = nserver__latency_begin(import, p->from, &p->request);

    if (latency != NULL) { // its measurement is over at once
        nserver__latency_report_failure(latency, p->from->worker->server, import->exporter, 400);
    }
    nserver__latency_free(latency);
}

// False: its account has too many unanswered.
static bool replace_reply(struct passing *p)
{
    const struct nserver__service_import *import = p->import;
    struct nserver__awaited awaited = {
        .to = p->from->account,
        .reply = p->request.reply,
        .type = import->response_type,
        .threshold_ns = import->threshold_ns,
    };

    if (p->request.reply.n == 0) {
        report_without_reply(p);
        return true;
    }
    if (!nserver__responses_have_room(p->from->worker->server, p->from->account)) {
        return false;
    }
    awaited.latency = nserver__latency_begin(import, p->from, &p->request);
    p->response = nserver__responses_add(&p->to, &awaited);
    p->request.reply =
        p->response != NULL ? nserver__response_subject(p->response) : (struct slice){0};
    return true;
}

// The exporter says whether a trace goes on in its account. Its destination is none of the
// exporter's business in any case. False: there is nothing more to trace.
static bool pass_trace(struct passing *p, struct slice subject)
{
    struct nserver__trace *trace = p->from->trace;

    if (trace == NULL) {
        return true;
    }
    nserver__trace_note_service_import(trace, p->import->exporter, subject, p->request.subject);
    if (trace->is_only && !p->import->allow_trace) {
        return false;
    }
    p->to.trace = p->import->allow_trace ? trace : NULL;
    p->untraced = nserver__trace_disable(&p->request);
    return true;
}

static unsigned pass(struct passing *p)
{
    struct slice subject = p->request.subject;
    unsigned count = 0;

    if (set_subject(p) && map_subject(p) && pass_trace(p, subject) && replace_reply(p)) {
        set_header(p);
        count = nserver__deliver_on(&p->to, &p->request);
    }
    if (count == 0 && p->response != NULL) {
        nserver__response_end(p->response, &p->to, RESPONSE_UNDELIVERED);
    }
    nb_free(p->payload);
    nb_free(p->untraced);
    return count;
}

static unsigned on_request(struct nserver__inner_sub *inner, const struct nserver__sender *from,
                           const struct nproto_msg *msg)
{
    const struct nserver__service_import *import = inner->ctx;
    struct passing p = {.import = import, .from = from, .request = *msg};
    unsigned count;

    if (!atomic_load_explicit(&import->is_valid, memory_order_relaxed) ||
        is_on_its_way(from->hops, import)) {
        return 0;
    }
    p.hop = (struct nserver__hop){.import = import,
                                  .before = from->hops,
                                  .passes = from->hops != NULL ? from->hops->passes : &p.passes};
    if (++*p.hop.passes > PASSES_MAX) {
        return 0;
    }
    p.to = nserver__sender_in(from, import->exporter);
    p.to.hops = &p.hop;
    p.transformed = nserver__worker_room(from->worker);
    p.mapped = nserver__worker_room(from->worker);
    count = pass(&p);
    nserver__worker_room_back(from->worker, p.mapped);
    nserver__worker_room_back(from->worker, p.transformed);
    return count;
}

/* The life of an import. */

static void free_parts(struct nserver__service_import *import)
{
    nsub_transform_destroy(&import->transform);
    nb_slice_free(&import->local);
    nb_slice_free(&import->subject);
    nb_slice_free(&import->latency_subject);
    nb_free(import->inner);
    nb_free(import);
}

static void on_ended(struct nserver__inner_sub *inner)
{
    free_parts(inner->ctx);
}

static struct slice local_of(const struct nserver_import *options)
{
    return nb_slice_of(options->to != NULL ? options->to : options->subject);
}

static int64_t threshold_of(const struct nserver_export *export)
{
    return export != NULL && export->response_threshold_ns > 0 ? export->response_threshold_ns
                                                               : THRESHOLD_DEFAULT_NS;
}

static struct nserver__service_import *make(const struct nserver_import *options,
                                            const struct nserver_export *export,
                                            struct nserver__account *importer,
                                            struct nserver__account *exporter)
{
    struct nserver__service_import *import = nb_zalloc(sizeof(*import));

    import->importer = importer;
    import->exporter = exporter;
    import->local = nb_slice_dup(local_of(options));
    import->subject = nb_slice_dup(nb_slice_of(options->subject));
    import->share = options->share;
    import->is_system = export == NULL;
    import->threshold_ns = threshold_of(export);
    if (export != NULL) {
        import->allow_trace = export->allow_trace;
        import->response_type = export->response_type;
        import->latency_subject = nb_slice_dup(nb_slice_of(export->latency_subject));
        import->latency_sampling = export->latency_sampling;
    }
    atomic_store(&import->is_valid, true);
    return import;
}

int nserver__service_import_begin(const struct nserver_import *options,
                                  const struct nserver_export *export,
                                  struct nserver__account *importer,
                                  struct nserver__account *exporter,
                                  struct nserver__service_import **out, struct nb_diag *diag)
{
    struct nserver__service_import *import = make(options, export, importer, exporter);
    struct slice pattern = {0};
    int rc = make_transform(import, &pattern, diag);

    if (rc == NB_OK) {
        import->inner = nserver__inner_sub_create(importer, pattern, on_request, import);
        import->inner->ended = on_ended;
        rc = nserver__inner_sub_begin(import->inner);
    }
    nb_slice_free(&pattern);
    if (rc != NB_OK) {
        free_parts(import);
        return rc;
    }
    *out = import;
    return NB_OK;
}

void nserver__service_import_end(struct nserver__service_import *import, struct nnet_worker *net)
{
    nserver__inner_sub_end(import->inner, net);
}

void nserver__service_import_free(struct nserver__service_import *import)
{
    free_parts(import);
}

bool nserver__service_import_is(const struct nserver__service_import *import,
                                const struct nserver_import *options,
                                const struct nserver_export *export,
                                const struct nserver__account *exporter)
{
    bool is_same = import->exporter == exporter && import->share == options->share &&
                   import->is_system == (export == NULL) &&
                   import->threshold_ns == threshold_of(export) &&
                   nb_slice_equal(import->local, local_of(options)) &&
                   nb_slice_is(import->subject, options->subject);

    if (is_same && export != NULL) {
        is_same = import->response_type == export->response_type &&
                  import->allow_trace == export->allow_trace &&
                  import->latency_sampling == export->latency_sampling &&
                  nb_slice_equal(import->latency_subject, nb_slice_of(export->latency_subject));
    }
    return is_same;
}

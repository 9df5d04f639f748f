/* client_log.c - lines of the log and of the protocol trace that speak of a client
 * (spec 01 sections 1.3 and 3.9).
 */
#include <stdio.h>

#include <natsd/memory.h>
#include <natsd/quote.h>
#include <natsd/trace_line.h>

#include "clients/client.h"

enum {
    TRACE_LINE_MAX_BYTES = 8 * 1024 * 1024,
    LABEL_MAX_BYTES = 1024 * 1024,
    LABEL_PART_MAX_BYTES = LABEL_MAX_BYTES / 8, // a name in a JWT may be as long as that
};

static const char *label_of(const struct nserver__client *c)
{
    const struct nserver__label *label = atomic_load_explicit(&c->label, memory_order_acquire);

    return label != NULL ? label->text : "";
}

struct slice nserver__client_name(const struct nserver__client *c)
{
    const struct nserver__label *label = atomic_load_explicit(&c->label, memory_order_acquire);

    return label != NULL ? label->name : (struct slice){0};
}

void nserver__client_log(const struct nserver__client *c, enum nb_log_level level,
                         const char *format, ...)
{
    char text[1024];
    va_list args;

    if (!nb_log_is_on(c->server->log, level)) {
        return;
    }
    va_start(args, format);
    vsnprintf(text, sizeof(text), format, args);
    va_end(args);
    nb_log(c->server->log, level, "%s - %s", label_of(c), text);
}

// Escaped: it is the client's own text. None of what is too long.
static void add_text(struct nb_buf *out, struct slice text)
{
    struct nb_buf part;

    nb_buf_init(&part, LABEL_PART_MAX_BYTES);
    if (nb_quote_inner(text, &part) == NB_OK) {
        nb_buf_must(out, nb_buf_slice(&part));
    }
    nb_buf_fini(&part);
}

// Part of a "v1:go:name" group: with a colon before it unless it is the first.
static void add_part(struct nb_buf *out, bool *is_first, const char *prefix, struct slice part)
{
    if (part.n == 0) {
        return;
    }
    nb_buf_must_text(out, *is_first ? " - \"" : ":");
    nb_buf_must_text(out, prefix);
    add_text(out, part);
    *is_first = false;
}

static void add_library(struct nb_buf *out, const struct nproto_connect *connect)
{
    bool is_first = true;

    add_part(out, &is_first, "v", connect->version);
    add_part(out, &is_first, "", connect->lang);
    add_part(out, &is_first, "", connect->name);
    if (!is_first) {
        nb_buf_must_text(out, "\"");
    }
}

// Who it is, or claims to be, and by what; the name that a callout has given goes before.
static struct slice user_of(const struct nserver__client *c, const char **kind)
{
    const struct nproto_connect *connect = c->connect;
    const struct nauth_claims *jwt = c->identity != NULL ? c->identity->claims : NULL;
    bool is_renamed = jwt != NULL && c->identity->is_delegated && jwt->name.n > 0;

    if (!is_renamed && connect->nkey.n > 0) {
        *kind = "/nkey";
        return connect->nkey;
    }
    if (is_renamed || connect->user.n > 0) {
        *kind = "/user";
        return is_renamed ? jwt->name : connect->user;
    }
    if (jwt != NULL && !c->identity->is_delegated) {
        *kind = "/jwt";
        return jwt->subject;
    }
    *kind = connect->auth_token.n > 0 ? "/token" : NULL;
    return (struct slice){0};
}

static void add_user(struct nb_buf *out, const struct nserver__client *c)
{
    const struct nserver__account *account = c->sender.account;
    struct slice tag = nserver__account_label(account);
    bool is_first = false;
    const char *kind;
    struct slice user = user_of(c, &kind);

    if (kind == NULL) {
        return;
    }
    nb_buf_must_text(out, " - \"");
    nb_buf_must(out, account->name);
    if (!nb_slice_equal(tag, account->name)) {
        nb_buf_must_text(out, "/");
        add_text(out, tag);
    }
    nb_buf_must_text(out, kind);
    add_part(out, &is_first, "", user);
    nb_buf_must_text(out, "\"");
}

// The key of a JWT is known when it was accepted before.
void nserver__client_add_who(const struct nserver__client *c, struct nb_buf *out)
{
    const struct nproto_connect *connect = c->connect;
    const struct nserver__identity *identity = c->identity;
    int rc = NB_OK;

    if (connect == NULL) {
        return;
    }
    if (connect->nkey.n > 0) {
        nb_buf_must_text(out, "Nkey ");
        rc = nb_quote(connect->nkey, out);
    } else if (connect->user.n > 0) {
        nb_buf_must_text(out, "User ");
        rc = nb_quote(connect->user, out);
    } else if (identity != NULL && identity->claims != NULL && !identity->is_delegated) {
        nb_buf_must_text(out, "JWT User ");
        rc = nb_quote(identity->claims->subject, out);
    } else if (connect->auth_token.n > 0) {
        nb_buf_must_text(out, "Token \"[REDACTED]\"");
    }
    if (rc != NB_OK) {
        nb_buf_clear(out); // longer than a log line: no name then
    }
}

static void reclaim_label(struct nb_epoch_item *item)
{
    nb_free(nb_container_of(item, struct nserver__label, retired));
}

static struct nserver__label *make_label(struct slice text, struct slice name)
{
    struct nserver__label *label = nb_zalloc(sizeof(*label) + text.n + 1 + name.n);
    char *name_at = label->text + text.n + 1;

    nb_bytes_copy((uint8_t *)label->text, text.p, text.n);
    nb_bytes_copy((uint8_t *)name_at, name.p, name.n);
    label->name = nb_slice_make(name_at, name.n);
    return label;
}

void nserver__client_relabel(struct nserver__client *c)
{
    bool is_ip6 = strchr(c->peer.ip, ':') != NULL;
    struct nserver__label *label;
    struct nserver__label *old;
    const struct slice no_name = {0};
    struct nb_buf text;

    nb_buf_init(&text, LABEL_MAX_BYTES);
    nb_buf_must_format(&text, is_ip6 ? "[%s]:%u - cid:%llu" : "%s:%u - cid:%llu", c->peer.ip,
                       c->peer.port, (unsigned long long)c->cid);
    if (c->connect != NULL) {
        add_library(&text, c->connect);
        add_user(&text, c);
    }
    label = make_label(nb_buf_slice(&text), c->connect != NULL ? c->connect->name : no_name);
    nb_buf_fini(&text);
    old = atomic_exchange_explicit(&c->label, label, memory_order_acq_rel);
    if (old != NULL) { // another worker may be writing a line with it
        nnet_worker_retire(c->worker->net, &old->retired, reclaim_label);
    }
}

static void trace(const struct nserver__client *c, const char *direction, struct slice what)
{
    struct nb_buf line;

    nb_buf_init(&line, TRACE_LINE_MAX_BYTES);
    nb_buf_must_format(&line, "%s - %s ", label_of(c), direction);
    if (nb_buf_append(&line, what) == NB_OK) {
        nb_log_slice(c->server->log, NB_LOG_TRACE, nb_buf_slice(&line));
    }
    nb_buf_fini(&line);
}

static void trace_payload(const struct nserver__client *c, const char *direction,
                          struct slice payload, uint32_t header_size)
{
    const struct nserver_options *opts = &nserver__config(c->server)->opts;
    struct nb_buf text;

    nb_buf_init(&text, TRACE_LINE_MAX_BYTES);
    if (nproto_trace_payload(payload, header_size, nserver_choice_is(opts->trace_headers, false),
                             (uint32_t)opts->max_traced_msg_len, &text)) {
        trace(c, direction, nb_buf_slice(&text));
    }
    nb_buf_fini(&text);
}

void nserver__client_trace_in(struct nserver__client *c, const struct nproto_msg *msg)
{
    struct nb_buf text;

    nb_buf_init(&text, TRACE_LINE_MAX_BYTES);
    if (nproto_trace_op(msg, &text) == NB_OK) {
        trace(c, "<<-", nb_buf_slice(&text));
    }
    nb_buf_fini(&text);
    trace_payload(c, "<<-", msg->payload, msg->header_size);
}

static void trace_bracketed(const struct nserver__client *c, const char *direction,
                            struct slice text)
{
    struct nb_buf line;

    nb_buf_init(&line, text.n + 2);
    nb_buf_must_text(&line, "[");
    nb_buf_must(&line, text);
    nb_buf_must_text(&line, "]");
    trace(c, direction, nb_buf_slice(&line));
    nb_buf_fini(&line);
}

void nserver__client_trace_out(const struct nserver__client *c, struct slice text)
{
    trace_bracketed(c, "->>", text);
}

void nserver__client_trace_mapping(const struct nserver__client *c, struct slice from,
                                   struct slice to)
{
    struct nb_buf text;

    nb_buf_init(&text, from.n + to.n + 32);
    nb_buf_must_text(&text, "MAPPING ");
    nb_buf_must(&text, from);
    nb_buf_must_text(&text, " -> ");
    nb_buf_must(&text, to);
    trace_bracketed(c, "<<-", nb_buf_slice(&text));
    nb_buf_fini(&text);
}

void nserver__client_trace_delsub(const struct nserver__client *c, struct slice sid)
{
    struct nb_buf text;

    nb_buf_init(&text, sid.n + 16);
    nb_buf_must_text(&text, "DELSUB ");
    nb_buf_must(&text, sid);
    trace_bracketed(c, "<->", nb_buf_slice(&text));
    nb_buf_fini(&text);
}

void nserver__client_trace_delivery(const struct nserver__client *c, struct slice line,
                                    struct slice payload, uint32_t header_size)
{
    trace_bracketed(c, "->>", line);
    trace_payload(c, "->>", payload, header_size);
}

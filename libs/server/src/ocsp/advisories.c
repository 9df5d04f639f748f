/* advisories.c - a peer was turned away, or a certificate of its chain is not good: told to
 * operators, in the system account (spec 03 section 22.2).
 */
#include <natsd/certificate.h>
#include <natsd/memory.h>

#include <openssl/base64.h>

#include "events/publish.h"
#include "events/server_info.h"
#include "lifecycle/state.h"
#include "ocsp/parts.h"

#define REJECT_TYPE "io.nats.server.advisory.v1.ocsp_peer_reject"
#define LINK_TYPE "io.nats.server.advisory.v1.ocsp_peer_link_invalid"

enum {
    EVENT_MAX_BYTES = 4 * 1024 * 1024,
    NAME_MAX_BYTES = 64 * 1024,
    DIGEST_BYTES = 32,
};

static void put_base64(struct nb_json_writer *w, const char *key, struct slice bytes)
{
    uint8_t *text = nb_alloc(bytes.n / 3 * 4 + 5); // whole groups, and a terminator

    nb_json_put_str(w, key, nb_slice_make(text, EVP_EncodeBlock(text, bytes.p, bytes.n)));
    nb_free(text);
}

static void put_name(struct nb_json_writer *w, const char *key, struct slice cert,
                     int (*print)(struct slice cert, struct nb_buf *out))
{
    struct nb_buf name;

    nb_buf_init(&name, NAME_MAX_BYTES);
    if (print(cert, &name) != NB_OK) {
        nb_buf_clear(&name); // longer than anybody reads
    }
    nb_json_put_str(w, key, nb_buf_slice(&name));
    nb_buf_fini(&name);
}

static void put_certificate(struct nb_json_writer *w, const char *key, struct slice cert)
{
    uint8_t digest[DIGEST_BYTES];

    nnet_certificate_digest(cert, digest);
    nb_json_key(w, key);
    nb_json_object(w);
    put_name(w, "subject", cert, nnet_certificate_print_subject);
    put_name(w, "issuer", cert, nnet_certificate_print_issuer);
    put_base64(w, "fingerprint", nb_slice_make(digest, sizeof(digest)));
    put_base64(w, "raw", cert);
    nb_json_object_end(w);
}

static void tell(struct nserver *server, const char *subject_end, struct nb_json_writer *w,
                 const char *reason, struct nb_buf *event)
{
    struct nb_buf subject;

    nserver__put_server_info(server, w);
    nb_json_put_text(w, "reason", reason);
    nb_json_object_end(w);
    if (nb_json_end(w) != NB_OK) {
        return; // certificates larger than any that was verified
    }
    nb_buf_init(&subject, 256);
    nb_buf_must_format(&subject, "$SYS.SERVER.%s.OCSP.PEER.%s", server->id, subject_end);
    nserver__publish_soon(server, server->system_account, nb_buf_slice(&subject), (struct slice){0},
                          (struct slice){0}, nb_buf_slice(event));
    nb_buf_fini(&subject);
}

static void begin(struct nb_buf *event, struct nb_json_writer *w, const char *type)
{
    nb_buf_init(event, EVENT_MAX_BYTES);
    nb_json_begin(w, event, NB_JSON_COMPACT);
    nb_json_object(w);
    nserver__put_event_head(w, type);
}

static void on_link_invalid(void *ctx, struct slice peer, struct slice link, const char *reason)
{
    struct nserver *server = ctx;
    struct nb_json_writer w;
    struct nb_buf event;

    nb_log_warn(server->log, "OCSP: certificate in peer's chain is not good: %s", reason);
    if (server->system_account == NULL) {
        return;
    }
    begin(&event, &w, LINK_TYPE);
    put_certificate(&w, "link", link);
    put_certificate(&w, "peer", peer);
    tell(server, "LINK.INVALID", &w, reason, &event);
    nb_buf_fini(&event);
}

static void on_rejected(void *ctx, struct slice peer, const char *reason)
{
    struct nserver *server = ctx;
    struct nb_json_writer w;
    struct nb_buf event;

    if (server->system_account == NULL) {
        return;
    }
    begin(&event, &w, REJECT_TYPE);
    nb_json_put_text(&w, "kind", "Client");
    put_certificate(&w, "peer", peer);
    tell(server, "CONN.REJECT", &w, reason, &event);
    nb_buf_fini(&event);
}

static void on_warned(void *ctx, const char *text)
{
    struct nserver *server = ctx;

    nb_log_warn(server->log, "OCSP: %s", text);
}

const struct nnet_ocsp_peer_events nserver__ocsp_advisories = {
    .link_invalid = on_link_invalid,
    .rejected = on_rejected,
    .warned = on_warned,
};

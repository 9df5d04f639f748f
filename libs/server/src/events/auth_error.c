#include "events/auth_error.h"

#include <natsd/memory.h>
#include <natsd/nuid.h>

#include "clients/client.h"
#include "events/client_info.h"
#include "events/publish.h"
#include "events/server_info.h"

#define DISCONNECT_TYPE "io.nats.server.advisory.v1.client_disconnect"

enum {
    EVENT_MAX_BYTES = 1024 * 1024,
};

static void put_stats(struct nb_json_writer *w, const char *key, uint64_t msgs, uint64_t bytes)
{
    nb_json_key(w, key);
    nb_json_object(w);
    nb_json_put_u64(w, "msgs", msgs);
    nb_json_put_u64(w, "bytes", bytes);
    nb_json_object_end(w);
}

// As a disconnection is told.
static int write_event(const struct nserver__client *c, struct slice reason, struct nb_buf *out)
{
    struct nb_wall now = nb_wall_now();
    struct nb_json_writer w;

    nb_json_begin(&w, out, NB_JSON_COMPACT);
    nb_json_object(&w);
    nserver__put_event_head_at(&w, DISCONNECT_TYPE, now);
    nserver__put_server_info(c->server, &w);
    nb_json_key(&w, "client");
    nb_json_object(&w);
    nserver__client_info_write_stopped(c, now, &w);
    nb_json_object_end(&w);
    put_stats(&w, "sent", c->in_msgs, c->in_bytes);
    put_stats(&w, "received", c->conn.out_items, c->conn.out_item_bytes);
    nb_json_put_str(&w, "reason", reason);
    nb_json_object_end(&w);
    return nb_json_end(&w);
}

static void tell(const struct nserver__client *c, struct nserver__account *account,
                 struct slice subject, struct slice reason)
{
    struct nb_buf event;

    nb_buf_init(&event, EVENT_MAX_BYTES);
    if (write_event(c, reason, &event) == NB_OK) {
        nserver__publish(c->worker, account, subject, (struct slice){0}, (struct slice){0},
                         nb_buf_slice(&event));
    }
    nb_buf_fini(&event);
}

void nserver__tell_auth_error(const struct nserver__client *c)
{
    struct nb_buf subject;

    if (c->server->system_account == NULL) {
        return;
    }
    nb_buf_init(&subject, 256);
    nb_buf_must_format(&subject, "$SYS.SERVER.%s.CLIENT.AUTH.ERR", c->server->id);
    tell(c, c->server->system_account, nb_buf_slice(&subject),
         nb_slice_of(nserver__reason_text(c->reason)));
    nb_buf_fini(&subject);
}

void nserver__tell_account_auth_error(const struct nserver__client *c,
                                      struct nserver__account *account, struct slice reason)
{
    tell(c, account, NB_SLICE("$SYS.ACCOUNT.CLIENT.AUTH.ERR"), reason);
}

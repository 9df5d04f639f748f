#include "events/server_info.h"

#include <natsd/clock.h>
#include <natsd/nuid.h>

#include "lifecycle/state.h"
#include "monitor/monitor_text.h"

void nserver__write_server_info(struct nserver *server, struct nb_json_writer *w)
{
    const struct nserver__config *config = nserver__config(server);

    nb_json_object(w);
    nb_json_put_str(w, "name", server->name);
    nb_json_put_str(w, "host", config->info_host);
    nb_json_put_text(w, "id", server->id);
    nb_json_put_text(w, "ver", NSERVER_REFERENCE_VERSION);
    nserver__write_labels(w, &config->opts);
    nserver__write_feature_flags(w, &config->opts);
    nb_json_put_bool(w, "jetstream", false);
    nb_json_put_u64(w, "flags", 0);
    nb_json_put_u64(w, "seq", atomic_fetch_add(&server->event_sequence, 1) + 2); // the first is 2
    nserver__write_time(w, "time", nb_wall_now());
    nb_json_object_end(w);
}

void nserver__put_server_info(struct nserver *server, struct nb_json_writer *w)
{
    nb_json_key(w, "server");
    nserver__write_server_info(server, w);
}

void nserver__put_event_head(struct nb_json_writer *w, const char *type)
{
    nserver__put_event_head_at(w, type, nb_wall_now());
}

void nserver__put_event_head_at(struct nb_json_writer *w, const char *type, struct nb_wall at)
{
    char id[NB_NUID_BYTES + 1];
    struct nb_nuid nuid;

    nb_nuid_init(&nuid);
    nb_nuid_next(&nuid, id);
    nb_json_put_text(w, "type", type);
    nb_json_put_text(w, "id", id);
    nserver__write_time(w, "timestamp", at);
}

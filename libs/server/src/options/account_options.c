#include <natsd/account_options.h>

void nserver_account_options_init(struct nserver_account_options *account)
{
    *account = (struct nserver_account_options){
        .max_connections = -1,
        .max_subscriptions = -1,
        .max_payload = -1,
        .max_leafnodes = -1,
        .jetstream_limits =
            {
                .max_memory = -1,
                .max_store = -1,
                .max_streams = -1,
                .max_consumers = -1,
                .memory_max_stream_bytes = -1,
                .disk_max_stream_bytes = -1,
                .max_ack_pending = -1,
            },
    };
}

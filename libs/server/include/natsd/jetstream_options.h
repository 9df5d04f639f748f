/* natsd/jetstream_options.h - what is configured about JetStream (spec 02 section 4.16). A part of
 * natsd/server_options.h, whose rules for ownership hold. Zero and NULL mean "not set" where a
 * default exists.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

enum nserver_jetstream_cipher {
    NSERVER_JETSTREAM_CIPHER_UNSET, // ChaCha20-Poly1305
    NSERVER_JETSTREAM_CIPHER_CHACHA,
    NSERVER_JETSTREAM_CIPHER_AES,
};

struct nserver_jetstream_limits {
    int64_t max_ack_pending;
    int64_t max_ha_assets;
    int64_t max_request_batch;
    int64_t default_max_consumers;
    int64_t duplicate_window_ns;
    int64_t batch_max_inflight_per_stream;
    int64_t batch_max_inflight_total;
    int64_t batch_max_msgs;
    int64_t batch_timeout_ns;
};

struct nserver_jetstream_tpm {
    bool is_set;
    char *keys_file;
    char *encryption_password; // secret
    char *srk_password;        // secret
    int64_t pcr;
};

struct nserver_jetstream_options {
    bool is_on;
    char *store_dir;
    bool has_max_memory, has_max_store; // or they follow the machine
    int64_t max_memory, max_store;      // bytes; -1 after the defaults: they follow the machine
    bool no_strict;
    bool sync_is_set;
    bool sync_always;
    int64_t sync_interval_ns;
    char *domain;
    char *key, *prev_key; // secret
    enum nserver_jetstream_cipher cipher;
    char *extension_hint;
    char *unique_tag; // trimmed, lower case
    int64_t max_outstanding_catchup;
    int64_t max_buffered_size;
    int64_t max_buffered_msgs;
    int64_t request_queue_limit;
    int64_t info_queue_limit;
    int64_t meta_compact;
    int64_t meta_compact_size;
    bool meta_compact_sync;
    int64_t max_concurrent_io;
    struct nserver_jetstream_limits limits;
    struct nserver_jetstream_tpm tpm;
};

struct nserver_feature_flag {
    char *name; // case counts
    bool is_on;
};

// The flags that there are, in the order of their names, and what they are by default.
struct nserver_feature_default {
    const char *name;
    bool is_on;
};
const struct nserver_feature_default *nserver_feature_defaults(size_t *count);
struct nserver_options;
// What is configured, or else the default; false for a flag that is none.
bool nserver_feature_is_on(const struct nserver_options *opts, const char *name);

enum {
    NSERVER_JETSTREAM_TPM_PCR_DEFAULT = 22,
    NSERVER_JETSTREAM_DEFAULT_MAX_CONSUMERS = 1000,
    NSERVER_JETSTREAM_QUEUE_LIMIT_DEFAULT = 10000,
    NSERVER_JETSTREAM_IO_MIN = 4,
    NSERVER_JETSTREAM_IO_MAX = 8192,
    NSERVER_JETSTREAM_IO_DEFAULT = 4096,
};

#ifdef __cplusplus
}
#endif

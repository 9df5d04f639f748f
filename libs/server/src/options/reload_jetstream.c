/* reload_jetstream.c - what JetStream cannot change while it runs (spec 02 section 11.3). */
#include <stddef.h>

#include "options/reload_check.h"

#define FIELD(name, kind, member)                                                          \
    {                                                                                      \
        name, NSERVER__FIELD_##kind, offsetof(struct nserver_jetstream_options, member), 0 \
    }

static const struct nserver__field strict_fields[] = {
    FIELD("NoJetStreamStrict", BOOL, no_strict),
};

static const struct nserver__field key_fields[] = {
    FIELD("JetStreamDomain", TEXT, domain),
    FIELD("JetStreamExtHint", TEXT, extension_hint),
    FIELD("JetStreamKey", SECRET, key),
    FIELD("JetStreamOldKey", SECRET, prev_key),
};

static const struct nserver__field tpm_fields[] = {
    FIELD("set", BOOL, tpm.is_set),
    FIELD("keys_file", TEXT, tpm.keys_file),
    FIELD("encryption_password", SECRET, tpm.encryption_password),
    FIELD("srk_password", SECRET, tpm.srk_password),
    FIELD("pcr", INT, tpm.pcr),
};

static const struct nserver__field queue_fields[] = {
    FIELD("JetStreamMaxCatchup", INT, max_outstanding_catchup),
    FIELD("JetStreamRequestQueueLimit", INT, request_queue_limit),
    FIELD("JetStreamInfoQueueLimit", INT, info_queue_limit),
};

static const struct nserver__field io_fields[] = {
    FIELD("JetStreamConcurrentIOs", INT, max_concurrent_io),
};

static const struct nserver__field tag_fields[] = {
    FIELD("JetStreamUniqueTag", TEXT, unique_tag),
};

static const struct nserver__field buffer_fields[] = {
    FIELD("StreamMaxBufferedMsgs", INT, max_buffered_msgs),
    FIELD("StreamMaxBufferedSize", INT, max_buffered_size),
};

static const struct nserver__field sync_fields[] = {
    FIELD("SyncInterval", DURATION, sync_interval_ns),
    FIELD("SyncAlways", BOOL, sync_always),
};

#undef FIELD

static const struct nserver__field domain_fields[] = {
    {"JsAccDefaultDomain", NSERVER__FIELD_PAIRS,
     offsetof(struct nserver_options, default_js_domains),
     offsetof(struct nserver_options, default_js_domain_count)},
};

/* Limits may grow, and only where they are set. */

struct limit {
    bool was_set, is_set;
    int64_t was, is;
};

static const char *find_fault(const struct limit *limit, bool stays_on)
{
    if (limit->was_set && limit->is_set) {
        return limit->is < limit->was ? "decreasing jetstream max memory and store" : NULL;
    }
    if (limit->is_set) {
        return "jetstream dynamic max memory and store";
    }
    return limit->was_set && stays_on ? "jetstream max memory and max store" : NULL;
}

static void check_limits(struct nserver__change *change,
                         const struct nserver_jetstream_options *was,
                         const struct nserver_jetstream_options *is)
{
    const struct limit limits[] = {
        {was->has_max_memory, is->has_max_memory, was->max_memory, is->max_memory},
        {was->has_max_store, is->has_max_store, was->max_store, is->max_store},
    };

    for (size_t i = 0; i < NB_ARRAY_LEN(limits); i++) {
        const char *fault = find_fault(&limits[i], is->is_on);

        if (fault != NULL) {
            nserver__change_refuse(change, "config reload not supported for %s", fault);
        }
    }
}

static void check_store_dir(struct nserver__change *change,
                            const struct nserver_jetstream_options *was,
                            const struct nserver_jetstream_options *is)
{
    if (nserver__same_text(was->store_dir, is->store_dir)) {
        return;
    }
    if (is->store_dir != NULL) {
        nserver__change_refuse(change,
                               "config reload not supported for jetstream storage directory");
    } else if (is->is_on) {
        nserver__change_refuse(change, "config reload not supported for jetstream storage dir");
    }
}

/* Ciphers. */

static const char *cipher_name(enum nserver_jetstream_cipher cipher)
{
    return cipher == NSERVER_JETSTREAM_CIPHER_AES ? "AES-GCM" : "ChaCha20-Poly1305";
}

static void check_cipher(struct nserver__change *change,
                         const struct nserver_jetstream_options *was,
                         const struct nserver_jetstream_options *is)
{
    const char *old = cipher_name(was->cipher);
    const char *wanted = cipher_name(is->cipher);

    if (strcmp(old, wanted) != 0) {
        nserver__change_refuse(
            change, "config reload not supported for JetStreamCipher: old=%s, new=%s", old, wanted);
    }
}

#define CHECK(fields) nserver__change_check(change, fields, NB_ARRAY_LEN(fields), a, b)

void nserver__change_check_jetstream(struct nserver__change *change,
                                     const struct nserver_options *was,
                                     const struct nserver_options *is)
{
    const struct nserver_jetstream_options *a = &was->jetstream;
    const struct nserver_jetstream_options *b = &is->jetstream;

    CHECK(strict_fields);
    if (a->is_on) {
        check_limits(change, a, b);
    }
    CHECK(key_fields);
    check_cipher(change, a, b);
    CHECK(tag_fields);
    nserver__change_check_block(change, "JetStreamTpm", tpm_fields, NB_ARRAY_LEN(tpm_fields), a, b);
    CHECK(queue_fields);
    if (b->is_on) {
        CHECK(io_fields);
    }
    CHECK(buffer_fields);
    if (a->is_on) {
        check_store_dir(change, a, b);
    }
    CHECK(sync_fields);
    nserver__change_check(change, domain_fields, NB_ARRAY_LEN(domain_fields), was, is);
}

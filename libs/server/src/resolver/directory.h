/* directory.h - a resolver over a directory: what its two halves, fetching and serving, share.
 * Threads: [control].
 */
#pragma once

#include <natsd/list.h>
#include <natsd/timer.h>

#include "resolver/file_queue.h"
#include "resolver/lookup.h"
#include "resolver/resolver.h"

#include <stdint.h>

// Answers to PACK come to this number of the desk's inbox; lookups have the numbers above.
#define NSERVER__DIRECTORY_PACK_NUMBER UINT64_C(0)

struct nserver__directory {
    struct nserver__resolver resolver;
    struct slice place; // owned: the directory's name
    struct nserver__file_queue *files;
    struct nb_link fetches;
    struct nserver__lookups lookups;
    struct nnet_timer sync_timer, expiry_timer;
    bool may_delete;
    int64_t timeout_ns, interval_ns, expiry_interval_ns;
};

struct nserver__directory *nserver__directory_of(struct nserver__resolver *resolver);
void nserver__directory_add(struct nserver__directory *directory, struct nserver__file_work *work);

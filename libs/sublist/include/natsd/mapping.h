/* natsd/mapping.h - the weighted subject mappings of an account. Spec 01 section 15.5.
 *
 * A table of sources, each with weighted destinations, some of them for one cluster only.
 * It is built once and then read-only; a reload builds a new one.
 *
 * Threads: building: one; nsub_mappings_map() on a finished table: [any].
 * Errors:  NB_EMALFORMED, NB_EEXISTS, NB_ELIMIT with the reference's text in diag
 *   (without the position and "Error adding mapping for ..." around it).
 */
#pragma once

#include <natsd/random.h>
#include <natsd/slice.h>

#include <stdbool.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

struct nsub_mappings;

struct nsub_mapping_dest {
    struct slice subject;
    uint8_t weight;       // 0 to 100; more is refused
    struct slice cluster; // empty: everywhere
};

struct nsub_mappings *nsub_mappings_create(void);
void nsub_mappings_destroy(struct nsub_mappings **mappings);

// A second definition of a source replaces the first, in its place.
NB_MUST_USE int nsub_mappings_add(struct nsub_mappings *mappings, struct slice source,
                                  const struct nsub_mapping_dest *dests, size_t dest_count,
                                  struct nb_diag *diag);
bool nsub_mappings_is_empty(const struct nsub_mappings *mappings); // NULL is empty

enum nsub_mapping_outcome {
    NSUB_MAPPING_NONE, // no source covers the subject: it stays
    NSUB_MAPPING_DONE, // *size bytes were written
    NSUB_MAPPING_LOST, // the message goes nowhere: the subject becomes empty
};

// hot when an account has mappings: no allocation. `room` must be at least
// NSUB_MAPPING_ROOM_BYTES for subjects within the control line limit; a result that doesn't
// fit is LOST.
enum nsub_mapping_outcome nsub_mappings_map(const struct nsub_mappings *mappings,
                                            struct slice subject, struct slice cluster,
                                            struct nb_random *random, uint8_t *out, size_t room,
                                            size_t *size);

enum {
    NSUB_MAPPING_ROOM_BYTES = 64 * 1024,
};

#ifdef __cplusplus
}
#endif

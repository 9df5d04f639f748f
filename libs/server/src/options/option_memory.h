/* option_memory.h - what options point to: many small texts and lists, freed together.
 *
 * Reading a file allocates here; copies of the options share it by reference count. Nothing in it
 * changes once the options are read. Secrets are in it, so all is wiped at the end.
 * Threads: [any] for ref and unref; one at a time for the rest, and only while nobody shares it.
 */
#pragma once

#include <natsd/slice.h>

struct nserver_option_memory;

struct nserver_option_memory *nserver__option_memory_create(void);
struct nserver_option_memory *nserver__option_memory_ref(struct nserver_option_memory *memory);
void nserver__option_memory_unref(struct nserver_option_memory *memory); // NULL is fine
bool nserver__option_memory_is_shared(const struct nserver_option_memory *memory);

// Zeroed.
void *nserver__option_memory_alloc(struct nserver_option_memory *memory, size_t size);
// A copy with a NUL behind it.
char *nserver__option_memory_text(struct nserver_option_memory *memory, struct slice text);
// A list of `count` items that was grown here, or NULL for none: with room for one more, which is
// zeroed. Doubles, so that a long list costs no more than twice its size.
void *nserver__option_memory_grow(struct nserver_option_memory *memory, void *list, size_t count,
                                  size_t item_size);

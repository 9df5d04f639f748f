/* bench/agenda.h - which session of a worker is to do something next, and when.
 *
 * Times are monotonic nanoseconds. Threads: one at a time.
 */
#pragma once

#include <natsd/clock.h>

#include <stddef.h>

struct bench_agenda_item { // zeroed: not on an agenda
    uint64_t due_ns;
    size_t place; // private: in the heap + 1
};

struct bench_agenda {
    struct bench_agenda_item **items; // a binary heap, the next one first
    size_t count;
    size_t room;
};

void bench_agenda_fini(struct bench_agenda *agenda);
// Puts it in, or moves it.
void bench_agenda_set(struct bench_agenda *agenda, struct bench_agenda_item *item, uint64_t due_ns);
void bench_agenda_remove(struct bench_agenda *agenda, struct bench_agenda_item *item); // or not in
// The next one, when it is due; it is then no longer in. NULL: none.
struct bench_agenda_item *bench_agenda_take_due(struct bench_agenda *agenda, uint64_t now_ns);
uint64_t bench_agenda_next_ns(const struct bench_agenda *agenda); // UINT64_MAX: never

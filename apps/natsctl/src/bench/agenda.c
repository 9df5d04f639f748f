#include "bench/agenda.h"

#include <natsd/memory.h>

#include <assert.h>

enum {
    ROOM_MIN = 16,
};

void bench_agenda_fini(struct bench_agenda *agenda)
{
    nb_free(agenda->items);
    *agenda = (struct bench_agenda){.items = NULL};
}

static void place(struct bench_agenda *agenda, size_t i, struct bench_agenda_item *item)
{
    agenda->items[i] = item;
    item->place = i + 1;
}

static size_t sift_up(struct bench_agenda *agenda, size_t i, struct bench_agenda_item *item)
{
    while (i > 0 && agenda->items[(i - 1) / 2]->due_ns > item->due_ns) {
        place(agenda, i, agenda->items[(i - 1) / 2]);
        i = (i - 1) / 2;
    }
    place(agenda, i, item);
    return i;
}

static void sift_down(struct bench_agenda *agenda, size_t i, struct bench_agenda_item *item)
{
    for (;;) {
        size_t child = 2 * i + 1;

        if (child + 1 < agenda->count &&
            agenda->items[child + 1]->due_ns < agenda->items[child]->due_ns) {
            child++;
        }
        if (child >= agenda->count || item->due_ns <= agenda->items[child]->due_ns) {
            break;
        }
        place(agenda, i, agenda->items[child]);
        i = child;
    }
    place(agenda, i, item);
}

void bench_agenda_set(struct bench_agenda *agenda, struct bench_agenda_item *item, uint64_t due_ns)
{
    item->due_ns = due_ns;
    if (item->place == 0) {
        if (agenda->count == agenda->room) {
            agenda->room = agenda->room > 0 ? 2 * agenda->room : ROOM_MIN;
            agenda->items = nb_realloc(agenda->items, agenda->room * sizeof(agenda->items[0]));
        }
        item->place = ++agenda->count;
    }
    sift_down(agenda, sift_up(agenda, item->place - 1, item), item);
}

void bench_agenda_remove(struct bench_agenda *agenda, struct bench_agenda_item *item)
{
    size_t i = item->place;
    struct bench_agenda_item *last;

    if (i == 0) {
        return;
    }
    assert(i <= agenda->count && agenda->items[i - 1] == item);
    item->place = 0;
    last = agenda->items[--agenda->count];
    if (last != item) {
        sift_down(agenda, sift_up(agenda, i - 1, last), last);
    }
}

struct bench_agenda_item *bench_agenda_take_due(struct bench_agenda *agenda, uint64_t now_ns)
{
    struct bench_agenda_item *item = agenda->count > 0 ? agenda->items[0] : NULL;

    if (item == NULL || item->due_ns > now_ns) {
        return NULL;
    }
    bench_agenda_remove(agenda, item);
    return item;
}

uint64_t bench_agenda_next_ns(const struct bench_agenda *agenda)
{
    return agenda->count > 0 ? agenda->items[0]->due_ns : UINT64_MAX;
}

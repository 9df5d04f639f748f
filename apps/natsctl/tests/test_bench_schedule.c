/* When messages are due, and which client's turn it is. */
#include "nb_test.h"

#include "bench/agenda.h"
#include "bench/schedule.h"

#include <natsd/random.h>

static void schedule_knows_when_each_message_is_due(void **state NB_UNUSED)
{
    static const struct {
        const char *name;
        struct bench_schedule schedule;
        uint64_t i;
        uint64_t want;
    } cases[] = {
        {"the first", {100, 1000, 1, 0}, 0, 100},
        {"the second", {100, 1000, 1, 0}, 1, 1000100},
        {"of the second client of four", {100, 1000, 4, 1}, 0, 1000100},
        {"its second", {100, 1000, 4, 1}, 1, 5000100},
        {"a third of a nanosecond is cut, not summed up",
         {0, 3000000000, 1, 0},
         3000000000,
         1000000000},
        {"no sum of rounded gaps", {0, 3, 1, 0}, 3, 1000000000},
        {"after days",
         {7, 1000000, 1, 0},
         UINT64_C(1000000) * 86400 * 30,
         UINT64_C(1000000000) * 86400 * 30 + 7},
        {"too far away to be", {1, 1, 1, 0}, UINT64_MAX, UINT64_MAX},
        {"too far with many clients", {1, 1, 1000, 999}, UINT64_MAX, UINT64_MAX},
    };

    for (size_t i = 0; i < NB_ARRAY_LEN(cases); i++) {
        uint64_t got = bench_schedule_due_ns(&cases[i].schedule, cases[i].i);

        if (got != cases[i].want) {
            fail_msg("%s: got %llu, want %llu", cases[i].name, (unsigned long long)got,
                     (unsigned long long)cases[i].want);
        }
    }
}

// All clients together send at even distances: message n of all is of client n % turns.
static void schedule_spreads_clients_evenly(void **state NB_UNUSED)
{
    const struct bench_schedule all = {.start_ns = 5, .rate = 7919, .turns = 1, .turn = 0};

    for (uint64_t n = 0; n < 1000; n++) {
        const struct bench_schedule own = {
            .start_ns = 5, .rate = 7919, .turns = 13, .turn = n % 13};

        assert_int_equal(bench_schedule_due_ns(&own, n / 13), bench_schedule_due_ns(&all, n));
    }
}

enum {
    ITEMS = 200,
    STEPS = 20000,
};

// The naive way: look at all of them.
static const struct bench_agenda_item *find_first(const struct bench_agenda_item *items)
{
    const struct bench_agenda_item *first = NULL;

    for (size_t i = 0; i < ITEMS; i++) {
        if (items[i].place != 0 && (first == NULL || items[i].due_ns < first->due_ns)) {
            first = &items[i];
        }
    }
    return first;
}

static void agenda_has_the_next_item_whatever_is_put_in_moved_and_taken_out(void **state NB_UNUSED)
{
    struct bench_agenda_item items[ITEMS] = {{0}};
    struct bench_agenda agenda = {.items = NULL};
    struct nb_random random;

    nb_random_init(&random, 4711);
    for (unsigned i = 0; i < STEPS; i++) {
        struct bench_agenda_item *item = &items[nb_random_below(&random, ITEMS)];
        const struct bench_agenda_item *first;

        if (nb_random_below(&random, 3) == 0) {
            bench_agenda_remove(&agenda, item); // or not in
        } else {
            bench_agenda_set(&agenda, item, nb_random_below(&random, 1000));
        }
        first = find_first(items);
        assert_int_equal(bench_agenda_next_ns(&agenda), first != NULL ? first->due_ns : UINT64_MAX);
    }
    bench_agenda_fini(&agenda);
}

static void agenda_gives_what_is_due_in_order_and_no_more(void **state NB_UNUSED)
{
    struct bench_agenda_item items[ITEMS] = {{0}};
    struct bench_agenda agenda = {.items = NULL};
    struct bench_agenda_item *item;
    uint64_t last_ns = 0;
    unsigned count = 0;

    for (unsigned i = 0; i < ITEMS; i++) {
        bench_agenda_set(&agenda, &items[i], (i * 7919u) % ITEMS);
    }
    while ((item = bench_agenda_take_due(&agenda, ITEMS / 2)) != NULL) {
        assert_true(item->due_ns >= last_ns && item->place == 0);
        last_ns = item->due_ns;
        count++;
    }
    assert_int_equal(last_ns, ITEMS / 2);
    assert_int_equal(count, ITEMS / 2 + 1);
    assert_int_equal(bench_agenda_next_ns(&agenda), ITEMS / 2 + 1);
    bench_agenda_fini(&agenda);
    bench_agenda_fini(&agenda);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(schedule_knows_when_each_message_is_due),
        cmocka_unit_test(schedule_spreads_clients_evenly),
        cmocka_unit_test(agenda_has_the_next_item_whatever_is_put_in_moved_and_taken_out),
        cmocka_unit_test(agenda_gives_what_is_due_in_order_and_no_more),
    };

    return cmocka_run_group_tests_name("bench_schedule", tests, NULL, NULL);
}

/* services.h - what the system account is good for: services that answer what is asked, and events
 * (spec 04 sections 5 to 7). A server without such an account has none of it.
 *
 * Owner: the server. Threads: as marked.
 */
#pragma once

#include <natsd/list.h>
#include <natsd/timer.h>

#include <stdatomic.h>
#include <stdbool.h>

struct nserver;
struct nserver__inner_sub;

enum nserver__in_flight {
    IN_FLIGHT_CALLS,
    IN_FLIGHT_EVENTS,
    NSERVER__IN_FLIGHT_KINDS,
};

struct nserver__services {
    struct nserver *server;
    struct nserver__inner_sub **subs;
    size_t sub_count;
    _Atomic unsigned in_flight[NSERVER__IN_FLIGHT_KINDS];
    // [control]
    struct nb_link reload_asked;   // calls: the program knows, and reloads
    struct nb_link reload_waiting; // calls that came after it had begun
    struct nb_link notices;        // events in their order, which wait for the first of them
    bool is_gathering;             // what the first of them needs
    struct nnet_timer count_timer;
    struct nnet_timer statsz_timer;
    int64_t statsz_delay_ns;
};

// [main] Before the start. They hear requests from now on.
void nserver__services_create(struct nserver *server);
// [main] When the accounts are gone.
void nserver__services_destroy(struct nserver *server);
// [control]
void nserver__services_start(struct nserver *server);
void nserver__services_stop(struct nserver *server); // what waits for the program is dropped

// Work that the end of the server waits for. False: there is too much of it, or the end has come.
bool nserver__services_enter(struct nserver *server, enum nserver__in_flight kind); // [any worker]
void nserver__services_leave(struct nserver *server, enum nserver__in_flight kind); // [any]
bool nserver__services_are_idle(const struct nserver *server);                      // [any]

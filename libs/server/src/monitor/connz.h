/* connz.h - /connz in three steps: what was asked, the rows that answer it, the text. */
#pragma once

#include <natsd/http.h>
#include <natsd/json_writer.h>
#include <natsd/lock.h>

#include "clients/conn_row.h"

struct nserver;

enum nserver__connz_state {
    CONNZ_OPEN,
    CONNZ_CLOSED,
    CONNZ_ALL,
};

enum nserver__connz_subs {
    CONNZ_SUBS_NONE,
    CONNZ_SUBS_LIST,
    CONNZ_SUBS_DETAIL,
};

struct nserver__connz_query {
    struct slice sort; // borrowed from the request, as all texts here
    bool auth;
    enum nserver__connz_subs subs;
    int64_t offset;
    int64_t limit;
    uint64_t cid;
    enum nserver__connz_state state;
    struct slice user, account, mqtt_client; // empty: any
    struct slice filter_subject;             // of those open; empty: any
};

// Rows gathered from the workers and the closed ring.
struct nserver__connz_rows {
    struct nserver__conn_row *rows;
    size_t count;
    size_t room;
    size_t total; // before all filters but the account's
};

// connz_query.c
NB_MUST_USE int nserver__connz_read_query(struct nnet_http_request *request,
                                          struct nserver__connz_query *query, struct nb_diag *diag);
// The usual limits in place of those that make no sense.
void nserver__connz_set_limits(struct nserver__connz_query *query);
// connz_order.c: is it a name of an order, and may it be used for this state?
NB_MUST_USE int nserver__connz_check_order(const struct nserver__connz_query *query,
                                           struct nb_diag *diag);
void nserver__connz_sort(struct nserver__connz_rows *rows, struct slice order);
// connz_text.c
void nserver__connz_write(const struct nserver *server, const struct nserver__connz_query *query,
                          const struct nserver__connz_rows *rows, struct nb_json_writer *w);

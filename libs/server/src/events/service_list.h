/* service_list.h - who serves what: the table is in services.c. Threads: [control], but for those
 * that answer at once.
 */
#pragma once

#include "events/service.h"

// server_services.c
void nserver__serve_varz(struct nserver__call *call);
void nserver__serve_expvarz(struct nserver__call *call);
void nserver__serve_connz(struct nserver__call *call);
void nserver__serve_subsz(struct nserver__call *call);
void nserver__serve_accountz(struct nserver__call *call);
void nserver__serve_healthz(struct nserver__call *call);
void nserver__serve_idz(struct nserver__call *call);
// statsz.c
void nserver__serve_statsz(struct nserver__call *call);

// account_services.c
void nserver__serve_account_connz(struct nserver__call *call);
void nserver__serve_account_subsz(struct nserver__call *call);
void nserver__serve_account_info(struct nserver__call *call);
void nserver__serve_account_statz(struct nserver__call *call);
void nserver__serve_account_conns(struct nserver__call *call);
void nserver__serve_accounts_statz(struct nserver__call *call);

// subscribers.c
void nserver__serve_subscribers(struct nserver__call *call);
void nserver__serve_account_subscribers(struct nserver__call *call);

// administration.c
void nserver__serve_kick(struct nserver__call *call);
void nserver__serve_lame_duck(struct nserver__call *call);
void nserver__serve_reload(struct nserver__call *call);

// user_info.c
unsigned nserver__answer_user_info(struct nserver__inner_sub *inner,
                                   const struct nserver__sender *from,
                                   const struct nproto_msg *msg);

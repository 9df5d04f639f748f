/* change.h - the terms of an account are others now: what its connections notice. Threads: [control]. */
#pragma once

struct nserver;
struct nserver__account;

// Each connection meets the new terms (login/meet_terms.c); when there are more of them than
// allowed, the newest end.
void nserver__account_changed(struct nserver *server, struct nserver__account *account);
// The same for every account that has a limit of connections.
void nserver__accounts_end_surplus(struct nserver *server);

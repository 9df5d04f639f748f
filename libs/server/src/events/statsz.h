/* statsz.h - a server tells how it is, from time to time while somebody listens (spec 04 section
 * 6.1), and that it leaves (6.2).
 */
#pragma once

struct nserver;
struct nserver__worker;

// [control] With a system account only.
void nserver__statsz_start(struct nserver *server);
void nserver__statsz_stop(struct nserver *server);

// [control]
void nserver__tell_lame_duck(struct nserver *server);
// [worker] At once.
void nserver__tell_shutdown(struct nserver__worker *self);

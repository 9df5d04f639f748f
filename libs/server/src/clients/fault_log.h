/* fault_log.h - what was wrong with a client's input, for the log (spec 01 section 3.6). */
#pragma once

#include <natsd/parser.h>

struct nserver__client;

// `input` is what was left when the fault was met.
void nserver__client_log_fault(const struct nserver__client *c, enum nproto_fault fault,
                               const struct nproto_msg *msg, struct slice input);

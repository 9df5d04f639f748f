/* announce_operators.h - what the log says of the operators at the start (spec 02 section 6). */
#pragma once

#include "accounts/operators.h"

#include <natsd/log.h>

void nserver__announce_operators(const struct nserver__operators *operators,
                                 const char *system_account, const struct nb_logger *log);

#include "globals.h"

const struct args_option global_options[GLOBAL_COUNT] = {
#define GLOBAL(id, long_name, other, short_name, what, shown, variable, text) \
    [GLOBAL_##id] = {.name = long_name,                                       \
                     .alias = other,                                          \
                     .letter = short_name,                                    \
                     .kind = what,                                            \
                     .can_negate = GLOBAL_##id == GLOBAL_TLS_FIRST,           \
                     .value = shown,                                          \
                     .env = variable,                                         \
                     .help = text},
#include "globals.def"
#undef GLOBAL
};

/* globals.h - the options that every command has. */
#pragma once

#include "args.h"

enum global_id {
#define GLOBAL(id, name, alias, letter, kind, value, env, help) GLOBAL_##id,
#include "globals.def"
#undef GLOBAL
    GLOBAL_COUNT,
};

extern const struct args_option global_options[GLOBAL_COUNT];

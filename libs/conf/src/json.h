/* json.h - the canonical JSON of a value (spec 02 section 2.12). */
#pragma once

#include "pen.h"

#include <natsd/conf_value.h>

void nconf__json_put(struct nconf__pen *pen, const struct nconf_value *value);

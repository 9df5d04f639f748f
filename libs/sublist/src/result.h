/* result.h - one allocation with everything that matched. */
#pragma once

#include "hits.h"

struct nsub_result *nsub__result_build(const struct nsub__hits *hits);
size_t nsub__result_size(const struct nsub_result *result); // bytes

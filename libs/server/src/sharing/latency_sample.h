/* latency_sample.h - is this request to be measured? (spec 03 section 17.1) */
#pragma once

#include <natsd/json_writer.h>
#include <natsd/random.h>

#include <stdbool.h>

// By chance, `percent` of all; otherwise, and for 0, by its headers. When those decided for it they
// are appended to `headers` as a JSON object; it stays empty when chance did.
bool nserver__latency_sample(int percent, struct slice header_block, struct nb_random *random,
                             struct nb_buf *headers);

// Does a W3C trace context say that its trace is recorded?
bool nserver__traceparent_samples(struct slice value);

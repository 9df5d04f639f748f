/* bench/connector.h - a connection that is only opened and kept.
 *
 * The connections of a thread share a client of the result, which has how long each took.
 * Threads: made by [main].
 */
#pragma once

#include "bench/session.h"

struct bench_session *bench_connector_create(struct bench_client *client); // has_latency

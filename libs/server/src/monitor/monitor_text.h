/* monitor_text.h - times and lengths of time as monitoring writes them (spec 04 section 1). */
#pragma once

#include <natsd/clock.h>
#include <natsd/json_writer.h>

void nserver__write_time(struct nb_json_writer *w, const char *key, struct nb_wall time); // UTC
void nserver__write_uptime(struct nb_json_writer *w, const char *key, int64_t ns);
void nserver__write_duration(struct nb_json_writer *w, const char *key, int64_t ns);

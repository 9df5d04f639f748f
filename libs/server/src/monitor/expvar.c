/* expvar.c - /debug/vars: the command line, and memory as a garbage collector would tell of it
 * (spec 04 section 3.14). What an allocator has no notion of is 0. */
#include <malloc.h>

#include "lifecycle/state.h"
#include "monitor/monitor.h"

enum {
    PAUSES = 256, // that tools expect
};

static void write_pauses(struct nb_json_writer *w, const char *key)
{
    nb_json_key(w, key);
    nb_json_array(w);
    for (unsigned i = 0; i < PAUSES; i++) {
        nb_json_u64(w, 0);
    }
    nb_json_array_end(w);
}

static void write_memory(struct nb_json_writer *w)
{
    static const char *const unknown[] = {
        "TotalAlloc",  "Lookups",     "Mallocs",       "Frees",    "HeapReleased", "HeapObjects",
        "StackInuse",  "StackSys",    "MSpanInuse",    "MSpanSys", "MCacheInuse",  "MCacheSys",
        "BuckHashSys", "GCSys",       "OtherSys",      "NextGC",   "LastGC",       "PauseTotalNs",
        "NumGC",       "NumForcedGC", "GCCPUFraction",
    };
    struct mallinfo2 info = mallinfo2();
    size_t in_use = info.uordblks + info.hblkhd;
    size_t from_system = info.arena + info.hblkhd;

    nb_json_object(w);
    nb_json_put_u64(w, "Alloc", in_use);
    nb_json_put_u64(w, "Sys", from_system);
    nb_json_put_u64(w, "HeapAlloc", in_use);
    nb_json_put_u64(w, "HeapSys", from_system);
    nb_json_put_u64(w, "HeapIdle", info.fordblks);
    nb_json_put_u64(w, "HeapInuse", in_use);
    for (size_t i = 0; i < NB_ARRAY_LEN(unknown); i++) {
        nb_json_put_u64(w, unknown[i], 0);
    }
    write_pauses(w, "PauseNs");
    write_pauses(w, "PauseEnd");
    nb_json_put_bool(w, "EnableGC", false);
    nb_json_put_bool(w, "DebugGC", false);
    nb_json_key(w, "BySize");
    nb_json_array(w);
    nb_json_array_end(w);
    nb_json_object_end(w);
}

void nserver__expvar(struct nserver__report *report)
{
    const struct nserver_options *opts = &nserver__config(report->server)->opts;
    struct nb_json_writer *w = &report->w;

    nb_json_object(w);
    nb_json_key(w, "cmdline");
    nb_json_array(w);
    for (size_t i = 0; i < opts->command_line_count; i++) {
        nb_json_str(w, nb_slice_of(opts->command_line[i]));
    }
    nb_json_array_end(w);
    nb_json_key(w, "memstats");
    write_memory(w);
    nb_json_object_end(w);
    nserver__report_end(report);
}

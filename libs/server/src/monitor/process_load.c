#include "monitor/process_load.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include <natsd/clock.h>

#include "lifecycle/state.h"

enum {
    STAT_UTIME = 14, // fields of /proc/self/stat, counted from 1
    STAT_STIME = 15,
    STAT_START = 22,
    STAT_RSS = 24,
    STAT_FIELDS = 24,
};

// The numbers after the command's name, which may hold anything but ends at the last ')'.
static bool read_stat(uint64_t fields[STAT_FIELDS + 1])
{
    char text[1024];
    FILE *file = fopen("/proc/self/stat", "re");
    char *at;
    size_t n = 0;

    if (file != NULL) {
        n = fread(text, 1, sizeof(text) - 1, file);
        fclose(file);
    }
    text[n] = '\0';
    at = strrchr(text, ')');
    if (at == NULL) {
        return false;
    }
    at += 2; // field 3
    for (int field = 3; field <= STAT_FIELDS; field++) {
        unsigned long long value = 0;

        (void)sscanf(at, "%llu", &value); // field 3 is a letter, some are negative: not used
        fields[field] = value;
        at = strchr(at, ' ');
        if (at == NULL) {
            return field == STAT_FIELDS;
        }
        at++;
    }
    return true;
}

static uint64_t uptime_s(void)
{
    FILE *file = fopen("/proc/uptime", "re");
    double seconds = 0;

    if (file != NULL) {
        if (fscanf(file, "%lf", &seconds) != 1) {
            seconds = 0;
        }
        fclose(file);
    }
    return (uint64_t)seconds;
}

// The first sample is over the life of the process.
void nserver__process_load_sample(struct nserver__process_load *load)
{
    uint64_t fields[STAT_FIELDS + 1] = {0};
    uint64_t per_second = (uint64_t)sysconf(_SC_CLK_TCK);
    uint64_t now_s = uptime_s();
    uint64_t ticks;

    if (!read_stat(fields)) {
        return;
    }
    ticks = fields[STAT_UTIME] + fields[STAT_STIME];
    if (load->uptime_s == 0) {
        load->uptime_s = fields[STAT_START] / per_second;
    }
    if (now_s > load->uptime_s) {
        load->cpu_percent =
            (double)((ticks - load->ticks) * 1000 / per_second / (now_s - load->uptime_s)) / 10;
        load->ticks = ticks;
        load->uptime_s = now_s;
    }
}

static void on_second(struct nnet_timer *timer)
{
    struct nserver__process_load *load =
        nb_container_of(timer, struct nserver__process_load, timer);

    nserver__process_load_sample(load);
    nnet_timer_arm(nnet_group_control(load->server->group), timer, NB_NS_PER_S);
}

void nserver__process_load_start(struct nserver *server)
{
    struct nserver__process_load *load = &server->load;

    load->server = server;
    load->timer.fire = on_second;
    on_second(&load->timer);
}

void nserver__process_load_stop(struct nserver *server)
{
    nnet_timer_disarm(nnet_group_control(server->group), &server->load.timer);
}

uint64_t nserver__process_rss_bytes(void)
{
    uint64_t fields[STAT_FIELDS + 1] = {0};

    return read_stat(fields) ? fields[STAT_RSS] * (uint64_t)sysconf(_SC_PAGESIZE) : 0;
}

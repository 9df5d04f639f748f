#include "bench/run.h"

#include "bench/report.h"
#include "file.h"
#include "output.h"

#include <errno.h>
#include <stdio.h>
#include <sys/resource.h>

enum {
    REPORT_MAX_BYTES = 256 * 1024 * 1024,
    CLOCK_NAME_MAX_BYTES = 128,
    SPARE_FILES = 64, // what the program has open besides connections
};

int bench_run_init(struct bench_run *run, const struct cli *cli, enum bench_subject subject)
{
    *run = (struct bench_run){.cli = cli};
    return bench_options_read(cli, subject, &run->options);
}

// As many connections as the system lets us have.
static int raise_file_limit(const struct bench_run *run, size_t session_count)
{
    struct rlimit limit;
    rlim_t wanted = session_count + SPARE_FILES;

    if (getrlimit(RLIMIT_NOFILE, &limit) != 0 || limit.rlim_cur >= wanted) {
        return EXIT_CODE_OK;
    }
    if (limit.rlim_max < wanted) {
        return cli_fail(run->cli, "%zu connections need a limit of %llu open files (ulimit -n)",
                        session_count, (unsigned long long)wanted);
    }
    limit.rlim_cur = wanted;
    return setrlimit(RLIMIT_NOFILE, &limit) == 0
               ? EXIT_CODE_OK
               : cli_fail(run->cli, "the limit of open files can't be raised");
}

static void make_clients(struct bench_run *run, const struct bench_run_opts *opts, size_t count)
{
    struct bench_result *result = &run->result;

    result->clients = nb_calloc(count, sizeof(result->clients[0]));
    for (size_t i = 0; i < BENCH_RUN_ROLES_MAX; i++) {
        for (unsigned k = 0; k < opts->roles[i].count; k++) {
            bench_client_init(&result->clients[result->client_count++], opts->roles[i].role, k + 1,
                              opts->roles[i].has_latency);
        }
    }
}

// What the command was given or took for granted.
static void note_arguments(struct bench_run *run)
{
    const struct command *command = cli_command(run->cli);

    if (run->cli->word_count > 0) {
        bench_result_add_argument(&run->result, "subject", false, "%s", run->cli->words[0]);
    }
    for (size_t i = 0; i < command->option_count; i++) {
        const struct args_option *option = &command->options[i];
        const struct args_value *value = &run->cli->own[i];

        if (option->kind == ARGS_SWITCH && value->is_set) {
            bench_result_add_argument(&run->result, option->name, false, "%s",
                                      value->is_on ? "true" : "false");
        } else if (option->kind == ARGS_NUMBER && value->text != NULL) {
            bench_result_add_argument(&run->result, option->name, true, "%llu",
                                      (unsigned long long)value->number);
        } else if (option->kind != ARGS_SWITCH && value->text != NULL) {
            bench_result_add_argument(&run->result, option->name, false, "%s", value->text);
        }
    }
}

unsigned bench_run_threads(const struct bench_run *run, size_t session_count)
{
    return bench_load_thread_count(run->options.threads, session_count);
}

int bench_run_open(struct bench_run *run, const struct bench_run_opts *opts)
{
    struct bench_load_opts load_opts = {.kind = opts->kind,
                                        .threads_max = run->options.threads,
                                        .session_count = opts->session_count};
    size_t client_count = 0;
    int code;

    for (size_t i = 0; i < BENCH_RUN_ROLES_MAX; i++) {
        client_count += opts->roles[i].count;
    }
    if (load_opts.session_count == 0) {
        load_opts.session_count = client_count;
    }
    code = raise_file_limit(run, load_opts.session_count);
    if (code != EXIT_CODE_OK) {
        return code;
    }
    run->is_open = true;
    code = bench_load_open(&run->load, run->cli, &load_opts, &run->result);
    make_clients(run, opts, client_count);
    note_arguments(run);
    run->result.message_bytes = run->options.size + nb_buf_slice(&run->options.headers).n;
    run->load.has_rate = run->options.rate > 0;
    return code;
}

void bench_run_fini(struct bench_run *run)
{
    if (run->is_open) {
        bench_load_close(&run->load);
        bench_result_fini(&run->result);
    }
    bench_options_fini(&run->options);
}

// -- the report ------------------------------------------------------------------------------

static int write_file(const struct bench_run *run, const char *path, const struct nb_buf *buf)
{
    struct slice bytes = nb_buf_slice(buf);
    FILE *file = fopen(path, "w");
    bool is_written = file != NULL && fwrite(bytes.p, 1, bytes.n, file) == bytes.n;
    int error_number = errno;
    char why[96];

    if (file != NULL && fclose(file) != 0 && is_written) {
        is_written = false;
        error_number = errno;
    }
    return is_written
               ? EXIT_CODE_OK
               : cli_fail(run->cli, "%s: %s", path, nb_errno_text(error_number, why, sizeof(why)));
}

typedef int (*write_fn)(const struct bench_result *result, struct nb_buf *out);

static int report_to(struct bench_run *run, const char *path, write_fn write)
{
    struct nb_buf buf;
    int code = EXIT_CODE_OK;

    if (path == NULL) {
        return EXIT_CODE_OK;
    }
    nb_buf_init(&buf, REPORT_MAX_BYTES);
    if (write(&run->result, &buf) != NB_OK) {
        code = cli_fail(run->cli, "%s: the report is too long", path);
    } else {
        code = write_file(run, path, &buf);
    }
    nb_buf_fini(&buf);
    return code;
}

static int report_json(struct bench_run *run)
{
    struct nb_buf buf;
    int code = EXIT_CODE_OK;

    nb_buf_init(&buf, REPORT_MAX_BYTES);
    if (bench_report_json(&run->result, run->options.has_cells, &buf) == NB_OK) {
        output_write(nb_buf_slice(&buf));
    } else {
        code = cli_fail(run->cli, "the report is too long");
    }
    nb_buf_fini(&buf);
    return code;
}

static void note_total(struct bench_run *run)
{
    struct bench_result *result = &run->result;
    struct bench_client total;

    if (!bench_result_total(result, bench_result_main_role(result), &total)) {
        return;
    }
    if (result->message_bytes == 0 && total.msgs > 0) { // who only receives sees what others send
        result->message_bytes = (size_t)(total.bytes / total.msgs);
    }
    if (!result->is_partial && total.msgs < run->goal) {
        bench_result_warn(result, "fewer messages than asked: %llu of %llu",
                          (unsigned long long)total.msgs, (unsigned long long)run->goal);
    }
    bench_client_fini(&total);
}

// A clock that is no register takes a system call, some microseconds or so.
static void check_clock(struct bench_result *result)
{
    static const char *const good[] = {"tsc", "kvm-clock", "hyperv_clocksource_tsc_page",
                                       "arch_sys_counter"};
    struct nb_buf buf;
    struct slice name;
    bool is_good = false;

    nb_buf_init(&buf, CLOCK_NAME_MAX_BYTES);
    if (file_read("/sys/devices/system/clocksource/clocksource0/current_clocksource", &buf, NULL) ==
        NB_OK) {
        name = nb_slice_trim(nb_buf_slice(&buf));
        for (size_t i = 0; i < NB_ARRAY_LEN(good); i++) {
            is_good = is_good || nb_slice_is(name, good[i]);
        }
        if (!is_good) {
            bench_result_warn(result, "clock source %.*s: slow to read", NB_SLICE_ARGS(name));
        }
    }
    nb_buf_fini(&buf);
}

static int report(struct bench_run *run)
{
    int code = EXIT_CODE_OK;

    check_clock(&run->result);
    note_total(run);

    if (cli_wants_json(run->cli)) {
        code = report_json(run);
    } else {
        bench_report_table(&run->result, false);
    }
    if (code == EXIT_CODE_OK) {
        code = report_to(run, run->options.csv, bench_report_csv);
    }
    if (code == EXIT_CODE_OK) {
        code = report_to(run, run->options.hdr, bench_report_hdr);
    }
    return code;
}

// -- rounds ----------------------------------------------------------------------------------

static void on_settle(struct bench_load *load)
{
    struct bench_run *run = nb_container_of(load, struct bench_run, load);

    if (run->settle != NULL) {
        run->settle(run);
    }
}

static struct bench_round shown_round(const struct bench_run *run, enum bench_role role,
                                      uint64_t goal)
{
    return (struct bench_round){.is_shown = true,
                                .wants_bar = run->options.wants_bar,
                                .interval_ns = run->options.interval_ns,
                                .role = role,
                                .goal = goal,
                                .settle = on_settle};
}

bool bench_run_round(struct bench_run *run, enum bench_role role, uint64_t goal)
{
    struct bench_round round = shown_round(run, role, goal);

    if (run->options.rate == 0) { // else it is a number of messages
        round.duration_ns = run->options.duration_ns;
    }
    if (run->reset != NULL) {
        run->reset(run, false);
    }
    return bench_load_run(&run->load, &round);
}

static bool warm_up(struct bench_run *run)
{
    const struct bench_round round = {
        .is_warm_up = true, .duration_ns = run->options.warm_up_ns, .settle = on_settle};
    bool goes_on;

    if (run->options.warm_up_ns == 0) {
        return true;
    }
    if (run->reset != NULL) {
        run->reset(run, true);
    }
    goes_on = bench_load_run(&run->load, &round);
    for (size_t i = 0; goes_on && i < run->result.client_count; i++) {
        run->result.clients[i].errors = 0;
    }
    return goes_on;
}

// The server would close the connection.
static int check_size(const struct bench_run *run)
{
    const struct bench_result *result = &run->result;
    int64_t most = result->server.max_payload;

    return most <= 0 || result->message_bytes <= (uint64_t)most
               ? EXIT_CODE_OK
               : cli_fail(run->cli, "message of %zu bytes, the server takes at most %lld",
                          result->message_bytes, (long long)most);
}

int bench_run_connect(struct bench_run *run)
{
    // It takes a moment only, unless that is what is measured.
    struct bench_round round = shown_round(run, BENCH_CONNECTOR, run->load.session_count);
    int code;

    round.is_shown = bench_result_role_size(&run->result, BENCH_CONNECTOR) > 0;
    code = bench_load_connect(&run->load, &round);
    return code == EXIT_CODE_OK ? check_size(run) : code;
}

int bench_run_end(struct bench_run *run, bool is_whole)
{
    struct nb_diag why;
    int code;

    if (bench_load_has_failed(&run->load)) {
        bench_load_failure(&run->load, &why);
        return cli_fail(run->cli, "%s", why.text);
    }
    run->result.is_partial = !is_whole && !run->may_be_interrupted;
    code = report(run);
    return run->result.is_partial ? EXIT_CODE_SIGNAL + bench_load_signal(&run->load) : code;
}

int bench_run_lead(struct bench_run *run)
{
    int code = bench_run_connect(run);

    if (code != EXIT_CODE_OK) {
        return code;
    }
    return bench_run_end(
        run, warm_up(run) && bench_run_round(run, bench_result_main_role(&run->result), run->goal));
}

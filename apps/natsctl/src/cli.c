#include "cli.h"

#include <natsd/clock.h>
#include <natsd/json_writer.h>

#include <assert.h>
#include <stdio.h>
#include <time.h>

enum {
    TEXT_MAX_BYTES = 4096, // of a message
};

#define TIMEOUT_DEFAULT_NS (5 * NB_NS_PER_S)

// -- reading ---------------------------------------------------------------------------------

static bool is_called(const struct command *command, const char *word)
{
    return strcmp(command->name, word) == 0 ||
           (command->alias != NULL && strcmp(command->alias, word) == 0);
}

static const struct command *find_child(const struct command *command, const char *word)
{
    for (const struct command *const *it = command->children; *it != NULL; it++) {
        if (is_called(*it, word)) {
            return *it;
        }
    }
    return NULL;
}

static int descend(struct cli *cli, const char *word, struct nb_diag *diag)
{
    const struct command *child = find_child(cli_command(cli), word);

    if (child == NULL) {
        nb_diag_set(diag, "unknown command \"%s\"", word);
        return NB_EINVALID;
    }
    assert(cli->depth < COMMAND_DEPTH_MAX);
    cli->path[++cli->depth] = child;
    if (child->option_count > 0) {
        struct args_value *values = nb_calloc(child->option_count, sizeof(*values));

        *(child->children == NULL ? &cli->own : &cli->group) = values;
        args_push_scope(&cli->args, child->options, child->option_count, values);
    }
    return NB_OK;
}

static int read_words(struct cli *cli, struct nb_diag *diag)
{
    const char *word;
    int rc;

    while ((rc = args_next_word(&cli->args, &word, diag)) == NB_OK && word != NULL) {
        if (cli_command(cli)->children == NULL) {
            cli->words[cli->word_count++] = word;
        } else if ((rc = descend(cli, word, diag)) != NB_OK) {
            return rc;
        }
    }
    return rc;
}

static int check_words(const struct cli *cli, struct nb_diag *diag)
{
    const struct command *command = cli_command(cli);

    if (cli_is_on(cli, GLOBAL_HELP) || cli_is_on(cli, GLOBAL_VERSION)) {
        return NB_OK;
    }
    if (command->children != NULL) {
        nb_diag_set(diag, "a command is missing");
        return NB_EINVALID;
    }
    if (cli->word_count < command->words_min) {
        nb_diag_set(diag, "an argument is missing: %s", command->arguments);
        return NB_EINVALID;
    }
    if (cli->word_count > command->words_max) {
        nb_diag_set(diag, "unexpected argument \"%s\"", cli->words[command->words_max]);
        return NB_EINVALID;
    }
    return NB_OK;
}

int cli_read(struct cli *cli, int argc, char *const *argv, struct nb_diag *diag)
{
    const char *slash = argc > 0 ? strrchr(argv[0], '/') : NULL;
    int rc;

    *cli = (struct cli){.path = {&command_root}};
    cli->program = slash != NULL ? slash + 1 : (argc > 0 ? argv[0] : "natsctl");
    cli->words = nb_calloc((size_t)argc + 1, sizeof(*cli->words));
    args_init(&cli->args, argc, argv);
    args_push_scope(&cli->args, global_options, GLOBAL_COUNT, cli->globals);
    rc = read_words(cli, diag);
    if (rc == NB_OK) {
        rc = check_words(cli, diag);
    }
    if (rc == NB_OK) {
        rc = args_read_environment(&cli->args, diag);
    }
    if (rc == NB_OK) {
        rc = args_set_fallbacks(&cli->args, diag);
    }
    if (rc == NB_OK && cli->globals[GLOBAL_TIMEOUT].duration_ns < 0) {
        nb_diag_set(diag, "--timeout is negative");
        rc = NB_EINVALID;
    }
    return rc;
}

void cli_fini(struct cli *cli)
{
    args_fini(&cli->args);
    nb_free(cli->own);
    nb_free(cli->group);
    nb_free(cli->words);
    cli->own = NULL;
    cli->group = NULL;
    cli->words = NULL;
}

bool cli_wants_json(const struct cli *cli)
{
    const char *format = cli->globals[GLOBAL_FORMAT].text;

    return cli_is_on(cli, GLOBAL_JSON) || (format != NULL && strcmp(format, "text") != 0);
}

int64_t cli_timeout_ns(const struct cli *cli)
{
    int64_t given_ns = cli->globals[GLOBAL_TIMEOUT].duration_ns;

    return given_ns > 0 ? given_ns : TIMEOUT_DEFAULT_NS;
}

// -- saying ----------------------------------------------------------------------------------

void cli_full_name(const struct cli *cli, char out[CLI_NAME_MAX_BYTES])
{
    size_t n = (size_t)snprintf(out, CLI_NAME_MAX_BYTES, "%s", cli->program);

    for (size_t i = 1; i <= cli->depth && n < CLI_NAME_MAX_BYTES; i++) {
        n += (size_t)snprintf(out + n, CLI_NAME_MAX_BYTES - n, " %s", cli->path[i]->name);
    }
}

static void say_json(enum exit_code code, const char *text)
{
    struct nb_json_writer w;
    struct nb_buf buf;

    nb_buf_init(&buf, 8 * TEXT_MAX_BYTES);
    nb_json_begin(&w, &buf, NB_JSON_COMPACT);
    nb_json_object(&w);
    nb_json_key(&w, "error");
    nb_json_object(&w);
    nb_json_put_i64(&w, "exit", code);
    nb_json_put_text(&w, "description", text);
    nb_json_object_end(&w);
    nb_json_object_end(&w);
    if (nb_json_end(&w) == NB_OK) {
        fprintf(stderr, "%.*s\n", NB_SLICE_ARGS(nb_buf_slice(&buf)));
    }
    nb_buf_fini(&buf);
}

NB_PRINTF(3, 0)
static int say(const struct cli *cli, enum exit_code code, const char *format, va_list args)
{
    char text[TEXT_MAX_BYTES];

    vsnprintf(text, sizeof(text), format, args);
    fprintf(stderr, "%s: error: %s\n", cli->program, text);
    if (cli_wants_json(cli)) {
        say_json(code, text);
    }
    return (int)code;
}

int cli_fail(const struct cli *cli, const char *format, ...)
{
    va_list args;
    int code;

    va_start(args, format);
    code = say(cli, EXIT_CODE_FAILED, format, args);
    va_end(args);
    return code;
}

int cli_fail_with(const struct cli *cli, enum exit_code code, const char *format, ...)
{
    va_list args;

    va_start(args, format);
    (void)say(cli, code, format, args);
    va_end(args);
    return (int)code;
}

int cli_usage(const struct cli *cli, const char *format, ...)
{
    char name[CLI_NAME_MAX_BYTES];
    va_list args;
    int code;

    va_start(args, format);
    code = say(cli, EXIT_CODE_USAGE, format, args);
    va_end(args);
    cli_full_name(cli, name);
    fprintf(stderr, "try '%s --help'\n", name);
    return code;
}

void cli_warn(const struct cli *cli, const char *format, ...)
{
    char text[TEXT_MAX_BYTES];
    va_list args;

    va_start(args, format);
    vsnprintf(text, sizeof(text), format, args);
    va_end(args);
    fprintf(stderr, "%s: warning: %s\n", cli->program, text);
}

void cli_note(const struct cli *cli, const char *format, ...)
{
    char text[TEXT_MAX_BYTES];
    time_t seconds = (time_t)(nb_wall_now().ns / NB_NS_PER_S);
    struct tm now;
    va_list args;

    if (cli_is_on(cli, GLOBAL_QUIET)) {
        return;
    }
    if (cli_is_on(cli, GLOBAL_UTC)) {
        gmtime_r(&seconds, &now);
    } else {
        localtime_r(&seconds, &now);
    }
    va_start(args, format);
    vsnprintf(text, sizeof(text), format, args);
    va_end(args);
    fprintf(stderr, "%02d:%02d:%02d %s\n", now.tm_hour, now.tm_min, now.tm_sec, text);
}

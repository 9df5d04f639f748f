#include "command.h"

#include "cli.h"
#include "output.h"

#include <natsd/json_writer.h>

static const struct command_example examples[] = {
    {"version", "One line."},
    {"version --json", "The same for programs."},
};

static int run(struct cli *cli)
{
    struct nb_json_writer w;
    struct nb_buf buf;

    if (!cli_wants_json(cli)) {
        output_format("natsctl %s (%s)\n", NATSCTL_VERSION, NATSCTL_COMPILER);
        return EXIT_CODE_OK;
    }
    nb_buf_init(&buf, 4096);
    nb_json_begin(&w, &buf, NB_JSON_INDENTED);
    nb_json_object(&w);
    nb_json_put_text(&w, "version", NATSCTL_VERSION);
    nb_json_put_text(&w, "compiler", NATSCTL_COMPILER);
    nb_json_object_end(&w);
    if (nb_json_end(&w) == NB_OK) {
        output_write(nb_buf_slice(&buf));
        output_text("\n");
    }
    nb_buf_fini(&buf);
    return EXIT_CODE_OK;
}

const struct command command_version = {
    .name = "version",
    .purpose = "Shows the version.",
    .arguments = "",
    .examples = examples,
    .example_count = NB_ARRAY_LEN(examples),
    .run = run,
};

#include "auth/result_file.h"

#include "auth/private_file.h"
#include "output.h"

int result_file_write(const struct cli *cli, const char *path, struct slice bytes, bool is_forced)
{
    struct nb_diag diag = {""};
    int rc =
        private_file_write(path, bytes, is_forced ? PRIVATE_FILE_REPLACE : PRIVATE_FILE_NEW, &diag);

    return rc == NB_OK ? EXIT_CODE_OK : cli_fail(cli, "%s", diag.text);
}

int result_file_put(const struct cli *cli, const char *path, struct slice bytes, bool is_forced)
{
    if (path != NULL) {
        return result_file_write(cli, path, bytes, is_forced);
    }
    output_write(bytes);
    return EXIT_CODE_OK;
}

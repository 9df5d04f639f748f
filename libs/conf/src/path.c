#include "path.h"

struct joined {
    char *p;
    size_t n;
    size_t root; // 1 for a path from the root, whose slash stays
};

static struct slice directory_of(struct slice file)
{
    size_t n = file.n;

    while (n > 0 && file.p[n - 1] != '/') {
        n--;
    }
    return nb_slice_sub(file, 0, n);
}

static size_t last_part_start(const struct joined *joined)
{
    size_t at = joined->n;

    while (at > joined->root && joined->p[at - 1] != '/') {
        at--;
    }
    return at;
}

// False if there is no part that ".." could take back.
static bool drop_part(struct joined *joined)
{
    size_t start = last_part_start(joined);

    if (start == joined->n ||
        nb_slice_is(nb_slice_make(joined->p + start, joined->n - start), "..")) {
        return false;
    }
    joined->n = start > joined->root ? start - 1 : start;
    return true;
}

static void add_part(struct joined *joined, struct slice part)
{
    if (part.n == 0 || nb_slice_is(part, ".")) {
        return;
    }
    if (nb_slice_is(part, "..") && (drop_part(joined) || joined->root > 0)) {
        return; // above the root is the root
    }
    if (joined->n > joined->root) {
        joined->p[joined->n++] = '/';
    }
    memcpy(joined->p + joined->n, part.p, part.n);
    joined->n += part.n;
}

static void add_parts(struct joined *joined, struct slice path)
{
    struct slice part;

    while (nb_slice_take_field(&path, '/', &part)) {
        add_part(joined, part);
    }
}

char *nconf__path_join(struct slice file, struct slice path)
{
    struct slice directory = directory_of(file);
    bool is_absolute = nb_slice_starts(directory.n > 0 ? directory : NB_SLICE("."), "/");
    struct joined joined = {
        .p = nb_alloc(directory.n + path.n + sizeof("/.")), // a slash between the two; at least "."
        .root = is_absolute ? 1 : 0,
    };

    if (is_absolute) {
        joined.p[joined.n++] = '/';
    }
    add_parts(&joined, directory);
    add_parts(&joined, path);
    if (joined.n == 0) {
        joined.p[joined.n++] = '.';
    }
    joined.p[joined.n] = '\0';
    return joined.p;
}

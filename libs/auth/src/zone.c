#include "zone.h"

#include "zone_rule.h"

#include <natsd/buf.h>

#include <errno.h>
#include <fcntl.h>
#include <time.h>
#include <unistd.h>

enum {
    HEADER_BYTES = 44,
    COUNT_BYTES = 4,
    TYPE_BYTES = 6,
    TIME_BYTES = 8, // of version 2 on
    OLD_TIME_BYTES = 4,
    OFFSET_MAX_S = 26 * 3600,    // of RFC 8536
    FILE_MAX_BYTES = 256 * 1024, // the largest zone has 4 KiB
    NAME_MAX_BYTES = 64,
};

#define DATABASE "/usr/share/zoneinfo/"

/* ---- the file ---- */

struct counts {
    size_t utc_marks, standard_marks, leaps, times, types, chars;
};

static uint64_t read_big(const uint8_t *p, size_t n)
{
    uint64_t value = 0;

    for (size_t i = 0; i < n; i++) {
        value = value << 8 | p[i];
    }
    return value;
}

static bool take(struct slice *rest, size_t n, struct slice *out)
{
    if (n > rest->n) {
        return false;
    }
    *out = nb_slice_sub(*rest, 0, n);
    *rest = nb_slice_sub(*rest, n, rest->n);
    return true;
}

static bool take_header(struct slice *rest, struct counts *counts, uint8_t *version)
{
    struct slice header;
    const uint8_t *at;

    if (!take(rest, HEADER_BYTES, &header) || !nb_slice_starts(header, "TZif")) {
        return false;
    }
    *version = header.p[4];
    at = header.p + HEADER_BYTES - 6 * COUNT_BYTES;
    *counts = (struct counts){
        .utc_marks = (size_t)read_big(at, COUNT_BYTES),
        .standard_marks = (size_t)read_big(at + COUNT_BYTES, COUNT_BYTES),
        .leaps = (size_t)read_big(at + 2 * COUNT_BYTES, COUNT_BYTES),
        .times = (size_t)read_big(at + 3 * COUNT_BYTES, COUNT_BYTES),
        .types = (size_t)read_big(at + 4 * COUNT_BYTES, COUNT_BYTES),
        .chars = (size_t)read_big(at + 5 * COUNT_BYTES, COUNT_BYTES),
    };
    return true;
}

// Counts have 32 bits and the sizes of their items one digit: no product overflows.
static bool take_block(struct slice *rest, const struct counts *counts, size_t time_bytes,
                       struct nauth__zone *zone)
{
    struct slice skipped;

    return take(rest, counts->times * time_bytes, &zone->times) &&
           take(rest, counts->times, &zone->indexes) &&
           take(rest, counts->types * TYPE_BYTES, &zone->types) &&
           take(rest, counts->chars, &skipped) &&
           take(rest, counts->leaps * (time_bytes + COUNT_BYTES), &skipped) &&
           take(rest, counts->standard_marks, &skipped) && take(rest, counts->utc_marks, &skipped);
}

static bool has_types(const struct nauth__zone *zone)
{
    size_t count = zone->types.n / TYPE_BYTES;

    for (size_t i = 0; i < zone->indexes.n; i++) {
        if (zone->indexes.p[i] >= count) {
            return false;
        }
    }
    return count > 0;
}

int nauth__zone_parse(struct slice file, struct nauth__zone *out)
{
    struct nauth__zone zone;
    struct counts counts;
    struct slice line;
    uint8_t version;

    // The first block has times of 32 bits, for readers of old; the second is the same in 64.
    if (!take_header(&file, &counts, &version) || version < '2' ||
        !take_block(&file, &counts, OLD_TIME_BYTES, &zone) ||
        !take_header(&file, &counts, &version) || !take_block(&file, &counts, TIME_BYTES, &zone) ||
        !has_types(&zone) || !take(&file, 1, &line) || line.p[0] != '\n' ||
        !nb_slice_ends(file, "\n")) {
        return NB_EMALFORMED;
    }
    zone.rule = nb_slice_sub(file, 0, nb_slice_find_byte(file, '\n'));
    *out = zone;
    return NB_OK;
}

static int offset_of_type(const struct nauth__zone *zone, size_t type, int64_t *out_s)
{
    int64_t offset = (int32_t)(uint32_t)read_big(zone->types.p + type * TYPE_BYTES, COUNT_BYTES);

    if (offset > OFFSET_MAX_S || offset < -OFFSET_MAX_S) {
        return NB_EMALFORMED;
    }
    *out_s = offset;
    return NB_OK;
}

int nauth__zone_offset(const struct nauth__zone *zone, int64_t unix_s, int64_t *out_s)
{
    size_t low = 0;
    size_t high = zone->indexes.n;
    struct nauth__zone_rule rule;
    int rc;

    while (low < high) { // how many transitions are not later
        size_t middle = low + (high - low) / 2;

        if ((int64_t)read_big(zone->times.p + middle * TIME_BYTES, TIME_BYTES) <= unix_s) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    if (low < zone->indexes.n || zone->rule.n == 0) {
        return offset_of_type(zone, low > 0 ? zone->indexes.p[low - 1] : 0, out_s);
    }
    rc = nauth__zone_rule_parse(zone->rule, &rule);
    if (rc == NB_OK) {
        *out_s = nauth__zone_rule_offset(&rule, unix_s);
    }
    return rc;
}

/* ---- the database ---- */

static bool is_name(struct slice name)
{
    for (size_t i = 0; i < name.n; i++) {
        uint8_t byte = name.p[i];
        bool is_letter = (byte >= 'A' && byte <= 'Z') || (byte >= 'a' && byte <= 'z') ||
                         (byte >= '0' && byte <= '9');

        if (!is_letter && byte != '_' && byte != '-' && byte != '+' &&
            (byte != '/' || i == 0)) { // no dots: it stays in the folder
            return false;
        }
    }
    return name.n > 0 && name.n <= NAME_MAX_BYTES;
}

static int read_all(int fd, struct nb_buf *out)
{
    for (;;) {
        uint8_t *room;
        ssize_t n;
        int rc = nb_buf_reserve(out, 4096, &room);

        if (rc < 0) {
            return rc;
        }
        n = read(fd, room, 4096);
        if (n <= 0) {
            return n == 0 ? NB_OK : nb_error_from_errno(errno);
        }
        nb_buf_commit(out, (size_t)n);
    }
}

static int read_file(struct slice name, struct nb_buf *out)
{
    char path[sizeof(DATABASE) + NAME_MAX_BYTES];
    int rc;
    int fd;

    if (!is_name(name)) {
        return NB_ENOTFOUND;
    }
    memcpy(path, DATABASE, sizeof(DATABASE));
    memcpy(path + sizeof(DATABASE) - 1, name.p, name.n);
    path[sizeof(DATABASE) - 1 + name.n] = '\0';
    fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    if (fd < 0) {
        return NB_ENOTFOUND;
    }
    rc = read_all(fd, out);
    close(fd);
    return rc;
}

static int local_offset(int64_t unix_s, int64_t *out_s)
{
    time_t seconds = (time_t)unix_s;
    struct tm local;

    if (localtime_r(&seconds, &local) == NULL) {
        return NB_ERANGE;
    }
    *out_s = local.tm_gmtoff;
    return NB_OK;
}

int nauth__zone_offset_by_name(struct slice name, int64_t unix_s, int64_t *out_s)
{
    struct nauth__zone zone;
    struct nb_buf file;
    int rc;

    if (name.n == 0 || nb_slice_is(name, "Local")) {
        return local_offset(unix_s, out_s);
    }
    if (nb_slice_is(name, "UTC")) {
        *out_s = 0;
        return NB_OK;
    }
    nb_buf_init(&file, FILE_MAX_BYTES);
    rc = read_file(name, &file);
    if (rc == NB_OK) {
        rc = nauth__zone_parse(nb_buf_slice(&file), &zone);
    }
    if (rc == NB_OK) {
        rc = nauth__zone_offset(&zone, unix_s, out_s);
    }
    nb_buf_fini(&file);
    return rc;
}

#include "options/host_port.h"

#include <natsd/number.h>

static const char no_port[] = "missing port in address";
static const char many_colons[] = "too many colons in address";

// The index of the last such byte, or text.n.
static size_t find_last(struct slice text, uint8_t byte)
{
    for (size_t i = text.n; i > 0; i--) {
        if (text.p[i - 1] == byte) {
            return i - 1;
        }
    }
    return text.n;
}

// What is wrong with "[host]:port", or NULL. *host is what stands in the brackets.
static const char *take_bracketed(struct slice text, size_t colon, struct slice *host)
{
    size_t end = nb_slice_find_byte(text, ']');

    if (end == text.n) {
        return "missing ']' in address";
    }
    if (end + 1 == text.n) {
        return no_port;
    }
    if (end + 1 != colon) {
        return text.p[end + 1] == ':' ? many_colons : no_port;
    }
    *host = nb_slice_sub(text, 1, end - 1);
    return NULL;
}

static const char *take_plain(struct slice text, size_t colon, struct slice *host)
{
    *host = nb_slice_sub(text, 0, colon);
    return nb_slice_find_byte(*host, ':') < host->n ? many_colons : NULL;
}

static bool has_byte(struct slice text, uint8_t byte)
{
    return nb_slice_find_byte(text, byte) < text.n;
}

static const char *take_apart(struct slice text, struct slice *host, struct slice *port)
{
    size_t colon = find_last(text, ':');
    const char *fault;

    if (colon == text.n) {
        return no_port;
    }
    fault = text.p[0] == '[' ? take_bracketed(text, colon, host) : take_plain(text, colon, host);
    if (fault != NULL) {
        return fault;
    }
    *port = nb_slice_sub(text, colon + 1, text.n);
    if (has_byte(*host, '[') || has_byte(*port, '[')) {
        return "unexpected '[' in address";
    }
    return has_byte(*host, ']') || has_byte(*port, ']') ? "unexpected ']' in address" : NULL;
}

int nserver__split_host_port(struct slice text, struct slice *host, struct slice *port,
                             struct nb_diag *diag)
{
    struct slice found_host = {0};
    struct slice found_port = {0};
    const char *fault = take_apart(text, &found_host, &found_port);

    if (fault != NULL) {
        nb_diag_set(diag, "address %.*s: %s", NB_SLICE_ARGS(nb_slice_sub(text, 0, 256)), fault);
        return fault == no_port ? NB_ENOTFOUND : NB_EMALFORMED;
    }
    *host = found_host;
    *port = found_port;
    return NB_OK;
}

enum {
    ADDRESS_MAX_BYTES = 512, // longer ones are no addresses
};

// A host without a port is read as if one stood behind it; *host is found in `text` again.
static int split_host(struct slice text, struct slice *host, struct nb_diag *diag)
{
    char with_port[ADDRESS_MAX_BYTES + 3];
    struct slice ignored;
    struct slice whole;
    int rc;

    if (text.n > ADDRESS_MAX_BYTES) {
        nb_diag_set(diag, "address of more than %d bytes", ADDRESS_MAX_BYTES);
        return NB_EMALFORMED;
    }
    memcpy(with_port, text.p, text.n);
    memcpy(with_port + text.n, ":0", 2);
    whole = nb_slice_make(with_port, text.n + 2);
    rc = nserver__split_host_port(whole, host, &ignored, diag);
    if (rc == NB_OK) {
        *host = nb_slice_sub(text, (size_t)(host->p - whole.p), host->n);
    }
    return rc;
}

int nserver__parse_advertise(struct slice text, struct slice *host, int64_t *port,
                             struct nb_diag *diag)
{
    struct slice port_text = {0};
    struct slice found = {0};
    int64_t number = 0;
    int rc = nserver__split_host_port(text, &found, &port_text, diag);

    if (rc == NB_ENOTFOUND) { // it is a host alone
        rc = split_host(text, &found, diag);
    } else if (rc == NB_OK) {
        port_text = nb_slice_trim(port_text);
        rc = nb_parse_i64(port_text, INT32_MIN, INT32_MAX, &number);
        if (rc != NB_OK) {
            nb_diag_set(diag, "\"%.*s\": %s", NB_SLICE_ARGS(nb_slice_sub(port_text, 0, 256)),
                        rc == NB_ERANGE ? "value out of range" : "invalid syntax");
        }
    }
    if (rc != NB_OK) {
        return rc;
    }
    *host = nb_slice_trim(found);
    *port = number == -1 ? 0 : number;
    return NB_OK;
}

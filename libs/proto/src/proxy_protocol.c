#include <natsd/proxy_protocol.h>

#include <natsd/number.h>

#include <arpa/inet.h>
#include <assert.h>
#include <netinet/in.h>
#include <string.h>
#include <sys/socket.h>

static const struct slice v1_begin = {(const uint8_t *)"PROXY ", NPROTO_PROXY_DETECT_BYTES};
static const struct slice v2_signature = {
    (const uint8_t *)"\x0d\x0a\x0d\x0a\x00\x0d\x0a\x51\x55\x49\x54\x0a", 12};

static int malformed(struct nb_diag *diag)
{
    nb_diag_set(diag, "invalid PROXY protocol header");
    return NB_EMALFORMED;
}

static int unsupported(struct nb_diag *diag)
{
    nb_diag_set(diag, "unsupported PROXY protocol feature");
    return NB_EUNSUPPORTED;
}

// -- addresses -------------------------------------------------------------------------------

// An address as text, an IPv4 one never in its IPv6 form.
static void show_address(int family, const uint8_t *bytes, char out[46])
{
    struct in6_addr six;
    const char *text;

    if (family == AF_INET6) {
        memcpy(&six, bytes, sizeof(six));
        if (IN6_IS_ADDR_V4MAPPED(&six)) {
            family = AF_INET;
            bytes += sizeof(six) - sizeof(struct in_addr);
        }
    }
    static_assert(INET6_ADDRSTRLEN <= 46, "any address fits");
    text = inet_ntop(family, bytes, out, 46);
    assert(text != NULL);
}

// inet_pton() keeps the families apart: no colon in one, always one in the other.
static bool read_address(int family, struct slice text, char out[46])
{
    char terminated[INET6_ADDRSTRLEN];
    uint8_t bytes[sizeof(struct in6_addr)];

    if (text.n >= sizeof(terminated) || nb_slice_find_byte(text, '\0') < text.n) {
        return false;
    }
    memcpy(terminated, text.p, text.n);
    terminated[text.n] = '\0';
    if (inet_pton(family, terminated, bytes) != 1) {
        return false;
    }
    show_address(family, bytes, out);
    return true;
}

static bool read_port(struct slice text, uint16_t *out)
{
    uint64_t port;

    if (nb_parse_u64(text, UINT16_MAX, &port) < 0) {
        return false;
    }
    *out = (uint16_t)port;
    return true;
}

// -- version 1: a line of text ---------------------------------------------------------------

enum {
    V1_FIELDS = 6, // PROXY family source destination source-port destination-port
};

static bool is_space(uint8_t byte)
{
    return byte == ' ' || (byte >= '\t' && byte <= '\r');
}

// Cuts at runs of white space; one more than V1_FIELDS means too many.
static size_t split(struct slice line, struct slice fields[V1_FIELDS])
{
    size_t count = 0;
    size_t i = 0;

    while (count <= V1_FIELDS) {
        size_t start;

        while (i < line.n && is_space(line.p[i])) {
            i++;
        }
        if (i == line.n) {
            break;
        }
        start = i;
        while (i < line.n && !is_space(line.p[i])) {
            i++;
        }
        if (count < V1_FIELDS) {
            fields[count] = nb_slice_sub(line, start, i - start);
        }
        count++;
    }
    return count;
}

static int read_v1_line(struct slice line, struct nproto_proxy *out, struct nb_diag *diag)
{
    struct slice fields[V1_FIELDS];
    const size_t count = split(line, fields);
    int family;

    if (count < 2) {
        return malformed(diag);
    }
    if (nb_slice_is(fields[1], "UNKNOWN")) {
        return NB_OK; // whatever follows
    }
    if (nb_slice_is(fields[1], "TCP4")) {
        family = AF_INET;
    } else if (nb_slice_is(fields[1], "TCP6")) {
        family = AF_INET6;
    } else {
        return malformed(diag);
    }
    if (count != V1_FIELDS || !read_address(family, fields[2], out->src_ip) ||
        !read_address(family, fields[3], out->dst_ip) || !read_port(fields[4], &out->src_port) ||
        !read_port(fields[5], &out->dst_port)) {
        return malformed(diag);
    }
    out->has_address = true;
    return NB_OK;
}

static int read_v1(struct slice bytes, struct nproto_proxy *out, size_t *consumed,
                   struct nb_diag *diag)
{
    const struct slice head = nb_slice_sub(bytes, 0, NPROTO_PROXY_V1_MAX_BYTES);
    const size_t end = nb_slice_find(head, NB_SLICE("\r\n"));
    int rc;

    if (end == head.n) {
        return head.n == NPROTO_PROXY_V1_MAX_BYTES ? malformed(diag) : NB_EAGAIN;
    }
    rc = read_v1_line(nb_slice_sub(head, 0, end), out, diag);
    if (rc == NB_OK) {
        *consumed = end + 2;
    }
    return rc;
}

// -- version 2: binary -----------------------------------------------------------------------

enum {
    V2_VERSION = 2,
    V2_COMMAND_LOCAL = 0,
    V2_COMMAND_PROXY = 1,
    V2_FAMILY_UNSPEC = 0,
    V2_FAMILY_INET = 1,
    V2_FAMILY_INET6 = 2,
    V2_PROTOCOL_STREAM = 1,
    V2_PORT_BYTES = 2,
};

static uint16_t read_be16(const uint8_t *p)
{
    return (uint16_t)(p[0] << 8 | p[1]);
}

// Source and destination address, source and destination port; judge_v2() knows they are there.
static void read_v2_addresses(int family, const uint8_t *body, struct nproto_proxy *out)
{
    const size_t size = family == AF_INET ? sizeof(struct in_addr) : sizeof(struct in6_addr);
    const uint8_t *ports = body + 2 * size;

    show_address(family, body, out->src_ip);
    show_address(family, body + size, out->dst_ip);
    out->src_port = read_be16(ports);
    out->dst_port = read_be16(ports + V2_PORT_BYTES);
    out->has_address = true;
}

// The fixed part alone decides whether the rest is worth waiting for. NB_OK with the family, or
// AF_UNSPEC when the addresses don't matter.
static int judge_v2(const uint8_t *head, int *family, struct nb_diag *diag)
{
    const unsigned version = head[12] >> 4;
    const unsigned command = head[12] & 0x0f;
    const unsigned protocol = head[13] & 0x0f;
    const size_t size = read_be16(head + 14);

    *family = AF_UNSPEC;
    if (version != V2_VERSION || command > V2_COMMAND_PROXY) {
        return malformed(diag);
    }
    if (command == V2_COMMAND_LOCAL) {
        return NB_OK;
    }
    if (protocol != V2_PROTOCOL_STREAM) {
        return unsupported(diag);
    }
    switch (head[13] >> 4) {
    case V2_FAMILY_UNSPEC:
        return NB_OK;
    case V2_FAMILY_INET:
        *family = AF_INET;
        return size >= 2 * (sizeof(struct in_addr) + V2_PORT_BYTES) ? NB_OK : malformed(diag);
    case V2_FAMILY_INET6:
        *family = AF_INET6;
        return size >= 2 * (sizeof(struct in6_addr) + V2_PORT_BYTES) ? NB_OK : malformed(diag);
    default:
        return unsupported(diag); // a UNIX socket, or nothing we know
    }
}

static int read_v2(struct slice bytes, struct nproto_proxy *out, size_t *consumed,
                   struct nb_diag *diag)
{
    size_t size;
    int family;
    int rc;

    if (bytes.n < NPROTO_PROXY_V2_HEAD_BYTES) {
        return NB_EAGAIN;
    }
    rc = judge_v2(bytes.p, &family, diag);
    if (rc < 0) {
        return rc;
    }
    size = NPROTO_PROXY_V2_HEAD_BYTES + (size_t)read_be16(bytes.p + 14);
    if (bytes.n < size) {
        return NB_EAGAIN;
    }
    if (family != AF_UNSPEC) {
        read_v2_addresses(family, bytes.p + NPROTO_PROXY_V2_HEAD_BYTES, out);
    }
    *consumed = size;
    return NB_OK;
}

// -- which of them ---------------------------------------------------------------------------

// As far as both go, are they the same?
static bool agrees(struct slice bytes, struct slice with)
{
    const size_t n = bytes.n < with.n ? bytes.n : with.n;

    return nb_slice_equal(nb_slice_sub(bytes, 0, n), nb_slice_sub(with, 0, n));
}

int nproto_proxy_read(struct slice bytes, struct nproto_proxy *out, size_t *consumed,
                      struct nb_diag *diag)
{
    const struct slice detect = nb_slice_sub(bytes, 0, NPROTO_PROXY_DETECT_BYTES);
    struct nproto_proxy read = {.has_header = true};
    size_t size = 0;
    int rc;

    if (!agrees(detect, v1_begin) && !agrees(detect, v2_signature)) {
        read.has_header = false;
        rc = NB_OK;
    } else if (agrees(detect, v1_begin)) {
        rc = read_v1(bytes, &read, &size, diag);
    } else if (agrees(bytes, v2_signature)) {
        rc = read_v2(bytes, &read, &size, diag);
    } else {
        nb_diag_set(diag, "unrecognized PROXY protocol format");
        rc = NB_EMALFORMED;
    }
    if (rc == NB_OK) {
        *out = read;
        *consumed = size;
    }
    return rc;
}

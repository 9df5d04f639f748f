#include <natsd/message_line.h>

#include <natsd/number.h>
#include <natsd/short_bytes.h>

#include <assert.h>

static uint8_t *put(uint8_t *to, struct slice s)
{
    nb_bytes_copy(to, s.p, s.n);
    return to + s.n;
}

static uint8_t *put_blank(uint8_t *to, struct slice s)
{
    to = put(to, s);
    *to++ = ' ';
    return to;
}

// "<size>\r\n" or, with headers, "<header size> <total size>\r\n".
static uint8_t *put_sizes(uint8_t *to, uint32_t header_size, uint32_t payload_size)
{
    if (header_size > 0) {
        to += nb_format_u64(header_size, (char *)to);
        *to++ = ' ';
    }
    to += nb_format_u64(payload_size, (char *)to);
    *to++ = '\r';
    *to++ = '\n';
    return to;
}

void nproto_delivery_init(struct nproto_delivery *delivery, struct slice subject,
                          struct slice reply, uint32_t header_size, uint32_t payload_size)
{
    uint8_t *plain = (uint8_t *)delivery->plain_tail;
    uint8_t *header = (uint8_t *)delivery->header_tail;

    assert(header_size <= payload_size);
    delivery->subject = subject;
    delivery->reply = reply;
    delivery->header_size = header_size;
    delivery->payload_size = payload_size;
    delivery->plain_tail_size = (uint8_t)(put_sizes(plain, 0, payload_size - header_size) - plain);
    delivery->header_tail_size =
        header_size > 0 ? (uint8_t)(put_sizes(header, header_size, payload_size) - header) : 0;
}

static uint8_t *put_route(uint8_t *to, struct slice subject, struct slice sid, struct slice reply)
{
    to = put_blank(to, subject);
    if (sid.n > 0) {
        to = put_blank(to, sid);
    }
    if (reply.n > 0) {
        to = put_blank(to, reply);
    }
    return to;
}

size_t nproto_delivery_write_msg(const struct nproto_delivery *delivery, struct slice sid,
                                 uint8_t *out)
{
    uint8_t *to = put(out, NB_SLICE("MSG "));

    assert(sid.n > 0);
    to = put_route(to, delivery->subject, sid, delivery->reply);
    to = put(to, nb_slice_make(delivery->plain_tail, delivery->plain_tail_size));
    return (size_t)(to - out);
}

size_t nproto_delivery_write_hmsg(const struct nproto_delivery *delivery, struct slice sid,
                                  uint8_t *out)
{
    uint8_t *to = put(out, NB_SLICE("HMSG "));

    assert(sid.n > 0);
    assert(delivery->header_size > 0);
    to = put_route(to, delivery->subject, sid, delivery->reply);
    to = put(to, nb_slice_make(delivery->header_tail, delivery->header_tail_size));
    return (size_t)(to - out);
}

size_t nproto_publish_line_max(struct slice subject, struct slice reply)
{
    return sizeof("HPUB ") - 1 + subject.n + 1 + reply.n + 1 + sizeof("4294967295 4294967295\r\n");
}

size_t nproto_publish_write(struct slice subject, struct slice reply, uint32_t header_size,
                            uint32_t payload_size, uint8_t *out)
{
    uint8_t *to = put(out, header_size > 0 ? NB_SLICE("HPUB ") : NB_SLICE("PUB "));

    assert(header_size <= payload_size);
    to = put_route(to, subject, (struct slice){0}, reply);
    to = put_sizes(to, header_size, payload_size);
    return (size_t)(to - out);
}

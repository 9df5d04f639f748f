/* natsd/message_line.h - the lines that stand before a payload, written. Spec 01 sections 3.4, 3.5.
 *
 * hot: once per delivered message. The caller provides room; nothing is allocated or checked
 * beyond asserts. A MSG line has a part that is the same for all receivers of a message
 * ("MSG subject ") and a part for each (sid, reply, sizes).
 *
 * Threads: [any].
 */
#pragma once

#include <natsd/slice.h>

#include <stdint.h>
#include <string.h>

#ifdef __cplusplus
extern "C" {
#endif

// Prepared once per message, used for each receiver. The slices are borrowed. One that is kept
// from message to message (nproto_delivery_next) formats numbers only when a size changes.
struct nproto_delivery {
    struct slice subject;
    struct slice reply;    // n 0: none
    uint32_t header_size;  // 0: no headers
    uint32_t payload_size; // headers and body
    // private: sizes as text with what surrounds them, right up to CR LF
    char plain_tail[16];  // "<body size>\r\n"
    char header_tail[28]; // "<header size> <total size>\r\n"
    uint8_t plain_tail_size;
    uint8_t header_tail_size;
};

void nproto_delivery_init(struct nproto_delivery *delivery, struct slice subject,
                          struct slice reply, uint32_t header_size, uint32_t payload_size);

// hot: the next message with the same struct, which was initialised or is zeroed.
static inline void nproto_delivery_next(struct nproto_delivery *delivery, struct slice subject,
                                        struct slice reply, uint32_t header_size,
                                        uint32_t payload_size)
{
    if (delivery->plain_tail_size > 0 && delivery->payload_size == payload_size &&
        delivery->header_size == header_size) {
        delivery->subject = subject;
        delivery->reply = reply;
        return;
    }
    nproto_delivery_init(delivery, subject, reply, header_size, payload_size);
}

// Upper bound of what a line takes for this sid.
static inline size_t nproto_delivery_line_max(const struct nproto_delivery *delivery,
                                              size_t sid_size)
{
    return 5 + delivery->subject.n + 1 + sid_size + 1 + delivery->reply.n + 1 + 28;
}

// "MSG <subject> <sid> [<reply> ]<#body>\r\n": for receivers without headers (the body only),
// and for messages without. Returns its size.
size_t nproto_delivery_write_msg(const struct nproto_delivery *delivery, struct slice sid,
                                 uint8_t *out);
// "HMSG <subject> <sid> [<reply> ]<#headers> <#total>\r\n"; header_size > 0.
size_t nproto_delivery_write_hmsg(const struct nproto_delivery *delivery, struct slice sid,
                                  uint8_t *out);

// For clients: "PUB <subject> [<reply> ]<#payload>\r\n" or, with headers, "HPUB ...".
size_t nproto_publish_line_max(struct slice subject, struct slice reply);
size_t nproto_publish_write(struct slice subject, struct slice reply, uint32_t header_size,
                            uint32_t payload_size, uint8_t *out);

#ifdef __cplusplus
}
#endif

/* client_info.h - a client as others are told of it: in events and in requests that cross accounts
 * (spec 04 section 4.7). Threads: [owner of the client].
 */
#pragma once

#include <natsd/clock.h>
#include <natsd/json_writer.h>

struct nserver__client;

enum nserver__client_info {
    CLIENT_INFO_ACCOUNT = 0,     // its account alone
    CLIENT_INFO_PERSON = 1 << 0, // who it is
    CLIENT_INFO_SERVER = 1 << 1, // where it is connected
    CLIENT_INFO_RTT = 1 << 2,    // how far away it is
    CLIENT_INFO_EVENT = 1 << 3,  // its account has a name_tag, if only its name
};

// The members of the object, without its braces. `service`: the account in between; may be empty.
void nserver__client_info_write(const struct nserver__client *c, unsigned parts,
                                struct slice service, struct nb_json_writer *w);
// One that is gone, with all that is known of it but where it was.
void nserver__client_info_write_stopped(const struct nserver__client *c, struct nb_wall stop,
                                        struct nb_json_writer *w);

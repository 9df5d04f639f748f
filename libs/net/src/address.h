/* address.h - socket addresses as text. */
#pragma once

#include <natsd/conn.h>

#include <sys/socket.h>

// An IPv4 address that came through an IPv6 socket is shown in its own form. "" for other
// families.
void nnet__address_from_sockaddr(const struct sockaddr *from, struct nnet_address *out);

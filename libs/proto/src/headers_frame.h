/* headers_frame.h - where the parts of a header block lie. */
#pragma once

#include <natsd/slice.h>

struct nproto__frame {
    struct slice version; // "NATS/1.0" and a status, without CR LF
    struct slice lines;   // "<key>: <value>\r\n" each; empty, or with CR LF at its end
};

// False for what is no block: without "NATS/1.0" at its front or the blank line at its end.
bool nproto__headers_frame(struct slice block, struct nproto__frame *out);

// Cuts the first line off, without its CR LF.
bool nproto__headers_take_line(struct slice *lines, struct slice *line);

// Is it "<key>:..."?
bool nproto__headers_line_is(struct slice line, struct slice key);

/* path.h - paths of included files, by text alone. */
#pragma once

#include <natsd/slice.h>

// The directory of `file` and `path`, joined and cleaned: without empty parts and ".", and with
// ".." resolved where a part stands before it. A path that starts with "/" is joined, too.
// Owned, terminated; "." if nothing is left.
char *nconf__path_join(struct slice file, struct slice path);

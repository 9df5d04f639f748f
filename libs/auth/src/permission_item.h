/* permission_item.h - one item of a list of permissions: a subject, or a subject and a queue
 * (spec 03 section 12.1). Threads: [any].
 */
#pragma once

#include <natsd/slice.h>

#include <stdbool.h>

// Both parts are borrowed from the item; `queue` is empty without one. False unless there is a
// valid subject, perhaps followed by white space and a valid queue.
bool nauth__permission_item_split(struct slice item, struct slice *subject, struct slice *queue);
// The next field between white space; false at the end.
bool nauth__take_field(struct slice *text, struct slice *field);

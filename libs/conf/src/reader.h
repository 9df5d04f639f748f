/* reader.h - one text that is being read: the file, an included one, or the value of an
 * environment variable. Each leads to the next, and all fill one document.
 */
#pragma once

#include "scan.h"
#include "tree.h"

struct nconf__reader {
    const struct nconf_source *source;
    struct nconf__tree *tree;
    const struct nconf__reader *outer; // the text that led to this one, NULL for the first
    unsigned outer_count;
    bool is_environment;   // not a file, but the value of `variable`
    struct slice file;     // its path, empty for a variable
    struct slice variable; // its name
    struct nconf__scan scan;
    struct nconf__scope *scope; // innermost open map
    unsigned depth;             // open arrays and maps, those of outer texts included
    struct nb_buf *message;     // borrowed, may be NULL
};

// parser.c: reads a whole text into a map. Everything but `scan` and `scope` is set already.
NB_MUST_USE int nconf__reader_run(struct nconf__reader *reader, struct slice text,
                                  struct nconf_value **out);

// include.c: reads the file that `path` names from this text into the innermost open map.
NB_MUST_USE int nconf__include(struct nconf__reader *reader, struct slice path);

// variable.c: the value that `name` stands for here, as a value of its own. `line` is where the
// reference stands, for the error.
NB_MUST_USE int nconf__variable_resolve(struct nconf__reader *reader, struct slice name,
                                        uint32_t line, struct nconf_value **out);

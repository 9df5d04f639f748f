/* parser.c - keys, values, maps and arrays, and what may stand between them.
 *
 * A text is a sequence of pairs at the top, of which some may be wrapped in anonymous blocks:
 *
 *   TOP   key value, until the end of the text
 *   BLOCK { key value } at the top: its keys belong to the map around it
 *   MAP   the value { key value }
 *   ARRAY the value [ value ]
 *
 * In each place other characters may follow a value, and errors have other words; everything
 * else is the same (spec 02 sections 2.2-2.4 and 2.10).
 */
#include "reader.h"

#include "convert.h"

#include <assert.h>

enum place { PLACE_TOP, PLACE_BLOCK, PLACE_MAP, PLACE_ARRAY };

static const struct {
    char closing;
    const char *separators; // beside newlines
    const char *expected;
} places[] = {
    [PLACE_TOP] = {'}', ",;",
                   "Expected a top-level value to end with a new line, comment or EOF, "
                   "but got '"},
    [PLACE_BLOCK] = {'}', ",;",
                     "Expected a block-level value to end with a new line, comment or EOF, "
                     "but got '"},
    [PLACE_MAP] = {'}', ",;/",
                   "Expected a map value terminator \",\" or a map terminator \"}\", but got '"},
    [PLACE_ARRAY] = {']', ",/",
                     "Expected an array value terminator \",\" or an array terminator \"]\", "
                     "but got '"},
};

static int read_value(struct nconf__reader *reader, enum place place, struct nconf_value **out);

// What came from the environment has no position of its own.
static struct nconf_position position(const struct nconf__reader *reader, uint32_t line,
                                      uint32_t pos)
{
    if (reader->is_environment) {
        return (struct nconf_position){0};
    }
    return (struct nconf_position){.file = reader->file, .line = line, .pos = pos};
}

static int fail_behind(struct nconf__scan *scan, const char *text)
{
    nconf__scan_skip(scan); // a newline that is in the way counts
    return nconf__scan_fail(scan, text);
}

// Blanks, and a slash that begins no comment: outside of maps and arrays both mean nothing
// behind a value.
static void skip_slack(struct nconf__scan *scan)
{
    while (nconf__is_blank(nconf__scan_byte(scan)) ||
           (nconf__scan_byte(scan) == '/' && !nconf__scan_is_comment(scan))) {
        nconf__scan_skip(scan);
    }
}

static void skip_space_and_comments(struct nconf__scan *scan)
{
    do {
        nconf__scan_skip_space(scan);
    } while (nconf__scan_skip_comment(scan));
}

static bool ends_value(const struct nconf__scan *scan, enum place place)
{
    uint8_t byte = nconf__scan_byte(scan);

    if (nconf__scan_is_end(scan)) {
        return place == PLACE_TOP;
    }
    return nconf__is_newline(byte) || strchr(places[place].separators, byte) != NULL;
}

static int end_value(struct nconf__scan *scan, enum place place, bool *is_closed)
{
    do {
        if (place == PLACE_TOP || place == PLACE_BLOCK) {
            skip_slack(scan);
        } else {
            nconf__scan_skip_blanks(scan);
        }
    } while (nconf__scan_skip_comment(scan));

    *is_closed = false;
    if (ends_value(scan, place)) {
        nconf__scan_skip(scan);
        return NB_OK;
    }
    if (nconf__scan_take(scan, (uint8_t)places[place].closing)) {
        *is_closed = place != PLACE_TOP; // a stray one ends the value there, and nothing else
        return NB_OK;
    }
    return nconf__scan_fail_rune(scan, places[place].expected, "' instead.");
}

static int end_inner_block(struct nconf__scan *scan, bool *is_closed)
{
    *is_closed = false;
    do {
        skip_slack(scan);
    } while (nconf__scan_take(scan, '\n') || nconf__scan_take(scan, '\r'));

    if (nconf__scan_skip_comment(scan) || nconf__scan_take(scan, ',') ||
        nconf__scan_take(scan, ';')) {
        return NB_OK;
    }
    *is_closed = nconf__scan_take(scan, '}');
    if (*is_closed) {
        return NB_OK;
    }
    return nconf__scan_fail_rune(scan, "Expected a block-level to end with a '}', but got '",
                                 "' instead.");
}

static int check_depth(const struct nconf__reader *reader, unsigned more)
{
    if (more > NCONF_DEPTH_MAX - reader->depth) {
        nconf__say_text(reader->message, "arrays and maps on line ");
        nconf__say_number(reader->message, reader->scan.line);
        nconf__say_text(reader->message, " are nested too deeply");
        return NB_ELIMIT;
    }
    return NB_OK;
}

static int read_text(struct nconf__reader *reader, enum nconf_type type, struct slice text,
                     struct nconf_value **out)
{
    struct nconf_value *value;
    int rc = nconf__tree_new(reader->tree, type, &value, reader->message);

    if (rc == NB_OK) {
        rc = nconf__tree_dup(reader->tree, text, &value->text, reader->message);
    }
    if (rc == NB_OK) {
        value->weight_bytes += text.n;
        *out = value;
    }
    return rc;
}

static bool is_one_of(struct slice word, const char *const words[3])
{
    for (size_t i = 0; i < 3; i++) {
        if (nb_slice_equal_nocase(word, nb_slice_of(words[i]))) {
            return true;
        }
    }
    return false;
}

static int read_variable(struct nconf__reader *reader, const struct nconf__token *token,
                         struct nconf_value **out)
{
    struct slice name = nb_slice_sub(token->text, 1, SIZE_MAX);
    int rc;

    if (nb_slice_starts(name, "2a$")) { // a bcrypt hash
        return read_text(reader, NCONF_STRING, token->text, out);
    }
    rc = nconf__variable_resolve(reader, name, token->line, out);
    return rc == NB_OK ? check_depth(reader, (*out)->height) : rc;
}

// A bare string that is nothing else.
static int read_word(struct nconf__reader *reader, const struct nconf__token *token,
                     struct nconf_value **out)
{
    static const char *const words[2][3] = {{"false", "no", "off"}, {"true", "yes", "on"}};
    int rc;

    if (nb_slice_starts(token->text, "$")) {
        return read_variable(reader, token, out);
    }
    for (size_t i = 0; i < 2; i++) {
        if (is_one_of(token->text, words[i])) {
            rc = nconf__tree_new(reader->tree, NCONF_BOOL, out, reader->message);
            if (rc == NB_OK) {
                (*out)->is_true = i == 1;
            }
            return rc;
        }
    }
    return read_text(reader, NCONF_STRING, token->text, out);
}

static int value_of_token(struct nconf__reader *reader, const struct nconf__token *token,
                          struct nconf_value **out)
{
    int rc = NB_OK;

    switch (token->type) {
    case NCONF__TOKEN_WORD:
        return read_word(reader, token, out);
    case NCONF__TOKEN_STRING:
        return read_text(reader, NCONF_STRING, token->text, out);
    case NCONF__TOKEN_INTEGER:
        rc = nconf__tree_new(reader->tree, NCONF_INTEGER, out, reader->message);
        return rc != NB_OK ? rc
                           : nconf__convert_integer(token->text, &(*out)->integer, reader->message);
    case NCONF__TOKEN_FLOAT:
        rc = nconf__tree_new(reader->tree, NCONF_FLOAT, out, reader->message);
        return rc != NB_OK ? rc
                           : nconf__convert_float(token->text, &(*out)->number, reader->message);
    case NCONF__TOKEN_TIME:
        rc = read_text(reader, NCONF_TIME, token->text, out);
        return rc != NB_OK ? rc
                           : nconf__convert_time(token->text, &(*out)->unix_s, reader->message);
    }
    NB_UNREACHABLE("token type");
}

static int scan_scalar(struct nconf__scan *scan, enum place place, struct nconf__token *out)
{
    uint8_t byte = nconf__scan_byte(scan);

    switch (byte) {
    case '\'':
        return nconf__scan_raw(scan, "Unexpected EOF.", out);
    case '"':
        return nconf__scan_double_quoted(scan, out);
    case '(':
        return nconf__scan_block(scan, out);
    case '.':
        return nconf__scan_fail(scan, "Floats must start with a digit");
    case '\n':
    case '\r':
        return fail_behind(scan, "Expected value but found new line");
    default:
        break;
    }
    if (byte == '-' || nconf__is_digit(byte)) {
        return nconf__scan_number(scan, place == PLACE_ARRAY, out);
    }
    return nconf__scan_bare(scan, nconf__scan_mark(scan), out);
}

static int read_scalar(struct nconf__reader *reader, enum place place, struct nconf_value **out)
{
    struct nconf__token token;
    int rc = scan_scalar(&reader->scan, place, &token);

    if (rc == NB_OK) {
        bool is_variable = token.type == NCONF__TOKEN_WORD && nb_slice_starts(token.text, "$");

        rc = value_of_token(reader, &token, out);
        if (rc == NB_OK) { // a variable is where its name is
            (*out)->at = position(reader, token.line, token.pos + (is_variable ? 1 : 0));
        }
    }
    return rc;
}

static int fail_key_at_end(struct nconf__reader *reader)
{
    struct nb_buf *message = reader->message;

    nconf__say_text(message, "config is invalid (");
    nconf__say(message, reader->file);
    nconf__say_text(message, ":");
    nconf__say_number(message, reader->scan.line);
    nconf__say_text(message, ":");
    nconf__say_number(message, nconf__scan_pos(&reader->scan));
    nconf__say_text(message, ")");
    return NB_EMALFORMED;
}

// The key of an entry has been read: its separator and its value.
static int read_entry(struct nconf__reader *reader, enum place place,
                      const struct nconf__token *key)
{
    struct nconf__scan *scan = &reader->scan;
    struct slice name = key->text;
    struct nconf_value *value;
    bool has_separator;
    int rc;

    nconf__scan_skip_space(scan);
    has_separator = nconf__scan_take(scan, '=') || nconf__scan_take(scan, ':');
    if (place == PLACE_MAP) {
        nconf__scan_skip_space(scan);
        if (nconf__scan_byte(scan) == ',') {
            return nconf__scan_fail(scan, "Unexpected map value terminator \",\".");
        }
        if (nconf__scan_byte(scan) == '}') { // the reference loses the whole map then
            return nconf__scan_fail(scan, "Unexpected map value terminator \"}\".");
        }
    } else if (has_separator) {
        nconf__scan_skip_blanks(scan);
    } else if (nconf__scan_is_end(scan)) {
        return nb_slice_is(name, "}") ? NB_OK : fail_key_at_end(reader);
    }
    rc = read_value(reader, place, &value);
    if (rc == NB_OK) {
        rc = nconf__tree_dup(reader->tree, name, &value->key, reader->message);
    }
    if (rc == NB_OK) {
        value->at = position(reader, key->line, key->pos);
        nconf__scope_put(reader->scope, value);
    }
    return rc;
}

static int check_before_key(struct nconf__scan *scan, enum place place)
{
    uint8_t byte = nconf__scan_byte(scan);

    if (byte == '=' || byte == ':') {
        return nconf__scan_fail_rune(scan, "Unexpected key separator '",
                                     place == PLACE_MAP ? "'." : "'");
    }
    if (place == PLACE_MAP && byte == ']') {
        return nconf__scan_fail(scan, "Unexpected array end ']' processing map.");
    }
    if (place == PLACE_MAP && nconf__scan_is_end(scan)) {
        return nconf__scan_fail(scan, "Unexpected EOF processing map.");
    }
    if (place != PLACE_MAP && byte == '/') { // comments have been skipped
        return nconf__scan_fail(scan, "Unexpected EOF.");
    }
    return NB_OK;
}

static int read_include(struct nconf__reader *reader)
{
    struct nconf__token path;
    int rc = nconf__scan_include_path(&reader->scan, &path);

    return rc == NB_OK ? nconf__include(reader, path.text) : rc;
}

// A key with its value, or an include, and what ends it.
static int read_pair(struct nconf__reader *reader, enum place place, bool *is_closed)
{
    struct nconf__scan *scan = &reader->scan;
    struct nconf__token key;
    bool is_bare;
    int rc = check_before_key(scan, place);

    if (rc == NB_OK) {
        rc = nconf__scan_key(scan, place == PLACE_MAP, &key, &is_bare);
    }
    if (rc != NB_OK) {
        return rc;
    }
    // The environment has no say in which files are read.
    if (is_bare && nb_slice_equal_nocase(key.text, NB_SLICE("include")) &&
        nconf__scan_space(scan) > 0 && !reader->is_environment) {
        rc = read_include(reader);
    } else {
        rc = read_entry(reader, place, &key);
    }
    return rc == NB_OK ? end_value(scan, place, is_closed) : rc;
}

static int read_map_entries(struct nconf__reader *reader)
{
    bool is_closed = false;
    int rc = NB_OK;

    while (rc == NB_OK && !is_closed) {
        skip_space_and_comments(&reader->scan);
        is_closed = nconf__scan_take(&reader->scan, '}');
        if (!is_closed) {
            rc = read_pair(reader, PLACE_MAP, &is_closed);
        }
    }
    return rc;
}

static int read_map(struct nconf__reader *reader, struct nconf_value *map)
{
    struct nconf__scope scope;
    int rc;

    nconf__scope_init(&scope, reader->scope, map);
    reader->scope = &scope;
    rc = read_map_entries(reader);
    if (rc == NB_OK) {
        nconf__scope_finish(&scope);
    }
    reader->scope = scope.outer;
    nconf__scope_fini(&scope);
    return rc;
}

static int read_array(struct nconf__reader *reader, struct nconf_value *array)
{
    struct nconf__scan *scan = &reader->scan;
    struct nconf_value **tail = &array->first;
    bool is_closed = false;
    int rc = NB_OK;

    while (rc == NB_OK && !is_closed) {
        skip_space_and_comments(scan);
        if (nconf__scan_take(scan, ']')) {
            break;
        }
        if (nconf__scan_byte(scan) == ',' || nconf__scan_byte(scan) == '/') {
            return nconf__scan_fail(scan, "Unexpected array value terminator ','.");
        }
        rc = read_value(reader, PLACE_ARRAY, tail);
        if (rc == NB_OK) {
            tail = &(*tail)->next;
            rc = end_value(scan, PLACE_ARRAY, &is_closed);
        }
    }
    if (rc == NB_OK) {
        nconf__tree_sum(array);
    }
    return rc;
}

// Arrays and maps in arrays are where they end.
static int read_container(struct nconf__reader *reader, enum nconf_type type,
                          struct nconf_value **out)
{
    struct nconf_value *value;
    int rc = check_depth(reader, 1);

    if (rc == NB_OK) {
        rc = nconf__tree_new(reader->tree, type, &value, reader->message);
    }
    if (rc != NB_OK) {
        return rc;
    }
    nconf__scan_skip(&reader->scan); // the bracket or brace
    reader->depth++;
    rc = type == NCONF_MAP ? read_map(reader, value) : read_array(reader, value);
    reader->depth--;
    if (rc == NB_OK) {
        value->at = position(reader, reader->scan.line, nconf__scan_pos(&reader->scan));
        *out = value;
    }
    return rc;
}

static int read_value(struct nconf__reader *reader, enum place place, struct nconf_value **out)
{
    switch (nconf__scan_byte(&reader->scan)) {
    case '[':
        return read_container(reader, NCONF_ARRAY, out);
    case '{':
        return read_container(reader, NCONF_MAP, out);
    default:
        return read_scalar(reader, place, out);
    }
}

static int read_top(struct nconf__reader *reader)
{
    struct nconf__scan *scan = &reader->scan;
    size_t open_blocks = 0;
    int rc = NB_OK;

    while (rc == NB_OK) {
        bool is_closed = false;

        skip_space_and_comments(scan);
        if (nconf__scan_is_end(scan)) { // blocks need not be closed
            return scan->has_nul ? nconf__scan_fail(scan, "Unexpected EOF.") : NB_OK;
        }
        if (nconf__scan_take(scan, '{')) {
            open_blocks++;
            continue;
        }
        if (open_blocks > 0 && nconf__scan_take(scan, '}')) {
            is_closed = true;
        } else {
            rc = read_pair(reader, open_blocks > 0 ? PLACE_BLOCK : PLACE_TOP, &is_closed);
        }
        while (rc == NB_OK && is_closed) {
            is_closed = false;
            open_blocks--;
            rc = open_blocks > 0 ? end_inner_block(scan, &is_closed) : NB_OK;
        }
    }
    return rc;
}

int nconf__reader_run(struct nconf__reader *reader, struct slice text, struct nconf_value **out)
{
    struct nconf__scope scope;
    struct nconf_value *map;
    int rc = nconf__tree_charge(reader->tree, text.n, reader->message);

    if (rc == NB_OK) {
        rc = nconf__tree_new(reader->tree, NCONF_MAP, &map, reader->message);
    }
    if (rc != NB_OK) {
        return rc;
    }
    nconf__scope_init(&scope, NULL, map); // no text sees the keys of another
    nconf__scan_init(&reader->scan, text, reader->message);
    reader->scope = &scope;
    rc = read_top(reader);
    if (rc == NB_OK) {
        nconf__scope_finish(&scope);
        *out = map;
    }
    nconf__scan_fini(&reader->scan);
    nconf__scope_fini(&scope);
    return rc;
}

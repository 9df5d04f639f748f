#include <natsd/claims.h>

#include "quoted.h"

#include <natsd/subject.h>

/* "{{name()}}.x.{{tag(t)}}" is cut into parts: literal text has one value, an operation as many as
 * there are. The subjects are all combinations, counted like a number whose last digit moves
 * fastest.
 */
enum {
    SUBJECTS_MAX = 4096,              // of one list (section 12.7)
    TEXT_MAX_BYTES = 4 * 1024 * 1024, // of one list: long tags can't make them without end
    PARTS_MAX = 512,                  // of one subject, literals included
    OPERATION_MAX_BYTES = 256,
};

struct part {
    const struct slice *values;
    size_t count;
    size_t at; // of the combination
};

struct template
{
    struct part parts[PARTS_MAX];
    size_t count;
};

struct expansion {
    const struct nauth_claims *user;
    const struct nauth_claims *account;
    struct nb_arena *arena;
    struct nb_diag *diag;
    bool is_deny; // what can't be expanded is an error, not left out
    struct slice *subjects;
    size_t count;
    size_t room;
    size_t size; // of all texts
};

static int too_much(struct expansion *expansion)
{
    nb_diag_set(expansion->diag, "template expansion exceeds limit: %d", SUBJECTS_MAX);
    return NB_ELIMIT;
}

/* ---- operations ---- */

static int set_values(struct expansion *expansion, struct part *part, const struct slice *values,
                      size_t count)
{
    struct slice *copy = nb_arena_alloc(expansion->arena, count * sizeof(*copy));

    if (copy == NULL) {
        return too_much(expansion);
    }
    memcpy(copy, values, count * sizeof(*copy));
    *part = (struct part){.values = copy, .count = count};
    return NB_OK;
}

// Every x of tags "name:x".
static int set_tags(struct expansion *expansion, struct part *part, const struct nauth_texts *tags,
                    struct slice name)
{
    struct slice *values = nb_arena_alloc(expansion->arena, tags->count * sizeof(*values));
    size_t count = 0;

    if (values == NULL) {
        return too_much(expansion);
    }
    for (size_t i = 0; i < tags->count; i++) {
        struct slice tag = tags->items[i];

        if (tag.n > name.n && tag.p[name.n] == ':' &&
            nb_slice_equal(nb_slice_sub(tag, 0, name.n), name)) {
            values[count++] = nb_slice_sub(tag, name.n + 1, tag.n);
        }
    }
    *part = (struct part){.values = values, .count = count};
    return NB_OK;
}

static bool take_argument(struct slice operation, const char *before, struct slice *argument)
{
    if (!nb_slice_starts(operation, before) || !nb_slice_ends(operation, ")")) {
        return false;
    }
    *argument = nb_slice_sub(operation, strlen(before), operation.n - strlen(before) - 1);
    return true;
}

static int run_operation(struct expansion *expansion, struct slice operation, struct part *part)
{
    const struct nauth_claims *user = expansion->user;
    uint8_t lower[OPERATION_MAX_BYTES];
    struct slice text = nb_slice_make(lower, operation.n);
    struct slice name;

    if (operation.n <= sizeof(lower)) {
        for (size_t i = 0; i < operation.n; i++) {
            bool is_upper = operation.p[i] >= 'A' && operation.p[i] <= 'Z';

            lower[i] = (uint8_t)(operation.p[i] + (is_upper ? 'a' - 'A' : 0));
        }
        if (nb_slice_is(text, "name()")) {
            return set_values(expansion, part, &user->name, 1);
        }
        if (nb_slice_is(text, "subject()")) {
            return set_values(expansion, part, &user->subject, 1);
        }
        if (nb_slice_is(text, "account-name()")) {
            return set_values(expansion, part, &expansion->account->name, 1);
        }
        if (nb_slice_is(text, "account-subject()")) {
            return set_values(expansion, part, &user->user.issuer_account, 1);
        }
        if (take_argument(text, "tag(", &name)) {
            return set_tags(expansion, part, &user->tags, name);
        }
        if (take_argument(text, "account-tag(", &name)) {
            return set_tags(expansion, part, &expansion->account->tags, name);
        }
    }
    nauth__diag_quoted(expansion->diag, "template operation ", operation, " is not defined");
    return NB_EMALFORMED;
}

/* ---- taking apart ---- */

// The first "{{...}}" with something and no "}" inside. False: there is none.
static bool find_operation(struct slice text, size_t *start, struct slice *operation)
{
    for (size_t i = nb_slice_find(text, NB_SLICE("{{")); i + 2 < text.n;) {
        struct slice inside = nb_slice_sub(text, i + 2, text.n);
        size_t n = nb_slice_find_byte(inside, '}');

        if (n > 0 && n + 1 < inside.n && inside.p[n + 1] == '}') {
            *start = i;
            *operation = nb_slice_sub(inside, 0, n);
            return true;
        }
        i++;
        i += nb_slice_find(nb_slice_sub(text, i, text.n), NB_SLICE("{{"));
    }
    return false;
}

static int add_literal(struct expansion *expansion, struct template *template, struct slice text)
{
    if (text.n == 0) {
        return NB_OK;
    }
    if (template->count == PARTS_MAX) {
        return too_much(expansion);
    }
    return set_values(expansion, &template->parts[template->count++], &text, 1);
}

static int take_apart(struct expansion *expansion, struct slice item, struct template *template)
{
    struct slice operation;
    size_t start;
    int rc = NB_OK;

    template->count = 0;
    while (rc == NB_OK && find_operation(item, &start, &operation)) {
        rc = add_literal(expansion, template, nb_slice_sub(item, 0, start));
        item = nb_slice_sub(item, start + operation.n + 4, item.n);
        if (rc == NB_OK && template->count == PARTS_MAX) {
            rc = too_much(expansion);
        }
        if (rc == NB_OK) {
            rc = run_operation(expansion, nb_slice_trim(operation),
                               &template->parts[template->count++]);
        }
    }
    return rc < 0 ? rc : add_literal(expansion, template, item);
}

/* ---- putting together ---- */

static int add_subject(struct expansion *expansion, struct slice subject)
{
    if (expansion->count == SUBJECTS_MAX || subject.n > TEXT_MAX_BYTES - expansion->size) {
        return too_much(expansion);
    }
    if (expansion->count == expansion->room) {
        expansion->room = expansion->room == 0 ? 16 : 2 * expansion->room;
        expansion->subjects =
            nb_realloc(expansion->subjects, expansion->room * sizeof(*expansion->subjects));
    }
    expansion->size += subject.n;
    expansion->subjects[expansion->count++] = subject;
    return NB_OK;
}

// False when all combinations have been.
static bool next_combination(struct template *template)
{
    for (size_t i = template->count; i-- > 0;) {
        struct part *part = &template->parts[i];

        if (++part->at < part->count) {
            return true;
        }
        part->at = 0;
    }
    return false;
}

static int drop(struct expansion *expansion, struct slice what)
{
    if (!expansion->is_deny) {
        return NB_OK;
    }
    nauth__diag_quoted(expansion->diag, "generated invalid subject ", what, "");
    return NB_EMALFORMED;
}

static int add_combination(struct expansion *expansion, const struct template *template)
{
    struct slice subject;
    struct nb_buf text;
    int rc = NB_OK;

    nb_buf_init(&text, TEXT_MAX_BYTES);
    for (size_t i = 0; i < template->count && rc == NB_OK; i++) {
        rc = nb_buf_append(&text, template->parts[i].values[template->parts[i].at]);
    }
    subject = nb_buf_slice(&text);
    if (rc < 0) {
        rc = too_much(expansion);
    } else if (!nsub_subject_is_valid(subject)) {
        rc = drop(expansion, subject);
    } else {
        subject = nb_arena_dup(expansion->arena, subject);
        rc = subject.p != NULL ? add_subject(expansion, subject) : too_much(expansion);
    }
    nb_buf_fini(&text);
    return rc;
}

static int expand_item(struct expansion *expansion, struct slice item, struct template *template)
{
    size_t combinations = 1;
    int rc = take_apart(expansion, item, template);

    for (size_t i = 0; i < template->count && rc == NB_OK; i++) {
        if (template->parts[i].count == 0) { // a tag that isn't there
            return drop(expansion, item);
        }
        if (template->parts[i].count > SUBJECTS_MAX / combinations) {
            rc = too_much(expansion);
        }
        combinations *= template->parts[i].count;
    }
    if (rc < 0) {
        return rc;
    }
    do {
        rc = add_combination(expansion, template);
    } while (rc == NB_OK && next_combination(template));
    return rc;
}

static bool has_operation(const struct nauth_texts *list)
{
    struct slice operation;
    size_t start;

    for (size_t i = 0; i < list->count; i++) {
        if (find_operation(list->items[i], &start, &operation)) {
            return true;
        }
    }
    return false;
}

static int keep(struct expansion *expansion, struct nauth_texts *list)
{
    struct slice *items = nb_arena_alloc(expansion->arena, expansion->count * sizeof(*items));

    if (items == NULL) {
        return too_much(expansion);
    }
    if (expansion->count > 0) {
        memcpy(items, expansion->subjects, expansion->count * sizeof(*items));
    }
    *list = (struct nauth_texts){.items = items, .count = expansion->count};
    return NB_OK;
}

static int expand_list(struct expansion *expansion, struct nauth_texts *list, bool is_deny)
{
    struct template *template;
    struct slice operation;
    size_t start;
    int rc = NB_OK;

    if (!has_operation(list)) {
        return NB_OK;
    }
    template = nb_alloc(sizeof(*template));
    expansion->is_deny = is_deny;
    expansion->count = 0;
    expansion->size = 0;
    for (size_t i = 0; i < list->count && rc == NB_OK; i++) {
        struct slice item = list->items[i];

        rc = find_operation(item, &start, &operation) ? expand_item(expansion, item, template)
                                                      : add_subject(expansion, item);
    }
    nb_free(template);
    return rc == NB_OK ? keep(expansion, list) : rc;
}

// An allow list of which nothing is left must not become one that isn't there.
static int expand_pair(struct expansion *expansion, struct nauth_texts *allow,
                       struct nauth_texts *deny)
{
    bool had_allow = allow->count > 0;
    struct slice *items;
    int rc = expand_list(expansion, allow, false);

    if (rc == NB_OK) {
        rc = expand_list(expansion, deny, true);
    }
    if (rc < 0 || !had_allow || allow->count > 0) {
        return rc;
    }
    items = nb_arena_alloc(expansion->arena, (deny->count + 1) * sizeof(*items));
    if (items == NULL) {
        return too_much(expansion);
    }
    if (deny->count > 0) {
        memcpy(items, deny->items, deny->count * sizeof(*items));
    }
    items[deny->count] = NB_SLICE(">");
    *deny = (struct nauth_texts){.items = items, .count = deny->count + 1};
    return NB_OK;
}

int nauth_scope_permissions(const struct nauth_signing_key *scope, const struct nauth_claims *user,
                            const struct nauth_claims *account, struct nb_arena *arena,
                            struct nauth_permissions *out, struct nb_diag *diag)
{
    struct nauth_permissions permissions = scope->scope.permissions;
    struct expansion expansion = {.user = user, .account = account, .arena = arena, .diag = diag};
    int rc = expand_pair(&expansion, &permissions.publish_allow, &permissions.publish_deny);

    if (rc == NB_OK) {
        rc = expand_pair(&expansion, &permissions.subscribe_allow, &permissions.subscribe_deny);
    }
    nb_free(expansion.subjects);
    if (rc == NB_OK) {
        *out = permissions;
    }
    return rc;
}

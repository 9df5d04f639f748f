#include "rule_list.h"

#include <natsd/hash.h>
#include <natsd/subject.h>

#include <assert.h>

enum {
    NODE_ROOT = 0,
    NODE_WHOLE = 1, // where the edges of literal subjects come from
    NODE_FIRST = 2,
};

/* ---- one rule ---- */

// Is a queue of this name among those of the pattern? As the reference has it: a ">" at the end
// stands for anything, also for names that are no subjects.
static bool queue_matches(struct slice queue, struct slice pattern)
{
    struct slice wanted;
    struct slice token;

    if (nb_slice_equal(queue, pattern)) {
        return true;
    }
    while (nsub_subject_take_token(&pattern, &wanted)) {
        bool has_token = nsub_subject_take_token(&queue, &token);

        if (!has_token) {
            return false;
        }
        if (nb_slice_equal(wanted, NB_SLICE(">"))) {
            return true;
        }
        if (nb_slice_equal(wanted, NB_SLICE("*"))
                ? token.n == 0 || nb_slice_equal(token, NB_SLICE(">"))
                : !nb_slice_equal(token, wanted)) {
            return false;
        }
    }
    return !nsub_subject_take_token(&queue, &token);
}

static unsigned hit_of(const struct nauth__rule *rule, struct slice queue)
{
    if (rule->queue.n == 0) {
        return NAUTH__HIT_PLAIN;
    }
    return queue.n > 0 && queue_matches(queue, rule->queue) ? NAUTH__HIT_QUEUE : NAUTH__HIT_OTHER;
}

static bool rule_matches(const struct nauth__rule *rule, struct slice subject)
{
    size_t n = rule->prefix_bytes;

    if (rule->is_literal ? subject.n != n : subject.n <= n) {
        return false;
    }
    if (n > 0 && (subject.p[0] != rule->subject.p[0] || // most differ here
                  memcmp(subject.p, rule->subject.p, n) != 0)) {
        return false;
    }
    return rule->is_literal ||
           nsub_subject_matches(nb_slice_make(subject.p + n, subject.n - n),
                                nb_slice_make(rule->subject.p + n, rule->subject.n - n));
}

static void measure(struct nauth__rule *rule)
{
    struct slice rest = rule->subject;
    struct slice token;

    rule->prefix_bytes = rule->subject.n;
    rule->is_literal = true;
    while (nsub_subject_take_token(&rest, &token)) {
        if (nb_slice_equal(token, NB_SLICE("*")) || nb_slice_equal(token, NB_SLICE(">"))) {
            rule->prefix_bytes = (size_t)(token.p - rule->subject.p);
            rule->is_literal = false;
            return;
        }
    }
}

/* ---- making it ---- */

struct builder {
    struct nauth__rule_list *list;
    uint32_t node_count;
};

// The edge, or the free slot where it belongs. At most half of the slots are in use.
static struct nauth__rule_edge *find_edge(const struct nauth__rule_list *list, uint32_t from,
                                          struct slice token)
{
    size_t slot = (size_t)nb_hash(token, list->seed + from) & list->edge_mask;

    while (list->edges[slot].to != 0 &&
           (list->edges[slot].from != from || !nb_slice_equal(list->edges[slot].token, token))) {
        slot = (slot + 1) & list->edge_mask;
    }
    return &list->edges[slot];
}

static uint32_t follow(struct builder *build, uint32_t from, struct slice token)
{
    struct nauth__rule_edge *edge = find_edge(build->list, from, token);

    if (edge->to == 0) {
        *edge = (struct nauth__rule_edge){.token = token, .from = from, .to = build->node_count++};
    }
    return edge->to;
}

static uint32_t follow_star(struct builder *build, uint32_t from)
{
    struct nauth__rule_node *node = &build->list->nodes[from];

    if (node->star == 0) {
        node->star = build->node_count++;
    }
    return node->star;
}

static void push(const struct nauth__rule **chain, struct nauth__rule *rule)
{
    rule->next = *chain;
    *chain = rule;
}

static void add_pattern(struct builder *build, struct nauth__rule *rule)
{
    struct slice rest = rule->subject;
    struct slice token;
    uint32_t node = NODE_ROOT;

    while (nsub_subject_take_token(&rest, &token)) {
        if (nb_slice_equal(token, NB_SLICE(">"))) { // valid: the last one
            push(&build->list->nodes[node].tail, rule);
            return;
        }
        node = nb_slice_equal(token, NB_SLICE("*")) ? follow_star(build, node)
                                                    : follow(build, node, token);
    }
    push(&build->list->nodes[node].here, rule);
}

static bool is_scanned(const struct nauth__rule *rule)
{
    return !rule->is_literal && nsub_subject_token_count(rule->subject) > NAUTH__RULE_TOKENS_MAX;
}

// Brings the scanned rules to the front; returns how many tokens the others have at most.
static size_t part(struct nauth__rule_list *list, struct nauth__rule *rules)
{
    size_t tokens = 0;

    for (size_t i = 0; i < list->count; i++) {
        if (is_scanned(&rules[i])) {
            struct nauth__rule rule = rules[i];

            rules[i] = rules[list->scanned_count];
            rules[list->scanned_count++] = rule;
        } else {
            tokens += rules[i].is_literal ? 1 : nsub_subject_token_count(rules[i].subject);
        }
    }
    return tokens;
}

static void make_nodes(struct nauth__rule_list *list, struct nauth__rule *rules)
{
    size_t tokens = part(list, rules);
    struct builder build = {.list = list, .node_count = NODE_FIRST};
    size_t slots = 4;

    assert(tokens < UINT32_MAX - NODE_FIRST);
    while (slots < 2 * tokens) {
        slots *= 2;
    }
    list->nodes = nb_calloc(tokens + NODE_FIRST, sizeof(*list->nodes));
    list->edges = nb_calloc(slots, sizeof(*list->edges));
    list->edge_mask = slots - 1;
    for (size_t i = list->scanned_count; i < list->count; i++) {
        if (rules[i].is_literal) {
            push(&list->nodes[follow(&build, NODE_WHOLE, rules[i].subject)].here, &rules[i]);
        } else {
            add_pattern(&build, &rules[i]);
            list->has_patterns = true;
        }
    }
}

void nauth__rule_list_init(struct nauth__rule_list *list, struct nauth__rule *rules, size_t count)
{
    *list =
        (struct nauth__rule_list){.rules = rules, .count = count, .seed = nb_hash_process_seed()};
    for (size_t i = 0; i < count; i++) {
        measure(&rules[i]);
    }
    if (count <= NAUTH__RULES_SCANNED_MAX) {
        list->scanned_count = count;
    } else {
        make_nodes(list, rules);
    }
}

void nauth__rule_list_fini(struct nauth__rule_list *list)
{
    nb_free(list->nodes);
    nb_free(list->edges);
}

/* ---- asking it ---- */

struct question {
    struct slice queue;
    unsigned stop;
    unsigned hits;
};

static bool visit(struct question *question, const struct nauth__rule *rule) // false: enough
{
    for (; rule != NULL && (question->hits & question->stop) == 0; rule = rule->next) {
        question->hits |= hit_of(rule, question->queue);
    }
    return (question->hits & question->stop) == 0;
}

// A way through the nodes that is still to be tried.
struct branch {
    uint32_t node;
    struct slice rest;
    bool has_rest;
};

// Cuts the first token off; the subject has no empty ones.
static struct slice next_token(struct branch *at)
{
    const uint8_t *dot = memchr(at->rest.p, '.', at->rest.n);
    struct slice token = at->rest;

    if (dot == NULL) {
        at->has_rest = false;
        return token;
    }
    token.n = (size_t)(dot - token.p);
    at->rest = nb_slice_make(dot + 1, at->rest.n - token.n - 1);
    return token;
}

// One way to its end; what branches off is put on the stack. At most one branch for each token
// of a pattern waits there.
static bool walk(const struct nauth__rule_list *list, struct question *question, struct branch at,
                 struct branch *stack, size_t *depth)
{
    while (at.has_rest) {
        const struct nauth__rule_node *node = &list->nodes[at.node];
        struct slice token = next_token(&at);
        uint32_t next = find_edge(list, at.node, token)->to;

        if (!visit(question, node->tail)) {
            return false;
        }
        if (next != 0 && node->star != 0) {
            assert(*depth < NAUTH__RULE_TOKENS_MAX);
            stack[*depth] = at;
            stack[(*depth)++].node = node->star;
        }
        at.node = next != 0 ? next : node->star;
        if (at.node == 0) {
            return true;
        }
    }
    return visit(question, list->nodes[at.node].here);
}

static bool has_empty_token(struct slice subject)
{
    bool was_dot = true;

    for (size_t i = 0; i < subject.n; i++) {
        bool is_dot = subject.p[i] == '.';

        if (is_dot && was_dot) {
            return true;
        }
        was_dot = is_dot;
    }
    return was_dot;
}

static void ask_nodes(const struct nauth__rule_list *list, struct slice subject,
                      struct question *question)
{
    struct branch stack[NAUTH__RULE_TOKENS_MAX];
    size_t depth = 0;
    uint32_t whole = find_edge(list, NODE_WHOLE, subject)->to;

    if ((whole != 0 && !visit(question, list->nodes[whole].here)) || !list->has_patterns ||
        has_empty_token(subject)) { // which no pattern matches
        return;
    }
    stack[depth++] = (struct branch){.node = NODE_ROOT, .rest = subject, .has_rest = true};
    while (depth > 0) {
        depth--;
        if (!walk(list, question, stack[depth], stack, &depth)) {
            return;
        }
    }
}

unsigned nauth__rule_list_ask(const struct nauth__rule_list *list, struct slice subject,
                              struct slice queue, unsigned stop)
{
    struct question question = {.queue = queue, .stop = stop};

    for (size_t i = 0; i < list->scanned_count; i++) {
        if (rule_matches(&list->rules[i], subject)) {
            question.hits |= hit_of(&list->rules[i], queue);
            if ((question.hits & stop) != 0) {
                return question.hits;
            }
        }
    }
    if (list->nodes != NULL) {
        ask_nodes(list, subject, &question);
    }
    return question.hits;
}

bool nauth__rule_list_overlaps(const struct nauth__rule_list *list, struct slice subject,
                               struct slice queue)
{
    for (size_t i = 0; i < list->count; i++) {
        const struct nauth__rule *rule = &list->rules[i];

        if (nsub_subject_collides(subject, rule->subject) &&
            hit_of(rule, queue) != NAUTH__HIT_OTHER) {
            return true;
        }
    }
    return false;
}

#include "complete.h"

#include "command.h"
#include "output.h"

static void offer(const char *before, const char *value, const char *description,
                  struct slice begun)
{
    char *text;
    struct nb_buf buf;

    nb_buf_init(&buf, 4096);
    nb_buf_must_format(&buf, "%s%s", before, value);
    text = nb_slice_cstr(nb_buf_slice(&buf));
    if (nb_slice_equal(nb_slice_sub(nb_slice_of(text), 0, begun.n), begun)) {
        output_format("%s\t%s\n", text, description);
    }
    nb_free(text);
    nb_buf_fini(&buf);
}

static void offer_options(const struct args_option *options, size_t count, struct slice begun)
{
    for (size_t i = 0; i < count; i++) {
        offer("--", options[i].name, options[i].help, begun);
        if (options[i].can_negate) {
            offer("--no-", options[i].name, options[i].help, begun);
        }
    }
}

static void offer_words(const char *words, struct slice begun)
{
    struct slice rest = nb_slice_of(words);
    struct slice word;

    while (nb_slice_take_field(&rest, '|', &word)) {
        char *text = nb_slice_cstr(word);

        offer("", text, "", begun);
        nb_free(text);
    }
}

static const struct args_option *find_option(const struct args_option *options, size_t count,
                                             const char *word)
{
    for (size_t i = 0; i < count; i++) {
        bool is_long = strncmp(word, "--", 2) == 0 && strcmp(word + 2, options[i].name) == 0;
        bool is_short =
            word[0] == '-' && word[1] == options[i].letter && word[1] != '\0' && word[2] == '\0';

        if (is_long || is_short) {
            return &options[i];
        }
    }
    return NULL;
}

static const struct command *find_child(const struct command *command, const char *word)
{
    for (const struct command *const *it = command->children; it != NULL && *it != NULL; it++) {
        if (strcmp((*it)->name, word) == 0 ||
            ((*it)->alias != NULL && strcmp((*it)->alias, word) == 0)) {
            return *it;
        }
    }
    return NULL;
}

// The option of this word that takes a value, or NULL.
static const struct args_option *find_valued(const struct command *command,
                                             const struct command *group, const char *word)
{
    const struct args_option *option = find_option(command->options, command->option_count, word);

    if (option == NULL && group != NULL) {
        option = find_option(group->options, group->option_count, word);
    }
    if (option == NULL) {
        option = find_option(global_options, GLOBAL_COUNT, word);
    }
    return option != NULL && option->kind != ARGS_SWITCH ? option : NULL;
}

void complete_print(unsigned index, int word_count, char *const *words)
{
    const struct command *command = &command_root;
    const struct command *group = NULL;      // with options for all below it
    const struct args_option *valued = NULL; // its value is next
    struct slice begun = {0};

    for (unsigned i = 1; i < index && i < (unsigned)word_count; i++) {
        const struct command *child;

        if (valued != NULL) {
            valued = NULL;
            continue;
        }
        valued = find_valued(command, group, words[i]);
        child = valued == NULL ? find_child(command, words[i]) : NULL;
        command = child != NULL ? child : command;
        group = child != NULL && child->children != NULL && child->option_count > 0 ? child : group;
    }
    if (index < (unsigned)word_count) {
        begun = nb_slice_of(words[index]);
    }
    if (valued != NULL) {
        if (valued->kind == ARGS_CHOICE) {
            offer_words(valued->value, begun);
        }
        return; // the shell may offer files
    }
    if (nb_slice_starts(begun, "-")) {
        offer_options(command->options, command->option_count, begun);
        if (group != NULL && group != command) {
            offer_options(group->options, group->option_count, begun);
        }
        offer_options(global_options, GLOBAL_COUNT, begun);
        return;
    }
    for (const struct command *const *it = command->children; it != NULL && *it != NULL; it++) {
        offer("", (*it)->name, (*it)->purpose, begun);
    }
}

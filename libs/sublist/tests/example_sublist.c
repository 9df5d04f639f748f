#include <natsd/trie.h>

#include <stdio.h>

int main(void)
{
    struct nsub_trie *trie = nsub_trie_create();
    struct nsub_sub all = {.subject = NB_SLICE("orders.>"), .weight = 1};
    // Of the queue "billing", whose name stands right behind the subject.
    struct nsub_sub worker = {
        .subject = nb_slice_make("orders.*.newbilling", 12), .queue_size = 7, .weight = 1};
    struct nsub_result *result;

    if (nsub_trie_insert(trie, &all) < 0 || nsub_trie_insert(trie, &worker) < 0) {
        return 1;
    }
    result = nsub_trie_match(trie, NB_SLICE("orders.eu.new"));
    printf("%u plain, one of %u in \"%.*s\"\n", result->plain_count, result->groups[0].member_count,
           NB_SLICE_ARGS(result->groups[0].queue));
    nsub_result_free(result);
    nsub_trie_destroy(&trie);
    return 0;
}

#include "mailbox.h"

struct nnet_task *nnet__mailbox_take(struct nnet__mailbox *mailbox)
{
    struct nnet_task *newest =
        atomic_exchange_explicit(&mailbox->newest, NULL, memory_order_acquire);
    struct nnet_task *oldest = NULL;

    while (newest != NULL) { // the stack has the newest on top
        struct nnet_task *next = newest->next;

        newest->next = oldest;
        oldest = newest;
        newest = next;
    }
    return oldest;
}

#include "clients/sender.h"

#include "lifecycle/state.h"

struct nserver__sender nserver__sender_in(const struct nserver__sender *sender,
                                          struct nserver__account *account)
{
    struct nserver__sender other = *sender;

    other.account = account;
    other.trace = NULL;
    other.view = nserver__account_view_of(account, sender->worker->index);
    return other;
}

struct nserver__sender nserver__sender_of_server(struct nserver__worker *worker,
                                                 struct nserver__account *account)
{
    return (struct nserver__sender){
        .worker = worker,
        .account = account,
        .view = nserver__account_view_of(account, worker->index),
    };
}

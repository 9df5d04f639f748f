#include "transport.h"

enum nnet__io nnet__tls_read(struct nnet_conn *conn NB_UNUSED)
{
    NB_UNREACHABLE("no connection has a transport");
}

enum nnet__io nnet__tls_write(struct nnet_conn *conn NB_UNUSED)
{
    NB_UNREACHABLE("no connection has a transport");
}

void nnet__tls_close(struct nnet_conn *conn NB_UNUSED)
{
}

void nnet__tls_stop(struct nnet_conn *conn NB_UNUSED)
{
}

void nnet__tls_free(struct nnet_conn *conn NB_UNUSED)
{
}

/* Whatever a URL list parses to, its labels parse to the same places again, and nothing of a
 * user comes into a label. The second half of the input is what a server tells.
 */
#include "pool.h"

#include <assert.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check_server(const struct nclient__server *server)
{
    struct nclient__url again = {0};
    int rc = nclient__url_parse(nb_slice_of(server->label), &again, NULL);

    assert(rc == NB_OK);
    assert(strcmp(again.host, server->url.host) == 0);
    assert(again.port == server->url.port && again.is_tls == server->url.is_tls);
    assert(again.user == NULL && again.password == NULL && again.token == NULL);
    nclient__url_fini(&again);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct slice input = nb_slice_make(data, size);
    size_t half = nb_slice_find_byte(input, '\n');
    struct slice told = nb_slice_sub(input, half + 1, size);
    char *urls = nb_slice_cstr(nb_slice_sub(input, 0, half));
    struct slice list[16];
    size_t count = 0;
    struct nclient__pool pool;

    if (nclient__pool_init(&pool, urls, NULL) == NB_OK) {
        while (count < NB_ARRAY_LEN(list) && nb_slice_take_field(&told, ',', &list[count])) {
            count++;
        }
        nclient__pool_discover(&pool, list, count, NULL);
        for (size_t i = 0; i < pool.count; i++) {
            check_server(pool.servers[i]);
        }
        nclient__pool_fini(&pool);
    }
    nb_free(urls);
    return 0;
}

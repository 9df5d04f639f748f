#include <natsd/conf.h>

#include <stdio.h>

int main(void)
{
    struct slice text = NB_SLICE("port: 4222\ncluster { name: east, limit: 8KB }\n");
    struct nconf_doc doc = {0};
    struct nb_buf message;
    char digest[NCONF_DIGEST_BYTES + 1];

    nb_buf_init(&message, NCONF_MESSAGE_MAX_BYTES);
    if (nconf_parse_text(&nconf_source_system, "my.conf", text, &doc, &message) != NB_OK) {
        fprintf(stderr, "%.*s\n", NB_SLICE_ARGS(nb_buf_slice(&message)));
        nb_buf_fini(&message);
        return 1;
    }
    const struct nconf_value *limit = nconf_find(nconf_find(doc.root, "cluster"), "LIMIT");
    int64_t bytes = 0;
    struct nb_diag diag;

    if (nconf_read_integer(limit, &bytes, &diag) != NB_OK) {
        fprintf(stderr, "line %u: %s\n", limit->at.line, diag.text);
    }
    nconf_digest(&doc, digest);
    printf("%lld bytes, %s\n", (long long)bytes, digest);
    nconf_doc_fini(&doc);
    nb_buf_fini(&message);
    return bytes == 8192 ? 0 : 1;
}

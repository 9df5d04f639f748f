/* read_urls.c - URLs of other servers in lists (spec 02 sections 4.10, 4.12 and 4.13). */
#include "options/read_block.h"

static void add_url(struct reading *r, const struct nserver_url *url, struct nserver__url_list out)
{
    *out.urls = nserver__keep_one_more(r, *out.urls, *out.count, sizeof(*url));
    (*out.urls)[(*out.count)++] = *url;
}

static bool is_there(const struct nserver_url *url, struct nserver__url_list list)
{
    for (size_t i = 0; i < *list.count; i++) {
        if (strcmp((*list.urls)[i].text, url->text) == 0) {
            return true;
        }
    }
    return false;
}

static bool parse_url(struct reading *r, const struct nconf_value *value, const char *what,
                      struct nserver_url *out)
{
    struct nb_diag diag;
    struct slice text;

    if (nconf_read_string(value, &text, &diag) != NB_OK) {
        nserver__read_error(r, value, "%s", diag.text);
        return false;
    }
    if (nserver_options_read_url(r->opts, text, out, NULL) != NB_OK) {
        nserver__read_error(r, value, "error parsing %s url [%s]", what,
                            nserver__quoted_url(r, text));
        return false;
    }
    return true;
}

void nserver__read_url(struct reading *r, const struct nconf_value *value, const char *what,
                       struct nserver__url_list out)
{
    struct nserver_url url;

    if (parse_url(r, value, what, &url)) {
        add_url(r, &url, out);
    }
}

void nserver__read_urls(struct reading *r, const struct nconf_value *value, const char *what,
                        struct nserver__url_list out)
{
    struct nserver_url url;
    struct nb_diag diag;

    if (nconf_expect(value, NCONF_ARRAY, &diag) != NB_OK) {
        nserver__read_error(r, value, "%s", diag.text);
        return;
    }
    *out.urls = NULL;
    *out.count = 0;
    for (const struct nconf_value *item = value->first; item != NULL; item = item->next) {
        if (!parse_url(r, item, what, &url)) {
            continue;
        }
        if (is_there(&url, out)) {
            nserver__read_warning(r, item, "invalid use of field %s: Duplicate %s entry detected",
                                  nserver__quoted_url(r, item->text), what);
        } else {
            add_url(r, &url, out);
        }
    }
}

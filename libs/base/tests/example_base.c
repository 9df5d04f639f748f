// Reads a JSON text, checks a duration in it and writes an answer.
#include <natsd/duration.h>
#include <natsd/json_reader.h>
#include <natsd/json_writer.h>

#include <stdio.h>

int main(void)
{
    struct nb_json_doc doc = {0};
    struct nb_diag diag = {""};
    struct nb_json_writer json;
    struct nb_buf out;
    int64_t ttl_ns = 0;
    int rc = nb_json_parse(NB_SLICE("{\"ttl\":\"1h30m\"}"), 4096, &doc, &diag);

    if (rc == NB_OK) {
        rc = nb_duration_parse(nb_json_get(doc.root, "ttl")->text, &ttl_ns, &diag);
    }
    nb_buf_init(&out, 1024);
    nb_json_begin(&json, &out, NB_JSON_COMPACT);
    nb_json_object(&json);
    nb_json_put_text(&json, "status", rc == NB_OK ? "ok" : diag.text);
    nb_json_put_i64(&json, "ttl_s", ttl_ns / 1000000000);
    nb_json_object_end(&json);
    rc = nb_json_end(&json);
    printf("%.*s\n", NB_SLICE_ARGS(nb_buf_slice(&out))); // {"status":"ok","ttl_s":5400}
    nb_buf_fini(&out);
    nb_json_doc_fini(&doc);
    return rc == NB_OK ? 0 : 1;
}

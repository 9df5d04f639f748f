/* A zone's file, or a rule alone, of any bytes is refused or says of any time how far it is from
 * UTC, and that is less than the largest that can be written.
 */
#include "zone.h"
#include "zone_rule.h"

#include <assert.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum {
    OFFSET_MAX_S = 168 * 3600 + 3600, // hours of a rule, and one for summer
};

static const int64_t times[] = {
    INT64_C(-62135596800), -1, 0, 951782400, 1700000000, 1709164800, INT64_C(4102444800),
    INT64_C(253402300799)};

static void ask_rule(struct slice text)
{
    struct nauth__zone_rule rule;

    if (nauth__zone_rule_parse(text, &rule) < 0) {
        return;
    }
    for (size_t i = 0; i < NB_ARRAY_LEN(times); i++) {
        int64_t offset = nauth__zone_rule_offset(&rule, times[i]);

        assert(offset == rule.standard_offset_s ||
               (rule.has_summer && offset == rule.summer_offset_s));
        assert(offset >= -OFFSET_MAX_S && offset <= OFFSET_MAX_S);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct slice input = nb_slice_make(data, size);
    struct nauth__zone zone;

    ask_rule(input);
    if (nauth__zone_parse(input, &zone) < 0) {
        return 0;
    }
    ask_rule(zone.rule);
    for (size_t i = 0; i < NB_ARRAY_LEN(times); i++) {
        int64_t offset;

        if (nauth__zone_offset(&zone, times[i], &offset) == NB_OK) {
            assert(offset >= -OFFSET_MAX_S && offset <= OFFSET_MAX_S);
        }
    }
    return 0;
}

#include "subject_cover.h"

#include <natsd/memory.h>
#include <natsd/subject.h>

enum {
    SMALL_MAX = 64,
};

void nauth__subject_cover_init(struct nauth__subject_cover *cover, const struct slice *subjects,
                               size_t count)
{
    size_t used = 0;

    *cover = (struct nauth__subject_cover){.is_small = count <= SMALL_MAX};
    if (cover->is_small) {
        return;
    }
    cover->rules = nb_calloc(count, sizeof(*cover->rules));
    cover->numbers = nb_calloc(count, sizeof(*cover->numbers));
    for (size_t i = 0; i < count; i++) {
        char *number = cover->numbers[i];

        if (nsub_subject_is_insertable(subjects[i])) {
            cover->rules[used++] = (struct nauth__rule){
                .subject = subjects[i],
                .queue = nb_slice_make(number, nb_format_u64(i, number)),
            };
        }
    }
    nauth__rule_list_init(&cover->list, cover->rules, used);
}

void nauth__subject_cover_fini(struct nauth__subject_cover *cover)
{
    nauth__rule_list_fini(&cover->list);
    nb_free(cover->numbers);
    nb_free(cover->rules);
}

bool nauth__subject_cover_may_have(const struct nauth__subject_cover *cover, struct slice subject,
                                   size_t index)
{
    char number[NB_U64_TEXT_MAX_BYTES];
    struct slice queue = nb_slice_make(number, nb_format_u64(index, number));

    return cover->is_small ||
           (nauth__rule_list_ask(&cover->list, subject, queue, NAUTH__HIT_OTHER) &
            NAUTH__HIT_OTHER) != 0;
}

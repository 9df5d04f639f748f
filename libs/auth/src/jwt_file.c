#include <natsd/jwt.h>

enum {
    DASHES_MIN = 3, // at each end of a line that frames
};

static bool is_frame(struct slice line)
{
    return line.n >= (size_t)2 * DASHES_MIN && nb_slice_starts(line, "---") &&
           nb_slice_ends(line, "---");
}

static bool is_body(struct slice line)
{
    for (size_t i = 0; i < line.n; i++) {
        uint8_t byte = line.p[i];
        bool is_letter = (byte >= 'A' && byte <= 'Z') || (byte >= 'a' && byte <= 'z') ||
                         (byte >= '0' && byte <= '9');

        if (!is_letter && byte != '_' && byte != '.' && byte != '=' && byte != '-') {
            return false;
        }
    }
    return line.n > 0;
}

struct slice nauth_jwt_of_file(struct slice text)
{
    struct slice rest = text;
    struct slice before_last = {NULL, 0};
    struct slice last = {NULL, 0};
    struct slice line;

    while (nb_slice_take_line(&rest, &line)) {
        if (is_frame(before_last) && is_body(last) && is_frame(line)) {
            return last;
        }
        before_last = last;
        last = line;
    }
    return nb_slice_trim(text);
}

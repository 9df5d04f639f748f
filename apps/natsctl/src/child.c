#include "child.h"

#include <natsd/number.h>
#include <natsd/subject.h>

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

extern char **environ;

enum {
    WORD_MAX_BYTES = 128 * 1024, // what the system takes as one argument
    READ_BYTES = 16 * 1024,
};

// -- words -----------------------------------------------------------------------------------

// One word at *at, which moves behind it. False for an open quote or one too long.
static bool take_word(const char **at, struct nb_buf *word)
{
    char quote = '\0';

    for (; **at != '\0' && (quote != '\0' || strchr(" \t\n", **at) == NULL); (*at)++) {
        char c = **at;

        if (quote == '\0' && (c == '"' || c == '\'')) {
            quote = c;
        } else if (c == quote) {
            quote = '\0';
        } else {
            if (c == '\\' && quote != '\'' && (*at)[1] != '\0') {
                c = *++*at;
            }
            if (nb_buf_append(word, nb_slice_make(&c, 1)) != NB_OK) {
                return false;
            }
        }
    }
    return quote == '\0';
}

int child_split(const char *command, char ***words)
{
    char **list = nb_calloc(CHILD_WORDS_MAX + 1, sizeof(*list));
    size_t count = 0;
    struct nb_buf word;
    int rc = NB_OK;

    nb_buf_init(&word, WORD_MAX_BYTES);
    while (rc == NB_OK) {
        command += strspn(command, " \t\n");
        if (*command == '\0') {
            break;
        }
        nb_buf_clear(&word);
        if (!take_word(&command, &word)) {
            rc = NB_EMALFORMED;
        } else if (count == CHILD_WORDS_MAX) {
            rc = NB_ELIMIT;
        } else {
            list[count++] = nb_slice_cstr(nb_buf_slice(&word));
        }
    }
    nb_buf_fini(&word);
    if (rc == NB_OK && count == 0) {
        rc = NB_EINVALID;
    }
    if (rc != NB_OK) {
        child_free_words(list);
        return rc;
    }
    *words = list;
    return NB_OK;
}

void child_free_words(char **words)
{
    for (char **it = words; it != NULL && *it != NULL; it++) {
        nb_free(*it);
    }
    nb_free(words);
}

static struct slice find_token(struct slice subject, uint64_t index)
{
    struct slice token = {0};

    for (uint64_t i = 0; i <= index; i++) {
        if (!nsub_subject_take_token(&subject, &token)) {
            return (struct slice){0};
        }
    }
    return token;
}

// Beyond the limit it is cut: the system would take it in no other way.
static void put(struct nb_buf *out, struct slice part)
{
    size_t room = WORD_MAX_BYTES - nb_buf_slice(out).n;

    nb_buf_must(out, nb_slice_sub(part, 0, room));
}

// A word stays one word, whatever the token is.
static char *put_tokens(const char *word, struct slice subject)
{
    struct slice rest = nb_slice_of(word);
    struct nb_buf out;
    char *made;

    nb_buf_init(&out, WORD_MAX_BYTES);
    while (rest.n > 0) {
        size_t begin = nb_slice_find(rest, NB_SLICE("{{"));
        struct slice behind = nb_slice_sub(rest, begin + 2, rest.n);
        size_t end = nb_slice_find(behind, NB_SLICE("}}"));
        uint64_t index;

        put(&out, nb_slice_sub(rest, 0, begin));
        if (begin == rest.n) {
            break;
        }
        if (end < behind.n && nb_parse_u64(nb_slice_trim(nb_slice_sub(behind, 0, end)), UINT32_MAX,
                                           &index) == NB_OK) {
            put(&out, find_token(subject, index));
            rest = nb_slice_sub(behind, end + 2, behind.n);
        } else {
            put(&out, NB_SLICE("{{"));
            rest = behind;
        }
    }
    made = nb_slice_cstr(nb_buf_slice(&out));
    nb_buf_fini(&out);
    return made;
}

void child_put_tokens(char **words, struct slice subject)
{
    for (char **it = words; *it != NULL; it++) {
        char *made = put_tokens(*it, subject);

        nb_free(*it);
        *it = made;
    }
}

// -- running ---------------------------------------------------------------------------------

// Those of this process, without those that are replaced, and the new ones. The texts are
// borrowed.
static char **make_environment(const char *const *variables)
{
    size_t old_count = 0;
    size_t new_count = 0;
    size_t count = 0;
    char **made;

    while (environ[old_count] != NULL) {
        old_count++;
    }
    while (variables[new_count] != NULL) {
        new_count++;
    }
    made = nb_calloc(old_count + new_count + 1, sizeof(*made));
    for (size_t i = 0; i < old_count; i++) {
        bool is_replaced = false;

        for (size_t k = 0; k < new_count; k++) {
            size_t n = (size_t)(strchr(variables[k], '=') - variables[k]) + 1;

            is_replaced = is_replaced || strncmp(environ[i], variables[k], n) == 0;
        }
        if (!is_replaced) {
            made[count++] = environ[i];
        }
    }
    for (size_t k = 0; k < new_count; k++) {
        made[count++] = (char *)(uintptr_t)variables[k]; // posix_spawn() doesn't write there
    }
    return made;
}

// Ours are blocked and ignored; a child is like any other.
static int spawn(char **words, char **environment, int out_fd, pid_t *child)
{
    posix_spawn_file_actions_t actions;
    posix_spawnattr_t attr;
    sigset_t none;
    sigset_t defaults;
    int error_number;

    sigemptyset(&none);
    sigemptyset(&defaults);
    sigaddset(&defaults, SIGPIPE);
    posix_spawn_file_actions_init(&actions);
    posix_spawn_file_actions_addopen(&actions, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
    posix_spawn_file_actions_adddup2(&actions, out_fd, STDOUT_FILENO);
    posix_spawnattr_init(&attr);
    posix_spawnattr_setsigmask(&attr, &none);
    posix_spawnattr_setsigdefault(&attr, &defaults);
    posix_spawnattr_setflags(&attr, POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF);
    error_number = posix_spawnp(child, words[0], &actions, &attr, words, environment);
    posix_spawnattr_destroy(&attr);
    posix_spawn_file_actions_destroy(&actions);
    return error_number;
}

// To the end, also beyond the limit: the child must not be stuck.
static int gather(int fd, struct nb_buf *out)
{
    uint8_t bytes[READ_BYTES];
    int rc = NB_OK;

    for (;;) {
        ssize_t n = read(fd, bytes, sizeof(bytes));

        if (n < 0 && errno == EINTR) {
            continue;
        }
        if (n <= 0) {
            return n == 0 ? rc : NB_EIO;
        }
        if (rc == NB_OK) {
            rc = nb_buf_append(out, nb_slice_make(bytes, (size_t)n));
        }
    }
}

static int wait_for(pid_t child, struct nb_diag *diag)
{
    int status;

    while (waitpid(child, &status, 0) < 0) {
        if (errno != EINTR) {
            nb_diag_set(diag, "%s", strerror(errno));
            return NB_EIO;
        }
    }
    if (WIFEXITED(status) && WEXITSTATUS(status) == 0) {
        return NB_OK;
    }
    nb_diag_set(diag, WIFEXITED(status) ? "exit code %d" : "ended by signal %d",
                WIFEXITED(status) ? WEXITSTATUS(status) : WTERMSIG(status));
    return NB_EIO;
}

int child_run(char **words, const char *const *variables, struct nb_buf *out, struct nb_diag *diag)
{
    char **environment;
    int error_number;
    int fds[2];
    pid_t child;
    int rc;

    if (pipe2(fds, O_CLOEXEC) != 0) {
        nb_diag_set(diag, "%s", strerror(errno));
        return NB_EIO;
    }
    environment = make_environment(variables);
    error_number = spawn(words, environment, fds[1], &child);
    nb_free(environment);
    (void)close(fds[1]); // the child has its own
    if (error_number != 0) {
        (void)close(fds[0]); // nothing came
        nb_diag_set(diag, "%s: %s", words[0], strerror(error_number));
        return NB_EIO;
    }
    rc = gather(fds[0], out);
    (void)close(fds[0]); // all was read
    if (rc != NB_OK) {
        nb_diag_set(diag, "its output is too long");
        (void)wait_for(child, NULL); // the first failure counts
        return rc;
    }
    return wait_for(child, diag);
}

/* loopback.c - what the machine's loopback gives by itself: one TCP connection between two
 * threads, with nothing done to the bytes.
 *
 *     loopback stream WRITE_BYTES BYTES   one way, as fast as it goes
 *     loopback echo BYTES COUNT           there and back, one at a time
 *
 * Prints one JSON line. It is the limit that benchmarks of servers are held against.
 */
#include <natsd/clock.h>
#include <natsd/number.h>

#include <arpa/inet.h>
#include <assert.h>
#include <netinet/tcp.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

enum {
    READ_BYTES = 256 * 1024,
    WRITE_BYTES_MAX = 64 * 1024 * 1024,
    ECHO_COUNT_MAX = 10 * 1000 * 1000,
};

#define STREAM_BYTES_MAX (UINT64_C(1) << 44)

struct pair {
    int near;        // the main thread's
    int far;         // the other thread's
    size_t size;     // bytes of a write
    uint64_t amount; // bytes in all, or round trips
};

static void must(bool is_good, const char *what)
{
    if (!is_good) {
        perror(what);
        exit(1);
    }
}

static void *room(size_t size)
{
    void *p = calloc(1, size);

    must(p != NULL, "calloc");
    return p;
}

static void set_no_delay(int fd)
{
    int on = 1;

    must(setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on)) == 0, "TCP_NODELAY");
}

static void connect_pair(struct pair *pair)
{
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr = {htonl(INADDR_LOOPBACK)}};
    socklen_t size = sizeof(address);
    int listener = socket(AF_INET, SOCK_STREAM, 0);

    must(bind(listener, (struct sockaddr *)&address, size) == 0, "bind");
    must(listen(listener, 1) == 0, "listen");
    must(getsockname(listener, (struct sockaddr *)&address, &size) == 0, "getsockname");
    pair->near = socket(AF_INET, SOCK_STREAM, 0);
    must(connect(pair->near, (struct sockaddr *)&address, size) == 0, "connect");
    pair->far = accept(listener, NULL, NULL);
    must(pair->far >= 0, "accept");
    close(listener);
    set_no_delay(pair->near);
    set_no_delay(pair->far);
}

static void send_all(int fd, const char *p, size_t n)
{
    while (n > 0) {
        ssize_t sent = send(fd, p, n, MSG_NOSIGNAL);

        must(sent > 0, "send");
        p += sent;
        n -= (size_t)sent;
    }
}

static void receive_all(int fd, char *p, size_t n)
{
    while (n > 0) {
        ssize_t got = recv(fd, p, n, 0);

        must(got > 0, "recv");
        p += got;
        n -= (size_t)got;
    }
}

static void *send_stream(void *argument)
{
    const struct pair *pair = argument;
    char *bytes = room(pair->size);

    for (uint64_t left = pair->amount; left > 0;) {
        size_t n = left < pair->size ? (size_t)left : pair->size;

        send_all(pair->far, bytes, n);
        left -= n;
    }
    free(bytes);
    return NULL;
}

static void receive_stream(const struct pair *pair)
{
    struct nb_mono start = nb_mono_now();
    char *bytes = room(READ_BYTES);
    double seconds;

    for (uint64_t left = pair->amount; left > 0;) {
        ssize_t got = recv(pair->near, bytes, READ_BYTES, 0);

        must(got > 0, "recv");
        left -= (uint64_t)got;
    }
    seconds = (double)nb_mono_since(nb_mono_now(), start) / (double)NB_NS_PER_S;
    printf("{\"bytes\":%llu,\"seconds\":%.9f,\"bytes_per_sec\":%.0f}\n",
           (unsigned long long)pair->amount, seconds, (double)pair->amount / seconds);
    free(bytes);
}

static void *send_back(void *argument)
{
    const struct pair *pair = argument;
    char *bytes = room(pair->size);

    for (uint64_t i = 0; i < pair->amount; i++) {
        receive_all(pair->far, bytes, pair->size);
        send_all(pair->far, bytes, pair->size);
    }
    free(bytes);
    return NULL;
}

static int compare(const void *a, const void *b)
{
    uint64_t x = *(const uint64_t *)a;
    uint64_t y = *(const uint64_t *)b;

    return x < y ? -1 : x > y;
}

// The smallest that so many of a thousand are not above; `ns` is sorted.
static unsigned long long percentile(const uint64_t *ns, uint64_t count, unsigned per_mille)
{
    uint64_t rank = (count * per_mille + 999) / 1000;

    return ns[rank > 0 ? rank - 1 : 0];
}

static void print_trips(uint64_t *ns, uint64_t count, double seconds)
{
    qsort(ns, count, sizeof(*ns), compare);
    printf("{\"count\":%llu,\"seconds\":%.9f,\"p50\":%llu,\"p99\":%llu,\"p999\":%llu}\n",
           (unsigned long long)count, seconds, percentile(ns, count, 500),
           percentile(ns, count, 990), percentile(ns, count, 999));
}

static void measure_trips(const struct pair *pair)
{
    char *bytes = room(pair->size);
    uint64_t *ns = room(pair->amount * sizeof(*ns));
    struct nb_mono start = nb_mono_now();
    struct nb_mono then = start;

    for (uint64_t i = 0; i < pair->amount; i++) {
        struct nb_mono now;

        send_all(pair->near, bytes, pair->size);
        receive_all(pair->near, bytes, pair->size);
        now = nb_mono_now();
        ns[i] = (uint64_t)nb_mono_since(now, then);
        then = now;
    }
    print_trips(ns, pair->amount, (double)nb_mono_since(then, start) / (double)NB_NS_PER_S);
    free(ns);
    free(bytes);
}

static bool parse(const char *text, uint64_t max, uint64_t *out)
{
    return nb_parse_u64(nb_slice_of(text), max, out) == NB_OK && *out > 0;
}

int main(int argc, char **argv)
{
    bool is_echo = argc == 4 && strcmp(argv[1], "echo") == 0;
    bool is_stream = argc == 4 && strcmp(argv[1], "stream") == 0;
    struct pair pair;
    pthread_t other;
    uint64_t size;

    if ((!is_echo && !is_stream) || !parse(argv[2], WRITE_BYTES_MAX, &size) ||
        !parse(argv[3], is_echo ? ECHO_COUNT_MAX : STREAM_BYTES_MAX, &pair.amount)) {
        fprintf(stderr, "usage: loopback stream WRITE_BYTES BYTES | loopback echo BYTES COUNT\n");
        return 2;
    }
    pair.size = (size_t)size;
    connect_pair(&pair);
    must(pthread_create(&other, NULL, is_echo ? send_back : send_stream, &pair) == 0, "thread");
    (is_echo ? measure_trips : receive_stream)(&pair);
    must(pthread_join(other, NULL) == 0, "join");
    close(pair.near);
    close(pair.far);
    return 0;
}

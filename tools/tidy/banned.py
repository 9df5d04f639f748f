"""Functions that are not called, and what is called instead."""
import re
from collections.abc import Callable
from dataclasses import dataclass

import c_text
from tree import Problem, is_product, library_of


def everywhere(path):
    return True


def outside_base(path):
    return library_of(path) != "base"


def product_outside_base(path):
    """Tests allocate rooms of an exact size, for the address sanitizer, and read what they wrote."""
    return is_product(path) and outside_base(path)


def libraries(path):
    return is_product(path) and path.startswith("libs/")


def libraries_outside_base(path):
    return libraries(path) and outside_base(path)


@dataclass(frozen=True)
class Ban:
    names: str
    instead: str
    where: Callable[[str], bool]


BANS = (
    Ban("strcpy stpcpy strcat strncpy strncat sprintf vsprintf gets",
        "snprintf, memcpy with a checked length, or struct nb_buf", everywhere),
    Ban("strtok strtok_r", "the nb_slice_* functions", everywhere),
    Ban("atoi atol atoll atof strtol strtoul strtoll strtoull strtod strtof strtoimax strtoumax sscanf",
        "nb_parse_* of natsd/number.h, which have limits", product_outside_base),
    Ban("rand srand random srandom rand_r drand48 lrand48", "natsd/random.h", everywhere),
    Ban("clock_gettime gettimeofday time clock ftime timespec_get uv_hrtime", "natsd/clock.h", outside_base),
    Ban("localtime gmtime ctime asctime", "the functions ending in _r", everywhere),
    Ban("sleep usleep nanosleep clock_nanosleep thrd_sleep uv_sleep",
        "a timer; in tests, wait for the condition itself with a deadline", everywhere),
    Ban("malloc calloc realloc reallocarray free strdup strndup asprintf vasprintf posix_memalign aligned_alloc",
        "natsd/memory.h", product_outside_base),
    Ban("alloca", "memory of a known size", everywhere),
    Ban("tmpnam tempnam mktemp tmpfile", "mkstemp or mkdtemp", everywhere),
    Ban("system popen", "natsd starts no shell", is_product),
    Ban("exit _exit quick_exit", "an error code: only a program ends itself", libraries),
    Ban("abort", "assert or NB_UNREACHABLE", libraries_outside_base),
    Ban("printf vprintf puts putchar perror", "the log sink a library was given", libraries),
)


def check(tree):
    for ban in BANS:
        call = re.compile(r"(?<![\w.])(?<!->)(" + "|".join(ban.names.split()) + r")\s*\(")
        for path in filter(ban.where, tree.c_files):
            code = tree.code[path]
            for found in call.finditer(code):
                yield Problem(path, c_text.line_of(code, found.start()),
                              f"{found.group(1)}() is not used here: {ban.instead}", found.group(1))

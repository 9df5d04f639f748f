"""Places that may break a rule: (path, rule, why). An entry that excuses nothing is a problem."""
from tree import Problem

TREE = (
    ("libs/server/src/monitor/process_load.c", "sscanf", "the kernel's text, of which letters and signs are skipped"),
    ("libs/sublist/bench/bench_trie.c", "clock_gettime", "the time of one thread, which nothing else asks for"),
    ("libs/auth/bench/bench_rules.c", "clock_gettime", "the time of one thread, which nothing else asks for"),
)

# What `tidy exports` finds; the place is the archive.
ARCHIVES = (
    ("libnatsd-base.a", "process_seed", "the seed of hash tables is drawn once per process"),
    ("libnatsd-net.a", "nnet__ssl", "libssl is loaded once per process, when TLS is first used"),
    ("libnatsd-net.a", "ssl_lock", "the same"),
    ("libnatsd-net.a", "once", "a limit of http-parser's belongs to the process and is set once"),
)


def apply(problems, table):
    """What remains of the problems, and the entries that were not needed."""
    needed = {(problem.path, problem.rule) for problem in problems}
    excused = {(path, rule) for path, rule, _ in table}
    remaining = [problem for problem in problems if (problem.path, problem.rule) not in excused]
    remaining += [Problem(path, 0, f"has an exception from {rule} that it doesn't need", "exceptions")
                  for path, rule, _ in table if (path, rule) not in needed]
    return remaining

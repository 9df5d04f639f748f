"""Words that don't belong into what lands."""
import re

import c_text
from tree import Problem

# (pattern, what is wrong, rule)
PATTERNS = (
    (re.compile(r"\b(TODO|FIXME|XXX|HACK)\b"), "is left over: do it, or open an issue", "marker"),
    (re.compile(r"(?<![\w.~-])/(?:(?:work|root)/|(?:home|Users)/\w)"), "is a path of one machine", "path"),
    (re.compile(r"(?<![\w.~-])/tmp/(?!\S*XXXXXX)\w[\w./-]*"), "is a folder shared with others: use mkdtemp", "path"),
    (re.compile(r"\b(?:co-?worker|colleague|teammate|sub-?agent|language model|the brief)s?\b", re.IGNORECASE),
     "speaks of a workplace, not of the project", "wording"),
)
DEAD_CODE = re.compile(r"^[ \t]*#[ \t]*if[ \t]+0\b", re.MULTILINE)
OURSELVES = "tools/tidy/"  # names what it looks for


def check(tree):
    for path in tree:
        if not path.startswith(OURSELVES):
            yield from unwanted(path, tree.texts[path])
    for path in tree.c_files:
        code = tree.code[path]
        for found in DEAD_CODE.finditer(code):
            yield Problem(path, c_text.line_of(code, found.start()), "dead code: history keeps it", "dead")


def unwanted(path, text):
    for pattern, wrong, rule in PATTERNS:
        for found in pattern.finditer(text):
            yield Problem(path, c_text.line_of(text, found.start()), f'"{found.group()}" {wrong}', rule)

"""How a public header begins; what C++ needs of it."""
import re

import c_text
from tree import Problem

PROTOTYPE = re.compile(r"^\w[^;{}#]*\w\s*\([^;{}]*\)[^;{}()]*;", re.MULTILINE)
TYPEDEF = re.compile(r"\btypedef\s+(?:struct|enum|union)\b")


def check(tree):
    for name, path in tree.public_headers.items():
        if path.endswith(".h"):
            yield from leading_comment(name, path, tree.texts[path])
            yield from linkage(tree, path)
    for path in tree.c_files:
        code = tree.code[path]
        if path.endswith(".h") and "#pragma once" not in code:
            yield Problem(path, 1, "has no #pragma once", "headers")
        for found in TYPEDEF.finditer(code):
            yield Problem(path, c_text.line_of(code, found.start()),
                          "structs, enums and unions keep their tags: no typedef", "typedef")


def leading_comment(name, path, text):
    if not text.startswith(f"/* {name} - "):
        yield Problem(path, 1, f'begins with its contract: "/* {name} - ..."', "headers")


def linkage(tree, path):
    """Only for headers that C++ can read at all."""
    if needs_c11_atomics(tree, path) or 'extern "C"' in tree.texts[path]:
        return
    found = PROTOTYPE.search(tree.code[path])
    if found:
        yield Problem(path, c_text.line_of(tree.code[path], found.start()),
                      'declares functions without extern "C"', "headers")


def needs_c11_atomics(tree, path, seen=None):
    """C++ has another <stdatomic.h>, and no _Atomic."""
    seen = set() if seen is None else seen
    seen.add(path)
    if "_Atomic" in tree.code[path] or "<stdatomic.h>" in tree.code[path]:
        return True
    below = (tree.public_headers.get(include.name) for include in tree.includes[path])
    return any(needs_c11_atomics(tree, header, seen) for header in below if header and header not in seen)

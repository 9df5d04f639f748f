"""Which header comes first, and what public headers include."""
import posixpath

from tree import Problem


def check(tree):
    for path in tree.c_files:
        if path.endswith(".c"):
            yield from own_header_first(tree, path)
    for path in tree.public_headers.values():
        yield from only_public(tree, path)


def own_headers(tree, path):
    """The headers that x.c proves complete by including them first."""
    folder, name = posixpath.split(path)
    stem = name[:-2]
    parts = path.split("/")
    private = [f"{folder}/{stem}.h"]
    public = [f"{'/'.join(parts[:2])}/include/natsd/{stem}.h"] if parts[0] == "libs" else []
    return [header for header in private + public if header in tree.texts]


def own_header_first(tree, path):
    own = own_headers(tree, path)
    if not own or "/src/" not in path:
        return
    included = tree.includes[path]
    first = included[0].name if included else ""
    if not any(header.endswith("/" + first) for header in own):
        names = " or ".join(posixpath.basename(header) for header in own)
        yield Problem(path, included[0].line if included else 1, f"its own {names} comes first", "includes")


def only_public(tree, path):
    for include in tree.includes[path]:
        if include.is_quoted:
            yield Problem(path, include.line, f'"{include.name}" is not there for those who include this',
                          "includes")

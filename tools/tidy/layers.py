"""Includes point down the layers only."""
import posixpath

from tree import Problem, is_product, library_of

# What a library may include beside itself. An arrow may only point down.
BELOW = {
    "base": (),
    "sublist": ("base",),
    "proto": ("base", "sublist"),
    "conf": ("base", "sublist"),
    "auth": ("base", "sublist"),
    "net": ("base",),
    "client": ("base", "sublist", "proto", "auth", "net"),
    "server": ("base", "sublist", "proto", "conf", "auth", "net", "client"),
}

# Headers that stay in one place, so that nothing else depends on them.
OWNERS = (
    ("uv.h", "libs/net/", "only net knows libuv"),
    ("uv/", "libs/net/", "only net knows libuv"),
    ("http_parser.h", "libs/net/", "only net reads HTTP"),
    ("yajl/", "libs/base/", "JSON is read through natsd/json_reader.h"),
    ("cmocka.h", "tests/support/", "nb_test.h includes it with the headers it needs"),
)


def check(tree):
    yield from unknown_libraries(tree)
    yield from doubled_headers(tree)
    for path in tree.c_files:
        for include in tree.includes[path]:
            yield from wrong_layer(tree, path, include)
            yield from wrong_owner(path, include)
            yield from out_of_its_part(path, include)


def unknown_libraries(tree):
    for name in sorted({library_of(path) for path in tree.c_files} - {None} - set(BELOW)):
        yield Problem(f"libs/{name}", 0, "has no place among the layers of tools/tidy/layers.py", "layers")


def doubled_headers(tree):
    """All public headers are installed into one folder."""
    for path in tree.c_files:
        parts = path.split("/")
        if parts[0] == "libs" and parts[2] == "include" and tree.public_headers["/".join(parts[3:])] != path:
            yield Problem(path, 0, "another library has a public header of this name", "layers")


def wrong_layer(tree, path, include):
    target = tree.public_headers.get(include.name)
    own = library_of(path)
    if own is None or own not in BELOW:
        return
    if target is None:
        if include.name.startswith("natsd/"):
            yield Problem(path, include.line, f"no library has <{include.name}>", "layers")
        return
    other = library_of(target)
    if other != own and other not in BELOW[own]:
        yield Problem(path, include.line, f"{own} may not include <{include.name}> of {other}", "layers")


def wrong_owner(path, include):
    for prefix, owner, why in OWNERS:
        if include.name.startswith(prefix) and not path.startswith(owner):
            yield Problem(path, include.line, f"<{include.name}>: {why}", "layers")


def out_of_its_part(path, include):
    """A library or program reaches others through their public headers."""
    if not include.is_quoted or ".." not in include.name:
        return
    part = "/".join(path.split("/")[:2]) + "/"
    target = posixpath.normpath(posixpath.join(posixpath.dirname(path), include.name))
    if not target.startswith(part):
        yield Problem(path, include.line, f'"{include.name}" lies outside {part}', "layers")
    elif is_product(path):
        yield Problem(path, include.line, f'"{include.name}": private headers are named from src/', "layers")

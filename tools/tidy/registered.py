"""Files that nothing would build, run or read."""
import posixpath
from pathlib import Path

from tree import Problem, library_of

PROGRAMS = {"tests": ("test_", "example_"), "fuzz": ("fuzz_",), "bench": ("bench_",)}


def check(tree):
    yield from unregistered_programs(tree)
    yield from unused_headers(tree)
    yield from examples(tree)


def unregistered_programs(tree):
    """CMake finds programs by the beginning of their names."""
    for path in tree.c_files:
        parts = path.split("/")
        wanted = PROGRAMS.get(parts[2]) if parts[0] in ("libs", "apps") and len(parts) == 4 else None
        if wanted and path.endswith(".c") and not parts[3].startswith(wanted):
            yield Problem(path, 0, f"is built by nothing: {' or '.join(wanted)} begins its name", "registered")


def unused_headers(tree):
    included = {posixpath.basename(include.name) for path in tree.c_files for include in tree.includes[path]}
    for path in tree.c_files:
        is_public = path in tree.public_headers.values()
        if path.endswith((".h", ".def")) and not is_public and posixpath.basename(path) not in included:
            yield Problem(path, 0, "is included by nothing", "registered")


def examples(tree):
    """The example of a README is a program that is compiled and run."""
    for name in sorted({library_of(path) for path in tree.c_files} - {None}):
        readme, example = f"libs/{name}/README.md", f"libs/{name}/tests/example_{name}.c"
        if readme not in tree.texts:
            yield Problem(readme, 0, "is missing", "registered")
        elif example not in tree.texts:
            yield Problem(example, 0, "is missing", "registered")
        elif tree.texts[example].strip() not in tree.texts[readme]:
            yield Problem(readme, 0, f"doesn't show the text of {example}", "registered")


def corpora(root: Path):
    """Corpora are bytes, so they are looked for on disk."""
    for target in sorted(root.glob("libs/*/fuzz/fuzz_*.c")):
        corpus = target.parent / "corpus" / target.stem.removeprefix("fuzz_")
        if not corpus.is_dir() or not any(corpus.iterdir()):
            yield Problem(target.relative_to(root).as_posix(), 0, "has no corpus", "registered")
    for corpus in sorted(root.glob("libs/*/fuzz/corpus/*")):
        if not (corpus.parent.parent / f"fuzz_{corpus.name}.c").exists():
            yield Problem(corpus.relative_to(root).as_posix(), 0, "belongs to no fuzz target", "registered")

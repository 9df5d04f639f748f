"""The files that are checked, and what is wrong with one."""
import os
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import c_text

# What is not ours to judge: the suite that is kept as it comes, and bytes rather than text.
SKIPPED_FOLDERS = {".git", "build", "node_modules", "__pycache__", ".cache", ".venv", "corpus", "golden"}
SKIPPED_PATHS = ("tests/conformance",)
C_ENDINGS = (".c", ".h", ".def")


@dataclass(frozen=True, order=True)
class Problem:
    path: str
    line: int  # 0: the file as a whole
    text: str
    rule: str  # what exceptions name

    def __str__(self):
        place = f"{self.path}:{self.line}" if self.line else self.path
        return f"{place}: {self.text} ({self.rule})"


class Tree:
    """Texts by path; paths are relative to the root, with slashes."""

    def __init__(self, texts: dict[str, str]):
        self.texts = texts

    def __iter__(self):
        return iter(sorted(self.texts))

    @cached_property
    def c_files(self) -> list[str]:
        """Our C: not the programs of tests/interop, which know nothing of our libraries."""
        return [path for path in self if path.endswith(C_ENDINGS) and not path.startswith("tests/interop/")]

    @cached_property
    def code(self) -> dict[str, str]:
        """C without comments and the contents of strings, line for line."""
        return {path: c_text.strip(self.texts[path]) for path in self.c_files}

    @cached_property
    def includes(self) -> dict[str, list[c_text.Include]]:
        return {path: c_text.includes(self.texts[path]) for path in self.c_files}

    @cached_property
    def public_headers(self) -> dict[str, str]:
        """<natsd/x.h> by its name in an include, to its path."""
        found = {}
        for path in self.c_files:
            parts = path.split("/")
            if parts[0] == "libs" and parts[2] == "include":
                found["/".join(parts[3:])] = path
        return found


def library_of(path: str) -> str | None:
    parts = path.split("/")
    return parts[1] if parts[0] == "libs" and len(parts) > 2 else None


def is_product(path: str) -> bool:
    """What is shipped, as opposed to tests, fuzz targets and benchmarks."""
    parts = path.split("/")
    return parts[0] in ("libs", "apps") and len(parts) > 3 and parts[2] in ("src", "include")


def read_tree(root: Path) -> Tree:
    texts = {}
    for folder, folders, files in os.walk(root):
        relative = Path(folder).relative_to(root).as_posix()
        if relative in SKIPPED_PATHS:
            folders.clear()
            continue
        folders[:] = [name for name in folders if name not in SKIPPED_FOLDERS]
        for name in files:
            path = Path(folder, name)
            try:
                texts[path.relative_to(root).as_posix()] = path.read_text(encoding="utf-8")
            except (UnicodeDecodeError, FileNotFoundError):
                continue  # not text, or gone while we looked
    return Tree(texts)

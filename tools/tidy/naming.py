"""How files are called, and how long they are."""
import re

from tree import Problem

LINES_MAX = 1000
EMPTY_WORDS = {"util", "utils", "helper", "helpers", "common", "misc", "manager"}
SOURCE_ENDINGS = (".c", ".h", ".def", ".py", ".go", ".js", ".mjs", ".sh", ".cmake", ".txt")
LOWER_SNAKE = re.compile(r"[a-z0-9_]+\.(c|h|def)")


def check(tree):
    for path in tree:
        yield from empty_word(path)
        if path.endswith(SOURCE_ENDINGS):
            yield from too_long(path, tree.texts[path])
    for path in tree.c_files:
        if not LOWER_SNAKE.fullmatch(path.split("/")[-1]):
            yield Problem(path, 0, "names of C files are lower_snake", "naming")


def empty_word(path):
    words = {word for part in path.split("/") for word in re.split(r"[^a-z]+", part.lower())}
    for word in sorted(words & EMPTY_WORDS):
        yield Problem(path, 0, f'"{word}" names nothing: say what it does, or put it where it is used', "naming")


def too_long(path, text):
    count = text.count("\n")
    if count > LINES_MAX:
        yield Problem(path, 0, f"has {count} lines, more than {LINES_MAX}: look for the seam", "lines")

"""C as far as the checks need it: what is code, and what is included."""
import re
from dataclasses import dataclass

# Comments, strings and characters, whichever begins first.
NOT_CODE = re.compile(r"""//(?:[^\n\\]|\\.|\\\n)*|/\*.*?(?:\*/|\Z)|"(?:[^"\\\n]|\\.)*"|'(?:[^'\\\n]|\\.)*'""", re.DOTALL)
INCLUDE = re.compile(r'^[ \t]*#[ \t]*include[ \t]*([<"])([^>"\n]+)[>"]', re.MULTILINE)


@dataclass(frozen=True)
class Include:
    line: int
    name: str
    is_quoted: bool  # "x.h" rather than <x.h>


def strip(text: str) -> str:
    """The same lines without comments and without what stands in quotes."""

    def blank(match):
        found = match.group()
        if found[0] in "\"'":
            return found[0] * 2 + "\n" * found.count("\n")
        return " " + "\n" * found.count("\n")

    return NOT_CODE.sub(blank, text)


def line_of(text: str, offset: int) -> int:
    return text.count("\n", 0, offset) + 1


def includes(text: str) -> list[Include]:
    # Comments go, the quotes of an include must stay.
    def blank(match):
        found = match.group()
        return found if found[0] in "\"'" else " " + "\n" * found.count("\n")

    code = NOT_CODE.sub(blank, text)
    return [Include(line_of(code, found.start()), found.group(2), found.group(1) == '"')
            for found in INCLUDE.finditer(code)]

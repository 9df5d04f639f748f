"""clang-format has the last word on how C looks."""
import re
import shutil
import subprocess
from pathlib import Path

from tree import Problem

WARNING = re.compile(r"^(.+?):(\d+):\d+: error: code should be clang-formatted", re.MULTILINE)


def is_available(clang_format: str) -> bool:
    return shutil.which(clang_format) is not None


def check(tree, root: Path, clang_format: str):
    files = [path for path in tree.c_files if path.endswith((".c", ".h"))]
    run = subprocess.run([clang_format, "--dry-run", "-Werror", *files], cwd=root, capture_output=True, text=True)
    first = {}
    for path, line in WARNING.findall(run.stderr):
        first.setdefault(path, int(line))
    if run.returncode != 0 and not first:
        return [Problem(".", 0, run.stderr.strip(), "format")]
    return [Problem(path, line, "is not formatted: clang-format -i changes it", "format")
            for path, line in first.items()]

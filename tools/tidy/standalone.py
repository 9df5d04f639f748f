"""Public headers compile alone, as C17 and, if they can, as C++."""
import shutil
import subprocess
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from public_headers import needs_c11_atomics
from tree import Problem, read_tree

FLAGS = ["-fsyntax-only", "-Wall", "-Wextra", "-Werror"]


def check(root: Path, cc: str, cxx: str):
    tree = read_tree(root)
    folders = [f"-I{folder}" for folder in sorted(root.glob("libs/*/include"))]
    jobs = []
    for name, path in tree.public_headers.items():
        if not path.endswith(".h"):
            continue
        jobs.append((path, name, "C", [cc, "-x", "c", "-std=gnu17", *FLAGS, *folders, "-"]))
        if shutil.which(cxx) and not needs_c11_atomics(tree, path):
            jobs.append((path, name, "C++", [cxx, "-x", "c++", "-std=c++17", *FLAGS, *folders, "-"]))
    if not shutil.which(cxx):
        print(f"{cxx} is not installed: headers were compiled as C only")
    with ThreadPoolExecutor(max_workers=2) as pool:
        return [problem for found in pool.map(compile_alone, jobs) for problem in found]


def compile_alone(job):
    path, name, language, command = job
    source = f"#include <{name}>\n#include <{name}>\n"
    run = subprocess.run(command, input=source, capture_output=True, text=True)
    if run.returncode == 0:
        return []
    errors = [line for line in run.stderr.splitlines() if "error:" in line] or [run.stderr.strip()]
    return [Problem(path, 0, f"doesn't compile alone as {language}: {errors[0]}", "standalone")]

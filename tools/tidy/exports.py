"""What the archives of a build export, and what of their data changes."""
import re
import subprocess
from pathlib import Path

from tree import Problem

PREFIXES = {
    "base": "nb_",
    "sublist": "nsub_",
    "proto": "nproto_",
    "conf": "nconf_",
    "auth": "nauth_",
    "net": "nnet_",
    "client": "nclient_",
    "server": "nserver_",
}
# objdump -t: value, seven flags, section, size, name. The sections themselves have rows, too.
CHANGING_DATA = re.compile(r"^[0-9a-f]+ .{7} \.(?:t?data|t?bss)(?!\.rel\.ro)\S*\t[0-9a-f]+ +(?:\.hidden )?([^\s.]\S*)$",
                           re.MULTILINE)


def check(build: Path):
    archives = sorted(build.glob("libs/*/libnatsd-*.a"))
    for library in sorted(set(PREFIXES) - {library_of(archive) for archive in archives}):
        yield Problem(f"libnatsd-{library}.a", 0, "was not built", "missing")
    for archive in archives:
        yield from check_archive(archive)


def library_of(archive: Path) -> str:
    return archive.stem.removeprefix("libnatsd-")


def check_archive(archive: Path):
    prefix = PREFIXES.get(library_of(archive))
    if prefix is None:
        yield Problem(archive.name, 0, "has no prefix in tools/tidy/exports.py", "exports")
        return
    for symbol in exported(run("nm", "--extern-only", "--defined-only", "--format=posix", archive)):
        if not symbol.startswith(prefix):
            yield Problem(archive.name, 0, f"exports {symbol}, which doesn't begin with {prefix}", symbol)
    for symbol in changing(run("objdump", "-t", archive)):
        yield Problem(archive.name, 0, f"{symbol} is a variable that changes: pass a context", symbol)


def run(*command):
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout


def exported(nm_output: str) -> list[str]:
    rows = (line.split() for line in nm_output.splitlines())
    return sorted({row[0] for row in rows if len(row) >= 2 and len(row[1]) == 1})


def changing(objdump_output: str) -> list[str]:
    """Names without the number that a compiler puts behind those inside functions."""
    return sorted({re.sub(r"\.\d+$", "", name) for name in CHANGING_DATA.findall(objdump_output)})

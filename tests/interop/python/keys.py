"""What ../keys has made."""
from __future__ import annotations

import subprocess
from pathlib import Path

from server import setting


def key_file(name: str) -> str:
    return str(Path(setting("INTEROP_KEYS")) / name)


def key_text(name: str) -> str:
    return Path(key_file(name)).read_text()


def creds(name: str) -> dict[str, str]:
    """Options of one who has this creds file."""
    return {"user_credentials": key_file(f"{name}.creds")}


def expiring(seconds: int, name: str) -> None:
    """Make creds that hold for so many seconds."""
    subprocess.run([setting("INTEROP_MAKE_KEYS"), setting("INTEROP_KEYS"), "expiring", str(seconds), name], check=True)

import ctypes
import json

import pytest

from harness import Server
from harness.accounts import as_user  # noqa: F401  (a fixture)


@pytest.fixture
def start():
    """Factory: start(config, args, ...) gives a running Server; all of them end with the test, and end well."""
    servers = []

    def _start(*args, **kw):
        s = Server(*args, **kw)
        servers.append(s)
        return s

    yield _start
    codes = [s.stop() for s in servers]
    assert all(code in (0, 1, None) for code in codes), codes  # a sanitizer's report ends a server with another


@pytest.fixture(scope="session")
def bcrypt():
    """bcrypt(password, cost): the hash as a configuration has it."""
    lib = ctypes.CDLL("libcrypt.so.1")
    lib.crypt.restype = ctypes.c_char_p
    return lambda password, cost=4: lib.crypt(password.encode(), b"$2b$%02d$abcdefghijklmnopqrstuu" % cost).decode()


def hello(**options) -> str:
    """A CONNECT line."""
    return "CONNECT " + json.dumps({"verbose": False, "pedantic": False, "protocol": 1, "headers": True, **options})

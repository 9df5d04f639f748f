"""TLS: on the library's INFO, and before it."""
import os
import ssl

import pytest

from client import event, refused, want_next
from conftest import Scene
from server import setting
from test_auth import PLAIN
from test_messages import large_payloads_pass


def pem(name: str) -> str:
    return os.path.join(setting("INTEROP_PKI"), name + ".pem")


def tls(*lines: str) -> str:
    """The tls block of a server with the test's certificates and these further lines."""
    return "\n".join(["tls {", f'cert_file: "{pem("server")}"', f'key_file: "{pem("server-key")}"',
                      f'ca_file: "{pem("ca")}"', "timeout: 5", *lines, "}"])


def context(authority: str = "ca", client: str | None = None) -> ssl.SSLContext:
    made = ssl.create_default_context(cafile=pem(authority))
    if client:
        made.load_cert_chain(pem(client), pem(client + "-key"))
    return made


async def test_tls_carries_a_connection(scene: Scene) -> None:
    c = await scene.connect(scene.start(tls()), tls=context())
    assert c.nc._server_info["tls_required"] is True
    await c.exchange()


async def test_tls_carries_large_payloads(scene: Scene) -> None:
    server = scene.start(tls())
    await large_payloads_pass(await scene.connect(server, tls=context()), await scene.connect(server, tls=context()))


@pytest.mark.parametrize("version", [ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3], ids=str)
async def test_either_tls_version_is_negotiated(scene: Scene, version: ssl.TLSVersion) -> None:
    only = context()
    only.minimum_version = only.maximum_version = version
    await (await scene.connect(scene.start(tls()), tls=only)).exchange()


async def test_unknown_authority_is_refused_by_the_client(scene: Scene) -> None:
    server = scene.start(tls())
    assert isinstance(await refused(server, tls=context("other")), ssl.SSLCertVerificationError)
    await (await scene.connect(server, tls=context())).exchange()  # a failed handshake does no harm to others


async def test_client_certificate_is_verified(scene: Scene) -> None:
    server = scene.start(tls("verify: true"))
    await (await scene.connect(server, tls=context(client="client"))).exchange()
    await refused(server, tls=context())
    await refused(server, tls=context(client="stranger"))


async def test_password_is_asked_inside_tls(scene: Scene) -> None:
    server = scene.start(tls(), PLAIN)
    await (await scene.connect(server, tls=context(), user="alice", password="secret")).exchange()
    assert "'Authorization Violation'" in str(await refused(server, tls=context(), user="alice", password="Secret"))


# The handshake_first of the server, and whether clients get in that begin with a handshake, and that wait for INFO.
HANDSHAKE_FIRST = [("true", True, False), ("auto", True, True), ('"300ms"', True, True), ("false", False, True)]


@pytest.mark.parametrize("value, first, after_info", HANDSHAKE_FIRST)
async def test_handshake_first(scene: Scene, value: str, first: bool, after_info: bool) -> None:
    server = scene.start(tls(f"handshake_first: {value}"))
    for at_once, accepted in (True, first), (False, after_info):
        if accepted:
            await (await scene.connect(server, tls=context(), tls_handshake_first=at_once)).exchange()
        else:  # the two sides wait for each other
            await refused(server, tls=context(), tls_handshake_first=at_once, connect_timeout=0.3)


async def test_tls_connections_return_after_a_restart(scene: Scene) -> None:
    server = scene.start(tls("verify: true"))
    c = await scene.connect(server, tls=context(client="client"))
    sub = await c.subscribe("subject")
    await server.stop()
    server.start()
    await event(c.reconnected)
    await c.publish("subject", "hello")
    await want_next(sub, "hello")

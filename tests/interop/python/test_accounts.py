"""Keys, JWTs and certificates instead of passwords; what accounts share, and who is cut off."""
import signal
from typing import Any

import pytest
from nats.errors import NoRespondersError

from client import Connection, event, refused, want_next, want_no_more
from conftest import Scene
from keys import creds, expiring, key_file, key_text
from server import Server
from test_tls import context, tls

OPERATOR = key_text("operator.conf")


async def want_refused(server: Server, **options: Any) -> None:
    assert "'Authorization Violation'" in str(await refused(server, **options))


async def want_violation(c: Connection, text: str) -> None:
    """It is reported, in lower case, and the connection goes on."""
    assert f"permissions violation for {text}" in str(await event(c.errors)).lower()
    await c.exchange()


async def test_nkey_signs_the_nonce(scene: Scene) -> None:
    server = scene.start(f"authorization {{ users: [{{ nkey: {key_text('device.pub')} }}] }}")
    await (await scene.connect(server, nkeys_seed=key_file("device.nk"))).exchange()
    await (await scene.connect(server, nkeys_seed_str=key_text("device.nk"))).exchange()
    await want_refused(server, nkeys_seed=key_file("stranger.nk"))
    await want_refused(server)


async def test_creds_files_are_judged(scene: Scene) -> None:
    server = scene.start(OPERATOR)
    await (await scene.connect(server, **creds("alice"))).exchange()
    await want_refused(server, **creds("outsider"))
    await want_refused(server, user="alice", password="secret")
    await want_refused(server)


async def test_bearer_needs_no_key(scene: Scene) -> None:
    def bearing(jwt: str) -> dict[str, Any]:
        return {"user_jwt_cb": jwt.encode, "signature_cb": lambda nonce: b""}

    server = scene.start(OPERATOR)
    await (await scene.connect(server, **bearing(key_text("bearer.jwt")))).exchange()
    await want_refused(server, **bearing(key_text("alice.creds").splitlines()[1]))  # she has to sign


async def test_certificate_names_the_user(scene: Scene) -> None:
    def config(name: str) -> str:
        return f'authorization {{ users: [{{ user: "{name}", permissions: {{ publish: {{ deny: x }} }} }}] }}'

    server = scene.start(tls("verify_and_map: true"), config("CN=client,O=natsd interop"))
    c = await scene.connect(server, tls=context(client="client"))
    await c.publish("x")
    await want_violation(c, 'publish to "x"')
    other = scene.start(tls("verify_and_map: true"), config("CN=somebody else"))
    await want_refused(other, tls=context(client="client"))


async def test_who_says_nothing_is_the_no_auth_user(scene: Scene) -> None:
    server = scene.start("""accounts {
      PUBLIC { users: [{ user: guest, password: none, permissions: { publish: { deny: "forbidden.>" } } }] }
      STAFF { users: [{ user: alice, password: secret }] }
    }
    no_auth_user: guest""")
    guest = await scene.connect(server)
    alice = await scene.connect(server, user="alice", password="secret")
    await want_refused(server, user="alice", password="Secret")
    await guest.publish("forbidden.x")
    await want_violation(guest, 'publish to "forbidden.x"')
    sub = await guest.subscribe("subject")
    await alice.publish("subject", "of another account")
    await alice.flush()
    await guest.flush()
    want_no_more(sub)


async def test_violations_are_reported_and_the_connection_goes_on(scene: Scene) -> None:
    c = await scene.connect(scene.start(OPERATOR), **creds("alice"))
    await c.publish("forbidden.x")
    await want_violation(c, 'publish to "forbidden.x"')
    await c.subscribe("forbidden.y")
    await want_violation(c, 'subscription to "forbidden.y"')


async def test_accounts_are_apart_but_for_what_they_share(scene: Scene) -> None:
    server = scene.start(OPERATOR)
    alice, bob = await scene.connect(server, **creds("alice")), await scene.connect(server, **creds("bob"))
    everything, imported = await alice.subscribe("news.>"), await alice.subscribe("ops.news.>")
    await bob.publish("news.today", "rain")
    await want_next(imported, "rain")
    want_no_more(everything)

    with pytest.raises(NoRespondersError):
        await alice.request("ops.time")

    async def tell(m: Any) -> None:
        await m.respond(b"noon for " + m.data)

    await bob.subscribe("time", cb=tell)
    assert (await alice.request("ops.time", "alice")).data == b"noon for alice"
    with pytest.raises(NoRespondersError):
        await alice.request("time")


@pytest.mark.parametrize("why", ["expired", "revoked"])
async def test_the_end_of_credentials_ends_the_connection(scene: Scene, why: str) -> None:
    """The library gives up at once, and says why."""
    server = scene.start(OPERATOR)
    bob = await scene.connect(server, **creds("bob"))
    if why == "expired":
        expiring(2, "python-brief")
        c = await scene.connect(server, **creds("python-brief"))
    else:
        c = await scene.connect(server, **creds("alice"))
        server.configure(key_text("revoked.conf"))
        server.signal(signal.SIGHUP)
    await event(c.closed)
    assert f"user authentication {why}" in str(c.nc.last_error).lower()
    await bob.exchange()

"""Credentials, right and wrong."""
from typing import Any

import pytest

from client import event, refused, want_next
from conftest import Scene

# Hashes of "secret".
HASH_A = "$2a$11$HCuSUsSDTSGAiOWLIvmsQ.D97A4uNCskx9wzuHgDD.k9rPAvy6oTa"
HASH_B = "$2b$04$HCuSUsSDTSGAiOWLIvmsQ.pyEvmpkJ70J.lDJ4YZtojBXCptx1yZ2"

PLAIN = "authorization { user: alice, password: secret, timeout: 5 }"
HASHED = f'authorization {{ user: alice, password: "{HASH_A}" }}'
USERS = f'authorization {{ users: [{{ user: alice, password: secret }}, {{ user: bob, password: "{HASH_B}" }}] }}'
TOKEN = 'authorization { token: "a token" }'

ACCEPTED = {
    "user": (PLAIN, dict(user="alice", password="secret")),
    "hashed": (HASHED, dict(user="alice", password="secret")),
    "first of users": (USERS, dict(user="alice", password="secret")),
    "second of users, hashed": (USERS, dict(user="bob", password="secret")),
    "token": (TOKEN, dict(token="a token")),
}
REFUSED = {
    "wrong password": (PLAIN, dict(user="alice", password="Secret")),
    "wrong user": (PLAIN, dict(user="bob", password="secret")),
    "no credentials": (PLAIN, dict()),
    "wrong password, hashed": (HASHED, dict(user="alice", password="Secret")),
    "the hash as password": (HASHED, dict(user="alice", password=HASH_A)),
    "none of the users": (USERS, dict(user="dave", password="secret")),
    "one of users, wrong password": (USERS, dict(user="bob", password="Secret")),
    "wrong token": (TOKEN, dict(token="another token")),
    "user for a token": (TOKEN, dict(user="alice", password="a token")),
}


@pytest.mark.parametrize("name", ACCEPTED)
async def test_credentials_are_accepted(scene: Scene, name: str) -> None:
    config, options = ACCEPTED[name]
    await (await scene.connect(scene.start(config), **options)).exchange()


@pytest.mark.parametrize("name", REFUSED)
async def test_credentials_are_refused(scene: Scene, name: str) -> None:
    config, options = REFUSED[name]
    assert "'Authorization Violation'" in str(await refused(scene.start(config), **options))


@pytest.mark.parametrize("config, userinfo", [(PLAIN, "alice:secret"), ("authorization { token: tok }", "tok")])
async def test_credentials_may_stand_in_the_url(scene: Scene, config: str, userinfo: str) -> None:
    server = scene.start(config)
    await (await scene.connect(f"nats://{userinfo}@{server.address}")).exchange()


async def test_users_share_one_subject_space(scene: Scene) -> None:
    server = scene.start(USERS)
    alice = await scene.connect(server, user="alice", password="secret")
    bob = await scene.connect(server, user="bob", password="secret")
    sub = await bob.subscribe("subject")
    await alice.publish("subject", "hello")
    await want_next(sub, "hello")


async def test_reconnect_with_an_old_password_is_refused(scene: Scene) -> None:
    server = scene.start(PLAIN)
    c = await scene.connect(server, user="alice", password="secret")
    await server.stop()
    server.configure("authorization { user: alice, password: changed }")
    server.start()
    errors = []
    while not any("'Authorization Violation'" in text for text in errors):
        errors.append(str(await event(c.errors)))  # refused connections come before
    # The library tries on until the server has the password it knows.
    await server.stop()
    server.configure(PLAIN)
    server.start()
    await event(c.reconnected)
    await c.exchange()

"""Drain, restarts of the server, lame duck."""
import signal

import nats.errors
import pytest
from nats.aio.msg import Msg

from client import event, numbered, refused, want_next, want_no_more
from conftest import Scene
from server import Server
from test_auth import PLAIN


async def test_drained_subscription_gets_what_is_on_its_way(scene: Scene) -> None:
    server = scene.start()
    c, publisher = await scene.connect(server), await scene.connect(server)
    got = []

    async def note(m: Msg) -> None:
        got.append(m.data.decode())
    sub = await c.subscribe("subject", cb=note)
    for text in numbered(1000):
        await publisher.publish("subject", text)
    await publisher.flush()
    await sub.drain()
    assert got == numbered(1000)
    await c.flush()
    with pytest.raises(nats.errors.NoRespondersError):  # the server has forgotten it
        await publisher.request("subject")


async def test_drained_connection_finishes_its_work(scene: Scene) -> None:
    server = scene.start()
    service, c = await scene.connect(server), await scene.connect(server)

    async def echo(m: Msg) -> None:
        await m.respond(m.data)
    await service.subscribe("echo", cb=echo)
    answers = await c.subscribe(c.nc.new_inbox())
    for text in numbered(1000):
        await c.publish("echo", text, reply=answers.subject)
    await c.flush()
    await service.nc.drain()
    await event(service.closed)
    await want_next(answers, *numbered(1000))


@pytest.mark.parametrize("end", [Server.stop, Server.kill], ids=["stopped", "killed"])
async def test_subscriptions_return_after_a_restart(scene: Scene, end) -> None:
    server = scene.start(PLAIN)
    c = await scene.connect(server, user="alice", password="secret")
    subs = [await c.subscribe("subject"), await c.subscribe("*"), await c.subscribe("subject", queue="group")]
    await end(server)
    await event(c.disconnected)
    for text in numbered(10):  # kept by the library until it is back
        await c.publish("subject", text)
    server.start()
    await event(c.reconnected)
    for sub in subs:
        await want_next(sub, *numbered(10))
    await c.exchange()


async def test_maximum_is_kept_over_a_restart(scene: Scene) -> None:
    server = scene.start()
    c = await scene.connect(server)
    sub, witness = await c.subscribe("subject"), await c.subscribe("subject")
    await sub.unsubscribe(limit=5)
    for text in numbered(3):
        await c.publish("subject", text)
    await want_next(sub, *numbered(3))
    await server.stop()
    server.start()
    await event(c.reconnected)
    for text in numbered(10, first=3):
        await c.publish("subject", text)
    await want_next(witness, *numbered(13))
    await want_next(sub, *numbered(2, first=3))
    want_no_more(sub)


async def test_client_moves_to_another_server(scene: Scene) -> None:
    a, b = scene.start(), scene.start()
    c = await scene.connect(a, b, dont_randomize=True)
    sub = await c.subscribe("subject")
    await a.stop()
    await event(c.reconnected)
    assert c.nc.connected_url.netloc == b.address
    await (await scene.connect(b)).publish("subject", "hello")
    await want_next(sub, "hello")


async def test_lame_duck_is_announced_and_clients_are_sent_away(scene: Scene) -> None:
    server = scene.start('lame_duck_duration: "30s"', 'lame_duck_grace_period: "200ms"')
    c = await scene.connect(server, allow_reconnect=False)
    server.signal(signal.SIGUSR2)
    await event(c.lame_duck)
    await c.exchange()  # there is time to move
    assert isinstance(await refused(server), nats.errors.NoServersError)
    await event(c.closed)
    await server.await_exit()

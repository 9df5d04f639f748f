"""Connecting, and what the library then knows of the server."""
import json
import urllib.request
from typing import Any

import pytest
from nats.aio.client import __lang__, __version__

from client import event, want_next, want_no_more
from conftest import Scene
from server import DEADLINE, free_port


async def test_info_is_understood(scene: Scene) -> None:
    c = await scene.connect(scene.start())
    version = c.nc.connected_server_version
    assert (version.major, version.minor) >= (2, 10)
    assert c.nc.max_payload == 1 << 20
    assert c.nc.client_id > 0
    assert c.nc.client_ip == "127.0.0.1"
    info = c.nc._server_info  # the library has no public name for the rest
    assert info["headers"] is True and info["proto"] >= 1
    assert len(info["server_id"]) == 56 and info["server_id"].startswith("N")
    assert not info.get("auth_required") and not info.get("tls_required")


async def test_configured_max_payload_is_announced(scene: Scene) -> None:
    c = await scene.connect(scene.start("max_payload: 4321"))
    assert c.nc.max_payload == 4321


async def test_flush_and_round_trip_time(scene: Scene) -> None:
    c = await scene.connect(scene.start())
    await c.flush()
    assert 0 < await c.nc.rtt(timeout=DEADLINE) < DEADLINE


async def test_two_connections_meet(scene: Scene) -> None:
    server = scene.start()
    a, b = await scene.connect(server), await scene.connect(server)
    assert a.nc.client_id != b.nc.client_id
    to_a, to_b = await a.subscribe("to.a"), await b.subscribe("to.b")
    await a.publish("to.b", "from a")
    await b.publish("to.a", "from b")
    await want_next(to_b, "from a")
    await want_next(to_a, "from b")


async def test_many_connections_hear_one_message(scene: Scene) -> None:
    server = scene.start()
    subs = [await (await scene.connect(server)).subscribe("all") for _ in range(50)]
    await (await scene.connect(server)).publish("all", "hello")
    for sub in subs:
        await want_next(sub, "hello")


async def test_no_echo_keeps_own_messages_away(scene: Scene) -> None:
    server = scene.start()
    quiet, other = await scene.connect(server, no_echo=True), await scene.connect(server)
    own, others = await quiet.subscribe("subject"), await other.subscribe("subject")
    await quiet.publish("subject", "own")
    await quiet.flush()
    await other.publish("subject", "other's")
    await want_next(others, "own", "other's")
    await want_next(own, "other's")
    want_no_more(own)


@pytest.mark.parametrize("options", [{"verbose": True}, {"pedantic": True}, {"verbose": True, "pedantic": True}], ids=str)
async def test_verbose_and_pedantic_connections_work(scene: Scene, options: dict[str, Any]) -> None:
    await (await scene.connect(scene.start(), **options)).exchange()


async def test_monitoring_shows_the_connection(scene: Scene) -> None:
    port = free_port()
    await scene.connect(scene.start(f'http: "127.0.0.1:{port}"'), name="a name")
    with urllib.request.urlopen(f"http://127.0.0.1:{port}/connz", timeout=DEADLINE) as answer:
        shown = [(c.get("name"), c.get("lang"), c.get("version")) for c in json.load(answer)["connections"]]
    assert ("a name", __lang__, __version__) in shown


# More than ping_max of them, within a time that is generous to a busy machine.
PINGS = 25


async def test_client_pings_are_answered(scene: Scene) -> None:
    c = await scene.connect(scene.start(), ping_interval=0.05, max_outstanding_pings=20)
    for _ in range(PINGS):
        await event(c.nc.ponged)
    await c.exchange()
    assert c.disconnected.empty()


async def test_server_pings_are_answered(scene: Scene) -> None:
    c = await scene.connect(scene.start('ping_interval: "50ms"', "ping_max: 20"))
    for _ in range(PINGS):
        await event(c.nc.pinged)
    await c.exchange()
    assert c.disconnected.empty()

"""Limits of the server, and what the library makes of them."""
import nats.errors

from client import event, numbered, patterned, want_next
from conftest import Scene
from test_messages import large_payloads_pass


async def test_maximum_of_subscriptions_is_reported(scene: Scene) -> None:
    """The server goes on; this library closes the connection at any error that is not about permissions."""
    c = await scene.connect(scene.start("max_subscriptions: 3"))
    for i in range(3):
        await c.subscribe(f"subject.{i}")
    await c.nc.subscribe("subject.3")
    await event(c.closed)
    assert "maximum subscriptions exceeded" in str(c.nc.last_error).lower()


async def test_too_large_payload_is_refused_by_the_library(scene: Scene) -> None:
    c = await scene.connect(scene.start("max_payload: 1024"))
    await large_payloads_pass(c, c)


async def test_too_large_payload_is_refused_by_the_server(scene: Scene) -> None:
    """The library does not count headers."""
    c = await scene.connect(scene.start("max_payload: 1024"), allow_reconnect=False)
    await c.nc.publish("subject", patterned(1024), headers={"Key": "value"})
    await event(c.closed)
    assert "maximum payload violation" in str(c.nc.last_error).lower()


async def test_slow_subscription_is_reported_by_the_library(scene: Scene) -> None:
    c = await scene.connect(scene.start())
    slow = await c.subscribe("subject", pending_msgs_limit=10)
    fast = await c.subscribe("subject")
    for text in numbered(100):
        await c.publish("subject", text)
    error = await event(c.errors)
    assert isinstance(error, nats.errors.SlowConsumerError) and error.sub is slow
    await want_next(fast, *numbered(100))
    await want_next(slow, *numbered(10))

"""Requests: answered, unanswered, and with nobody there."""
import asyncio

import nats.errors
import pytest
from nats import micro
from nats.aio.msg import Msg

from client import Connection, numbered, want_next
from conftest import Scene
from server import DEADLINE


async def answer(c: Connection, subject: str) -> None:
    """A responder that says to each request what it was sent."""
    async def echo(m: Msg) -> None:
        await c.nc.publish(m.reply, m.data, headers=m.headers)
    await c.subscribe(subject, queue="answerers", cb=echo)


@pytest.mark.parametrize("old_style", [False, True])
async def test_request_is_answered(scene: Scene, old_style: bool) -> None:
    server = scene.start()
    await answer(await scene.connect(server), "echo")
    c = await scene.connect(server)
    for text in numbered(100):
        assert (await c.request("echo", text, old_style=old_style)).data.decode() == text


async def test_requests_side_by_side_get_their_own_answers(scene: Scene) -> None:
    server = scene.start()
    for _ in range(3):
        await answer(await scene.connect(server), "echo")
    c = await scene.connect(server)
    answers = await asyncio.gather(*(c.request("echo", text) for text in numbered(200)))
    assert [m.data.decode() for m in answers] == numbered(200)


async def test_request_and_answer_carry_headers(scene: Scene) -> None:
    server = scene.start()
    await answer(await scene.connect(server), "echo")
    m = await (await scene.connect(server)).request("echo", headers={"Key": "value"})
    assert (m.data, m.headers) == (b"", {"Key": "value"})


@pytest.mark.parametrize("old_style", [False, True])
async def test_request_without_responders_fails_at_once(scene: Scene, old_style: bool) -> None:
    c = await scene.connect(scene.start())
    with pytest.raises(nats.errors.NoRespondersError):
        await c.request("nobody", old_style=old_style)


async def test_no_responders_is_said_once_answerers_left(scene: Scene) -> None:
    server = scene.start()
    service, c = await scene.connect(server), await scene.connect(server)
    sub = await service.subscribe("silent", queue="group")
    with pytest.raises(nats.errors.TimeoutError):
        await c.nc.request("silent", timeout=0.05)
    await sub.unsubscribe()
    await service.flush()
    with pytest.raises(nats.errors.NoRespondersError):
        await c.request("silent")


async def test_many_may_answer_one_request(scene: Scene) -> None:
    server = scene.start()

    async def respond(m: Msg) -> None:
        await m.respond(b"me")
    for _ in range(5):
        await (await scene.connect(server)).subscribe("who", cb=respond)
    c = await scene.connect(server)
    answers = await c.subscribe(c.nc.new_inbox())
    await c.publish("who", reply=answers.subject)
    await want_next(answers, *["me"] * 5)


async def test_service_framework_works(scene: Scene) -> None:
    server = scene.start()
    service = await micro.add_service((await scene.connect(server)).nc, name="adder", version="1.0.0")

    async def add(request: micro.Request) -> None:
        await request.respond(request.data + b"1")
    await service.add_endpoint(name="add", subject="add", handler=add)
    c = await scene.connect(server)
    await scene.connections[0].flush()
    assert (await c.request("add", "4")).data == b"41"
    assert b'"adder"' in (await c.request("$SRV.PING.adder")).data
    await asyncio.wait_for(service.stop(), DEADLINE)

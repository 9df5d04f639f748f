"""Publish and subscribe: what arrives, where, and in which order."""
import asyncio

import nats.errors
import pytest

from client import Connection, next_message, numbered, patterned, want_next, want_no_more
from conftest import Scene


async def large_payloads_pass(a: Connection, b: Connection) -> None:
    """Payloads up to the limit; above it they are refused by the library."""
    limit = a.nc.max_payload
    sub = await b.subscribe("large")
    whole = patterned(limit + 1)
    for size in limit // 2, limit - 1, limit:
        await a.nc.publish("large", whole[:size])
        assert (await next_message(sub)).data == whole[:size]
    with pytest.raises(nats.errors.MaxPayloadError):
        await a.nc.publish("large", whole)


async def test_payloads_arrive_unchanged(scene: Scene) -> None:
    server = scene.start()
    a, b = await scene.connect(server), await scene.connect(server)
    sub = await b.subscribe("subject")
    for payload in b"", b"x", b"\r\n", b"PING\r\n", b"MSG subject 1 1\r\nx\r\n", b"\0", patterned(4096), patterned(70000):
        await a.nc.publish("subject", payload)
        m = await next_message(sub)
        assert (m.data, m.subject, m.reply) == (payload, "subject", "")


PUBLISHED = ["a", "b", "a.b", "a.b.c", "a.c", "a.b.c.d", "A.b", "x.b.c"]
WILDCARDS = {
    "a": ["a"],
    "*": ["a", "b"],
    ">": PUBLISHED,
    "a.*": ["a.b", "a.c"],
    "a.>": ["a.b", "a.b.c", "a.c", "a.b.c.d"],
    "*.b": ["a.b", "A.b"],
    "*.*.c": ["a.b.c", "x.b.c"],
    "a.*.c.>": ["a.b.c.d"],
    "*.b.>": ["a.b.c", "a.b.c.d", "x.b.c"],
    "c.>": [],
}


async def test_wildcards_match(scene: Scene) -> None:
    c = await scene.connect(scene.start())
    subs = {subject: await c.subscribe(subject) for subject in WILDCARDS}
    for subject in PUBLISHED:
        await c.publish(subject)
    await c.flush()
    for subject, wanted in WILDCARDS.items():
        assert [(await next_message(subs[subject])).subject for _ in wanted] == wanted, subject
        want_no_more(subs[subject])


async def test_overlapping_subscriptions_each_get_a_copy(scene: Scene) -> None:
    c = await scene.connect(scene.start())
    subs = [await c.subscribe(subject) for subject in ("a.b", "a.b", "a.*", "a.>", ">")]
    await c.publish("a.b", "hello")
    await c.flush()
    for sub in subs:
        await want_next(sub, "hello")
        want_no_more(sub)


async def test_queue_groups_share_messages(scene: Scene) -> None:
    server = scene.start()
    other, publisher = await scene.connect(server), await scene.connect(server)
    first = [await (await scene.connect(server)).subscribe("work.*", queue="first") for _ in range(2)]
    first.append(await other.subscribe("work.*", queue="first"))
    second = await other.subscribe("work.one", queue="second")
    plain = await other.subscribe("work.>")
    sent = numbered(600)
    for text in sent:
        await publisher.publish("work.one", text)
    await want_next(second, *sent)
    await want_next(plain, *sent)
    for c in scene.connections:  # what went to members has left the server, and is there before the answers
        await c.flush()
    shares = [[(await next_message(sub)).data.decode() for _ in range(sub.pending_msgs)] for sub in first]
    assert min(len(share) for share in shares) >= len(sent) / 10
    assert sorted(sum(shares, [])) == sorted(sent)


async def test_queue_group_goes_on_without_a_member(scene: Scene) -> None:
    server = scene.start()
    c, other = await scene.connect(server), await scene.connect(server)
    stays, leaves = await c.subscribe("work", queue="group"), await other.subscribe("work", queue="group")
    await leaves.unsubscribe()
    await other.flush()
    for text in numbered(50):
        await c.publish("work", text)
    await want_next(stays, *numbered(50))


async def test_headers_keep_case_and_order(scene: Scene) -> None:
    """The library has one value for a name."""
    server = scene.start()
    a, b = await scene.connect(server), await scene.connect(server)
    sub = await b.subscribe("subject")
    headers = {"lower-case": "1", "Mixed-Case": "2", "MIXED-CASE": "3", "Colon": "a: b:c", "Unicode": "ü", "Empty": ""}
    for text in "", "hello":
        await a.publish("subject", text, headers=headers)
        m = await next_message(sub)
        assert m.data.decode() == text
        assert list(m.headers.items()) == list(headers.items())


async def test_large_payloads_up_to_the_limit(scene: Scene) -> None:
    server = scene.start()
    await large_payloads_pass(await scene.connect(server), await scene.connect(server))


async def test_many_messages_keep_their_order(scene: Scene) -> None:
    server = scene.start()
    a, b = await scene.connect(server), await scene.connect(server)
    sub = await b.subscribe("subject")
    sent = numbered(50_000)

    async def publish() -> None:
        for text in sent:
            await a.publish("subject", text)
        await a.flush()
    publishing = asyncio.create_task(publish())
    await want_next(sub, *sent)
    await publishing


async def test_many_subscriptions_on_one_connection(scene: Scene) -> None:
    server = scene.start()
    c, publisher = await scene.connect(server), await scene.connect(server)
    subs = {text: await c.nc.subscribe(f"subject.{text.split()[1]}") for text in numbered(1000)}
    await c.flush()
    for text, sub in subs.items():
        await publisher.publish(sub.subject, text)
    for text, sub in subs.items():
        await want_next(sub, text)


async def test_unsubscribe_ends_delivery(scene: Scene) -> None:
    c = await scene.connect(scene.start())
    ended: asyncio.Queue[bytes] = asyncio.Queue()

    async def note(m: object) -> None:
        ended.put_nowait(m.data)
    sub, other = await c.subscribe("subject", cb=note), await c.subscribe("subject")
    await c.publish("subject", "both")
    await want_next(other, "both")
    assert await ended.get() == b"both"
    await sub.unsubscribe()
    await c.publish("subject", "one")
    await want_next(other, "one")
    assert ended.empty()


@pytest.mark.parametrize("before, maximum", [(0, 1), (0, 5), (3, 5)])
async def test_unsubscribe_after_a_maximum(scene: Scene, before: int, maximum: int) -> None:
    server = scene.start()
    c, publisher = await scene.connect(server), await scene.connect(server)
    sub, witness = await c.subscribe("subject"), await c.subscribe("subject")
    texts = numbered(before + 10)
    for text in texts[:before]:
        await publisher.publish("subject", text)
    await want_next(witness, *texts[:before])
    await sub.unsubscribe(limit=maximum)
    await c.flush()
    for text in texts[before:]:
        await publisher.publish("subject", text)
    await want_next(witness, *texts[before:])
    await want_next(sub, *texts[:maximum])
    assert sub.delivered == maximum
    with pytest.raises(nats.errors.Error):
        await sub.next_msg(timeout=0.1)

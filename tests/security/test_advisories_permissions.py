"""Advisories about permissions and about headers that only the server writes: one test or more for each (13 §2, §3)."""
import itertools
import json

import pytest

from harness import Server
from harness.accounts import HEAD, login, nothing, sub_allowed, sub_denied, subscribed
from harness.jwt import Operator, scope, Key

count = itertools.count(1)
P = {"pass": "p"}
USERS = HEAD + """authorization { users: [
  { user: admin, password: p }
  { user: stars, password: p, permissions: { subscribe: { deny: ["*.secret"] } } }
  { user: inner, password: p, permissions: { subscribe: { allow: ["a.>"], deny: ["a.*.secret", "a.b.>"] } } }
  { user: mixed, password: p, permissions: { subscribe: { deny: ["admin.>", "> restricted"] } } }
  { user: queues, password: p, permissions: { subscribe: { deny: ["foo q1", "bar.* *.bad"] } } }
] }
"""


@pytest.fixture(scope="module")
def server():
    with Server(USERS) as s:
        yield s
        assert s.stop() in (0, 1)


def user(s, name):
    return login(s, user=name, **P)


# Who may publish to "in" and "mine", and not to `dest`.
TRACERS = HEAD + """max_payload: 1000
authorization { users: [
  { user: admin, password: p }
  { user: narrow, password: p, permissions: { publish: ["in", "mine"] } }
] }
"""


@pytest.mark.parametrize("only", [{}, {"Nats-Trace-Only": "true"}], ids=["too", "only"])
@pytest.mark.parametrize("name,dest", [("narrow", "others"), ("narrow", "$SYS.REQ.SERVER.PING"),
                                       ("admin", "_GR_.x"), ("admin", "$NRG.x")])
def test_advisory_2026_15_a_trace_goes_where_its_publisher_may(start, name, dest, only):
    s = start(TRACERS)
    watch, c = user(s, "admin"), user(s, name)
    subscribed(watch, "in")
    subscribed(watch, dest)
    c.pub("in", "x", headers={"Nats-Trace-Dest": dest, **only})
    c.err(f'Permissions Violation for Publish to "{dest}"')
    nothing(c, watch)
    rows = f"NATS/1.0\r\nNats-Trace-Dest: {dest}\r\n\r\n".encode()
    c.send_raw(b"HPUB in %d %d\r\n" % (len(rows), 5000) + rows + b"x" * 5000)
    c.closed()
    nothing(watch)


def test_advisory_2026_15_a_trace_that_may_go_there_does(start):
    s = start(TRACERS)
    watch, c = user(s, "admin"), user(s, "narrow")
    subscribed(watch, "mine")
    c.pub("in", "x", headers={"Nats-Trace-Dest": "mine"})
    assert json.loads(watch.msg("mine").payload)["events"][0]["subj"] == "in"


def test_advisory_2026_15_a_destination_is_no_longer_than_a_line(start):
    s = start(TRACERS.replace("max_payload: 1000", "max_control_line: 1000"))
    watch, c = user(s, "admin"), user(s, "admin")
    subscribed(watch, ">")
    for size, subjects in (1000, ["in", "d" * 1000]), (1001, ["in"]):
        c.pub("in", "x", headers={"Nats-Trace-Dest": "d" * size})
        c.ping()
        assert [watch.msg().subject for _ in subjects] == subjects
    nothing(watch)


@pytest.mark.parametrize("subscription,allowed,denied", [
    ("foo.*", "foo.public", "foo.secret"), ("*.*", "x.y", "x.secret"), (">", "foo.public", "foo.secret"),
    ("foo.>", "foo.secret.more", "foo.secret"), ("*.>", "a.b", "z.secret")])
def test_advisory_2026_17_a_deny_that_overlaps_a_subscription_filters_it(server, subscription, allowed, denied):
    c, admin = user(server, "stars"), user(server, "admin")
    subscribed(c, subscription)
    admin.pub(denied, "no")
    admin.pub(allowed, "yes")
    admin.ping()
    c.msg(allowed, "yes")
    nothing(c)


@pytest.mark.parametrize("subscription,allowed,denied", [
    ("foo.*", "foo.public", "foo.secret"), (">", "foo.public", "foo.secret"), ("*.>", "a.b", "z.secret")])
def test_advisory_2022_04_a_deny_filters_queue_subscriptions_too(server, subscription, allowed, denied):
    c, admin = user(server, "stars"), user(server, "admin")
    subscribed(c, subscription, queue=f"q{next(count)}")
    admin.pub(denied, "no")
    admin.pub(allowed, "yes")
    admin.ping()
    c.msg(allowed, "yes")
    nothing(c)


def test_advisory_2026_17_another_member_gets_what_one_may_not(server):
    denied, allowed, admin = user(server, "stars"), user(server, "admin"), user(server, "admin")
    for c in (denied, allowed):
        subscribed(c, "work.*", queue="g")
    for i in range(40):
        admin.pub("work.secret", str(i))
    admin.ping()
    for i in range(40):
        allowed.msg("work.secret", str(i))
    nothing(denied)


@pytest.mark.parametrize("subject,queue,denied", [
    ("admin.secret", "workers", True), ("admin.secret", None, True), ("admin.>", "workers", True),
    ("other", "restricted", True), ("other", "workers", False), ("other", None, False)])
def test_advisory_2026_18_a_plain_deny_and_one_with_a_queue_both_hold(server, subject, queue, denied):
    (sub_denied if denied else sub_allowed)(user(server, "mixed"), subject, queue)


@pytest.mark.parametrize("subject,queue,denied", [
    ("foo", "q1", True), ("foo", "q2", False), ("foo", None, False), ("bar.x", "a.bad", True), ("bar.x", "bad", False)])
def test_release_2_12_14_a_deny_with_a_queue_holds_for_that_queue(server, subject, queue, denied):
    (sub_denied if denied else sub_allowed)(user(server, "queues"), subject, queue)


def test_release_2_12_14_a_deny_with_a_queue_filters_a_wildcard_of_it(server):
    one, other, admin = user(server, "queues"), user(server, "queues"), user(server, "admin")
    one.sub("*", queue="q1")
    one.ping()
    other.sub("*", queue="another")
    other.ping()
    for _ in range(20):
        admin.pub("foo", "x")
    admin.ping()
    for _ in range(20):
        other.msg("foo")
    nothing(one)


SHARING = HEAD + """accounts {
  X { users: [ {user: x, password: p} ], exports: [ {service: "svc.>"} ] }
  M { users: [ {user: m, password: p} ], imports: [ {service: {account: X, subject: "svc.>"}, share: true} ] }
}\n"""
INFO = "Nats-Request-Info"


@pytest.fixture(scope="module")
def sharing():
    with Server(SHARING) as s:
        yield s
        assert s.stop() in (0, 1)


FORGED = f'{INFO}: {{"acc":"FORGED"}}'


@pytest.mark.parametrize("rows", [
    [FORGED], [FORGED] * 2, [FORGED, "a: b", FORGED, "c: d", FORGED], [f"{INFO}:" + FORGED[len(INFO) + 2:], FORGED],
    [f"{INFO}: ", FORGED], [FORGED] * 500])
def test_advisory_2026_09_every_copy_of_a_forged_header_is_replaced(sharing, rows):
    x, m = login(sharing, user="x", **P), login(sharing, user="m", **P)
    subscribed(x, "svc.who")
    m.pub("svc.who", "?", "_INBOX.1", ("NATS/1.0\r\n" + "".join(f"{r}\r\n" for r in rows) + "\r\n").encode())
    got = x.msg("svc.who").headers
    assert [json.loads(v)["acc"] for v in got[INFO]] == ["M"]
    assert "FORGED" not in str(got)


@pytest.mark.parametrize("row", [f"{INFO}-X: 1", f"X-{INFO}: 1", f"a: {INFO}: 1", f"a: x {FORGED}"])
def test_advisory_2026_09_what_only_looks_like_the_header_stays(sharing, row):
    x, m = login(sharing, user="x", **P), login(sharing, user="m", **P)
    subscribed(x, "svc.who")
    m.pub("svc.who", "?", "_INBOX.1", f"NATS/1.0\r\n{row}\r\n\r\n".encode())
    op = x.msg("svc.who")
    assert row.encode() in op.header
    assert len(op.headers[INFO]) == 1 and json.loads(op.headers[INFO][0])["acc"] == "M"


@pytest.mark.parametrize("item", [" ", "\\t", "a b c", "a..b", ""])
def test_release_2_12_14_a_permission_of_blanks_in_a_jwt_hurts_nobody(start, item):
    op = Operator()
    a = op.account("A")
    s = start(HEAD + op.memory_config(a))
    bad = a.user("bad", pub={"allow": [item.replace("\\t", "\t")]}, sub={"deny": [item.replace("\\t", "\t")]})
    c = s.open()
    c.send("CONNECT " + json.dumps({"protocol": 1, **bad.connect_options(c.info)}))
    c.send_raw(b"PUB a 0\r\n\r\nSUB a 1\r\nPING\r\n")
    try:
        c.drain()
    except (AssertionError, OSError):
        pass  # refused is fine, too
    login(s, a.user("good"))


@pytest.mark.parametrize("subject,refused", [
    ("{{tag(}}", True), ("{{x}}", True), ("{{x()}}", True), ("{{tag(a)}}.{{tag(b)}}.{{tag(c)}}", True),
    ("{{tag()}}", None), ("{{", None), ("}}", None), ("{{name(", None), ("{{tag(a)}}.{{tag(t)}}", None)])
def test_release_2_12_5_permission_templates_are_bounded(start, subject, refused):
    op, key = Operator(), Key("A")
    a = op.account("A", signing_keys=[scope(key, pub={"allow": [subject, "ok"]})])
    s = start(HEAD + op.memory_config(a))
    tags = [f"{name}:{i}" for name in "abc" for i in range(100)]  # a million subjects
    u = a.scoped_user("u", key, tags=tags)
    c = s.open()
    c.send_raw(("CONNECT " + json.dumps({"protocol": 1, **u.connect_options(c.info)}) + "\r\nPING\r\n").encode())
    op = c.read_op()
    assert (op.verb == "-ERR") == refused or refused is None
    login(s, a.user("good"))
    assert s.rss() < 400 << 20

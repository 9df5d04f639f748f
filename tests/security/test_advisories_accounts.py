"""Advisories about accounts that share, and about the JWTs and resolvers of operator mode (13 §2, §3)."""
import base64
import copy
import json
import time

import pytest

from harness import Server, ServerFailed
from harness.accounts import HEAD, disconnected, login, nothing, push, refused, subscribed
from harness.jwt import Key, Operator, _crc16, decode, encode, token

from conftest import hello

P = {"pass": "p"}
VIOLATION = "Authorization Violation"


def ring_of(n: int, kind: str, local: str) -> str:
    """Accounts that export to, and import from, their neighbours, in a circle."""
    rows = []
    for i in range(n):
        before = (i - 1) % n
        rows.append(f"A{i} {{ users: [ {{user: u{i}, password: p}} ], exports: [ {{{kind}: \"loop.>\"}} ]\n"
                    f"  imports: [ {{{kind}: {{account: A{before}, subject: \"loop.>\"}}{local}}} ] }}")
    return HEAD + "accounts {\n" + "\n".join(rows) + "\n}\n"


@pytest.mark.parametrize("n", [2, 3, 10])
def test_advisory_2022_06_and_2021_01_services_in_a_circle_by_config_are_refused(start, n):
    with pytest.raises(ServerFailed) as failed:
        start(ring_of(n, "service", ""))
    assert "cycle" in failed.value.log and failed.value.code == 1


@pytest.mark.parametrize("n", [2, 3, 10])
def test_advisory_2022_06_and_2021_01_streams_in_a_circle_by_config_are_refused(start, n):
    with pytest.raises(ServerFailed) as failed:
        start(ring_of(n, "stream", ""))
    assert "cycle" in failed.value.log and failed.value.code == 1


def test_release_2_12_6_a_second_import_that_closes_the_circle_is_found(start):
    with pytest.raises(ServerFailed) as failed:
        start(HEAD + """accounts {
  A { exports: [ {service: "a.>"}, {service: "b.>"} ], imports: [ {service: {account: B, subject: "x.>"}}, {service: {account: B, subject: "b.>"}} ] }
  B { exports: [ {service: "x.>"}, {service: "b.>"} ], imports: [ {service: {account: A, subject: "a.>"}}, {service: {account: A, subject: "b.>"}} ] }
}\n""")
    assert "cycle" in failed.value.log


@pytest.mark.parametrize("n", [2, 3, 10])
@pytest.mark.parametrize("kind", ["service", "stream"])
def test_advisory_2022_06_and_2021_01_a_circle_by_jwt_ends_somewhere(start, n, kind):
    op = Operator()
    accounts = [op.account(f"A{i}", exports=[{"name": "e", "subject": "loop.>", "type": kind}]) for i in range(n)]
    for i, a in enumerate(accounts):
        a.changed(imports=[{"name": "i", "subject": "loop.>", "account": accounts[i - 1].id, "type": kind}])
    s = start(HEAD + op.memory_config(*accounts))
    clients = [login(s, a.user("u"), timeout=10) for a in accounts]
    hears = subscribed(login(s, accounts[0].user("h")), "loop.b")
    for c in clients:
        c.pub("loop.a", "x", "_INBOX.r")
        c.pub("loop.b", "x")
        c.drain()
    got = [op for op in hears.drain() if op.verb in ("MSG", "HMSG")]
    assert len(got) <= n * n
    assert s.rss() < 300 << 20


def test_attack_5_35_imports_that_fan_out_at_every_hop_do_not_multiply_a_message(start):
    """Layers of two accounts; each imports from both of the next. With eleven layers 2048 ways lead to the end."""
    rows, last = [], 12
    for i in range(last):
        for side in "ab":
            imports = "" if i + 1 == last else ", ".join(
                f'{{service: {{account: L{i + 1}{to}, subject: "go"}}}}' for to in "ab")
            rows.append(f'L{i}{side} {{ users: [ {{user: l{i}{side}, password: p}} ], exports: [ {{service: "go"}} ], '
                        f"imports: [ {imports} ] }}")
    s = start(HEAD + "accounts {\n" + "\n".join(rows) + "\n}\n")
    ends = [subscribed(login(s, user=f"l{last - 1}{side}", **P), "go") for side in "ab"]
    c = login(s, user="l0a", timeout=10, **P)
    c.pub("go", "x")
    c.ping()
    assert sum(len([op for op in end.drain() if op.verb in ("MSG", "HMSG")]) for end in ends) <= 1024


@pytest.fixture(scope="module")
def world():
    op = Operator()
    a = op.account("A")
    with Server(HEAD + op.resolver_config("full", a)) as s:
        s.op, s.a = op, a
        s.good = a.user("good")
        yield s
        assert s.stop() in (0, 1)


def key_text(prefix: int, raw: bytes) -> str:
    data = bytes([prefix]) + raw
    return base64.b32encode(data + _crc16(data).to_bytes(2, "little")).decode().rstrip("=")


@pytest.mark.parametrize("size", [0, 1, 31, 33, 64])
@pytest.mark.parametrize("field,prefix", [("iss", 0), ("sub", 20 << 3), ("issuer_account", 0)])
def test_advisory_2026_23_keys_of_wrong_sizes_are_none(world, size, field, prefix):
    claims = decode(world.good.jwt)
    (claims["nats"] if field == "issuer_account" else claims)[field] = key_text(prefix, b"k" * size)
    c = world.open()
    c.send(hello(jwt=token(world.a.key, claims), sig=world.good.key.sign_nonce(c.info["nonce"])))
    c.err(VIOLATION)
    c.closed()


@pytest.mark.parametrize("size", [0, 1, 31, 33])
def test_advisory_2026_23_an_nkey_of_a_wrong_size_is_none(start, size):
    key = Key("U")
    s = start(HEAD + f"authorization {{ users: [ {{nkey: {key.public}}} ] }}\n")
    c = s.open()
    c.send(hello(nkey=key_text(20 << 3, b"k" * size), sig=key.sign_nonce(c.info["nonce"])))
    c.err(VIOLATION)
    c.closed()


def flatten(value, path=()):
    if isinstance(value, dict):
        for k, v in value.items():
            yield path + (k,)
            yield from flatten(v, path + (k,))


TWISTS = [None, 5, -1, 2**70, "x", "x" * 5000, [], {}, [None], [[]], {"a": None}, True, 1e300]


def test_advisory_2020_03_user_claims_of_any_type_hurt_nobody(world):
    full = world.a.user("full", pub={"allow": ["a"], "deny": ["b"]}, sub={"allow": ["a"]}, resp={"max": 1, "ttl": 5},
                        src=["127.0.0.0/8"], times=[{"start": "00:00:00", "end": "23:59:59"}], times_location="UTC",
                        tags=["a:b"], allowed_connection_types=["STANDARD"], bearer_token=True)
    claims = decode(full.jwt)
    for path in list(flatten(claims)):
        for twist in [...] + TWISTS:  # ... leaves it out
            broken = copy.deepcopy(claims)
            at = broken
            for name in path[:-1]:
                at = at[name]
            if twist is ...:
                del at[path[-1]]
            else:
                at[path[-1]] = twist
            c = world.open()
            c.send_raw((hello(jwt=token(world.a.key, broken)) + "\r\nPING\r\n").encode())
            c.read_op()  # an answer, whatever it is
            c.close()
    login(world, world.good).close()


def test_advisory_2020_02_expired_early_and_revoked_users_are_refused(start):
    op = Operator()
    a = op.account("A")
    s = start(HEAD + op.resolver_config("full", a))
    now = int(time.time())
    refused(s, signer=a.user("old", expires=now - 1))
    refused(s, signer=a.user("early", not_before=now + 60))
    live = login(s, a.user("short", expires=now + 2))
    user, everybody = a.user("u"), a.user("v")
    one, two = login(s, user), login(s, everybody)
    sys = login(s, op.system.user("sys"))
    a.changed(revocations={user.key.public: now + 1})
    push(sys, a)
    disconnected(one, "User Authentication Revoked")
    two.ping()
    refused(s, signer=user)
    disconnected(live, "User Authentication Expired")
    a.changed(revocations={"*": now + 1})
    push(sys, a)
    disconnected(two, "User Authentication Revoked")
    refused(s, signer=everybody)


def sharing(op, how, now):
    """An exporter with a token-required stream, and an importer whose token is wrong in this way."""
    x, m, n = op.account("X", exports=[{"name": "e", "subject": "s.>", "type": "stream", "token_req": True}]), op.account("M"), op.account("N")
    tokens = {
        "good": lambda: x.activation(m, "s.>"),
        "another importer": lambda: x.activation(n, "s.>"),
        "another subject": lambda: x.activation(m, "t.>"),
        "another type": lambda: x.activation(m, "s.>", "service"),
        "another exporter": lambda: n.activation(m, "s.>"),
        "a stranger's key": lambda: x.activation(m, "s.>", issuer=Key("A")),
        "expired": lambda: x.activation(m, "s.>", expires=now - 5),
        "none": lambda: "",
        "no token": lambda: "eyJ.nothing.x",
    }
    m.changed(imports=[{"name": "i", "subject": "s.>", "account": x.id, "type": "stream", "token": tokens[how]()}])
    return x, m


@pytest.mark.parametrize("how", ["another importer", "another subject", "another type", "another exporter", "a stranger's key",
                                 "expired", "none", "no token", "good"])
def test_advisory_2021_02_an_activation_is_for_one_importer_and_one_subject(start, how):
    op = Operator()
    x, m = sharing(op, how, int(time.time()))
    s = start(HEAD + op.memory_config(x, m))
    sender = login(s, x.user("x"))
    try:
        reader = login(s, m.user("m"))
    except AssertionError:
        return  # the account as a whole is refused: fine, too
    subscribed(reader, "s.>", ">")
    sender.pub("s.a", "x")
    sender.ping()
    if how == "good":
        reader.msg("s.a")
    else:
        nothing(reader)


@pytest.mark.parametrize("key", ["../../escaped", "/escaped/absolute", "A" * 300, "..", ".", "a/b", "%2e%2e", "B" * 56, ""])
def test_advisory_2022_03_claims_are_stored_under_account_keys_only(start, key):
    op = Operator()
    s = start(HEAD + op.resolver_config("full"))
    sys = login(s, op.system.user("sys"))
    before = {p for p in s.dir.rglob("*")}
    jwt = encode(op.key, key, "account", {"limits": {"subs": -1}}, name="evil")
    for subject in ("$SYS.REQ.CLAIMS.UPDATE", "$SYS.REQ.ACCOUNT.x.CLAIMS.UPDATE", f"$SYS.REQ.ACCOUNT.{op.system.id}.CLAIMS.UPDATE"):
        answer = sys.request(subject, jwt)
        assert b"error" in answer.payload, answer.payload
    sys.request("$SYS.REQ.CLAIMS.DELETE", op.delete_request(key))
    assert {p for p in s.dir.rglob("*")} - before <= {s.dir / "jwt" / f"{op.system.id}.jwt"}
    assert not (s.dir.parent / "escaped").exists()


@pytest.mark.parametrize("name,text", [("conn", "maximum account active connections exceeded"),
                                       ("subs", "maximum subscriptions exceeded"),
                                       ("payload", "Maximum Payload Violation")])
@pytest.mark.parametrize("value", [-2, -2**63])
def test_release_2_12_5_limits_below_no_limit_allow_nothing(start, name, text, value):
    op = Operator()
    a = op.account("A")
    a.changed(limits={name: value})
    s = start(HEAD + op.memory_config(a))
    user = a.user("u")
    c = s.open()
    c.send_raw((hello(**user.connect_options(c.info)) + "\r\nSUB a 1\r\nPUB a 1\r\nx\r\n").encode())
    c.err(text)
    login(s, op.system.user("sys")).ping()


@pytest.mark.parametrize("name", ["conn", "subs", "payload", "leaf"])
@pytest.mark.parametrize("value", [2**31, 2**32, 2**63 - 1, -1])
def test_release_2_12_5_limits_beyond_32_bits_are_not_negative(start, name, value):
    op = Operator()
    a = op.account("A")
    a.changed(limits={name: value})
    s = start(HEAD + op.memory_config(a))
    c = login(s, a.user("u"))
    subscribed(c, "a")
    c.pub("a", "x" * 100)
    c.msg("a")


def test_release_2_12_8_windows_of_time_may_cross_midnight(start):
    op = Operator()
    a = op.account("A")
    s = start(HEAD + op.memory_config(a))
    clock = lambda shift: time.strftime("%H:%M:%S", time.gmtime(time.time() + shift))
    inside = {"start": clock(-60), "end": clock(-120)}  # all day but a minute: over midnight
    login(s, a.user("in", times=[inside], times_location="UTC"))
    refused(s, signer=a.user("out", times=[{"start": clock(120), "end": clock(-120)}], times_location="UTC"))


def test_advisory_2025_01_requests_act_on_the_account_that_asks(start):
    """Those of JetStream are still to come; here the services of the system account."""
    op = Operator()
    a, b = op.account("A"), op.account("B")
    s = start(HEAD + op.memory_config(a, b))
    login(s, b.user("b", tags=["canary"]), name="canary-b")
    c = login(s, a.user("a"))
    for subject in ("$SYS.REQ.ACCOUNT.PING.CONNZ", "$SYS.REQ.SERVER.PING.CONNZ", "$SYS.REQ.ACCOUNT.PING.STATZ"):
        for body in ({}, {"acc": b.id}, {"account": b.id}, {"accounts": [b.id]}, {"auth": True, "acc": b.id}):
            answer = c.request(subject, body, headers={"Nats-Request-Info": json.dumps({"acc": b.id})})
            assert b"canary" not in answer.payload and b.id.encode() not in answer.payload, answer.payload
    for subject in (f"$SYS.REQ.ACCOUNT.{b.id}.CONNZ", f"$SYS.REQ.ACCOUNT.{b.id}.INFO", "$SYS.REQ.SERVER.PING.VARZ"):
        inbox = c.inbox()
        c.sub(inbox)
        c.pub(subject, "{}", inbox)
        assert c.msg(inbox).status == "503"


@pytest.mark.parametrize("extra", [0, 1])
def test_jwt_2_8_1_a_token_above_a_mebibyte_is_refused(start, extra):
    op = Operator()
    a = op.account("A")
    s = start(HEAD + "max_control_line: 4194304\n" + op.memory_config(a))
    user = a.user("u")
    size = (1 << 20) + extra
    room = size - len(a.user("u", tags=[""]).jwt)
    big = None
    for n in range(room * 3 // 4 - 8, room * 3 // 4 + 9):
        big = a.user("u", key=user.key, tags=["t" * n])
        if len(big.jwt) == size:
            break
    if len(big.jwt) != size:
        big = a.user("u", key=user.key, tags=["t" * (room * 3 // 4 + (40 if extra else -40))])
    if extra:
        refused(s, signer=big)
    else:
        login(s, big)


def test_jwt_2_8_1_weights_above_a_hundred_are_refused(start):
    op = Operator()
    a = op.account("A", mappings={"a": [{"subject": "b", "weight": 60}, {"subject": "c", "weight": 60}]})
    s = start(HEAD + op.memory_config(a))
    refused(s, signer=a.user("u"))

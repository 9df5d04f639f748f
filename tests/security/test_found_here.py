"""Holes of natsd itself, found by reading and closed before anybody met them."""
import socket
import threading
import time

import pytest

from harness import eventually
from harness.accounts import HEAD, login, nothing, subscribed
from harness.callout import Service, admitted, attempt, rejected
from harness.jwt import Key, Operator

from conftest import hello

P = {"pass": "p"}


def send_and_wait(s, clients, **options) -> None:
    """All their CONNECTs have been read: one that a reload overtakes is refused (spec 02 section 11.5)."""
    for c in clients:
        c.send_raw((hello(name="waiting", **options) + "\r\nPING\r\n").encode())
    eventually(lambda: [row.get("name") for row in s.get("/connz")["connections"]].count("waiting") == len(clients))


def test_a_reload_while_a_password_is_hashed_is_not_overtaken_by_it(start, bcrypt):
    """What was found of a user belonged to a configuration that had been freed."""
    users = "authorization { users [ {user: u, password: '%s', permissions: {publish: %s, subscribe: [ %s ]}} ] }\n"
    slow = bcrypt("p", 12)
    old = ", ".join(f"old.{i}" for i in range(200))
    s = start(HEAD + users % (slow, "old", old))
    waiting = [s.open(timeout=20) for _ in range(6)]
    send_and_wait(s, waiting, user="u", **P)
    s.reload(HEAD + users % (slow, "new", "new"))
    for c in waiting:
        c.next("PONG", timeout=20)
        c.pub("old", "x")
        c.err('Permissions Violation for Publish to "old"')
        c.pub("new", "x")
        c.ping()


def test_a_user_whom_a_reload_takes_away_does_not_enter_by_an_old_hash(start, bcrypt):
    slow = bcrypt("p", 12)
    s = start(HEAD + f"authorization {{ users [ {{user: u, password: '{slow}'}}, {{user: v, password: p}} ] }}\n")
    waiting = [s.open(timeout=20) for _ in range(6)]
    send_and_wait(s, waiting, user="u", **P)
    s.reload(HEAD + "authorization { users [ {user: v, password: p} ] }\n")
    for c in waiting:
        c.err("Authorization Violation", timeout=20)
        c.closed()


def test_a_client_without_connect_does_not_change_its_account(start):
    """Its subscriptions stayed in the index of the other account when it had gone."""
    config = HEAD + ("no_auth_user: u\naccounts { A { users [ {user: a, password: p} %s ] }, "
                     "B { users [ {user: b, password: p} %s ] } }\n")
    user = ", {user: u, password: p}"
    s = start(config % (user, ""))
    c = s.open()
    c.send_raw(b"SUB foo 1\r\nSUB foo.* 2\r\nPING\r\n")
    c.next("PONG")
    s.reload(config % ("", user))
    c.closed()
    for name in ("a", "b"):
        other = login(s, user=name, **P)
        for _ in range(50):
            other.pub("foo", "x")
        other.ping()


CALLOUT = HEAD + """
accounts {
  AUTH { users [ {user: auth, password: p} ] }
  SYS { users [ {user: sys, password: p} ] }
}
system_account: SYS
authorization { timeout: 2, users [ {user: known, password: p} ]
  auth_callout { issuer: %s, account: AUTH, auth_users: [ auth ] } }
"""


@pytest.mark.parametrize("options", [
    {"user": "known", "pass": "p", "nkey": "auth"},
    {"user": "known", "pass": "p", "nkey": "auth", "sig": "x"},
])
def test_to_call_oneself_a_user_of_the_service_does_not_go_round_it(start, options):
    """The name that a client gives first was believed, whatever it logged in by."""
    issuer = Key("A")
    s = start(CALLOUT % issuer.public)
    service = Service(s, issuer, user="auth", **P)
    c = attempt(s, **options)
    service.next().reject("not you")
    rejected(c)


@pytest.mark.parametrize("field", ["nkey", "user"])
def test_to_call_oneself_a_user_of_the_service_does_not_go_round_it_with_a_sentinel(start, field):
    op = Operator()
    auth = op.account("AUTH")
    service_user = auth.user("service")
    auth.changed(authorization={"auth_users": [service_user.key.public]})
    sentinel = auth.user("sentinel", bearer_token=True)
    s = start(HEAD + op.memory_config(auth))
    service = Service(s, auth.key, signer=service_user)
    c = attempt(s, jwt=sentinel.jwt, **{field: service_user.key.public})
    service.next().reject("not you")
    rejected(c)


def test_an_answer_that_only_names_the_account_is_not_the_services(start):
    """In operator mode the account that an answer named was believed without its key."""
    op = Operator()
    auth = op.account("AUTH")
    service_user = auth.user("service")
    auth.changed(authorization={"auth_users": [service_user.key.public]})
    sentinel = auth.user("sentinel", bearer_token=True)
    s = start(HEAD + op.memory_config(auth))
    service = Service(s, auth.key, signer=service_user)
    events = subscribed(login(s, service_user), "$SYS.ACCOUNT.CLIENT.AUTH.ERR")
    c = attempt(s, jwt=sentinel.jwt)
    request = service.next()
    request.send(request.response(request.user_jwt(None), issuer=Key("A"), issuer_account=auth.id))
    rejected(c)
    assert "signing key is unknown" in events.msg(timeout=8).json["reason"]


def test_an_account_that_expires_while_the_service_thinks_lets_nobody_in(start):
    op = Operator()
    auth = op.account("AUTH")
    service_user = auth.user("service")
    auth.changed(authorization={"auth_users": [service_user.key.public]})
    sentinel = auth.user("sentinel", bearer_token=True)
    s = start(HEAD + "authorization { timeout: 5 }\n" + op.memory_config(auth))
    service = Service(s, auth.key, signer=service_user)
    c = attempt(s, jwt=sentinel.jwt)
    request = service.next()
    answer = request.response(request.user_jwt(None))
    request.send(answer)
    admitted(c)
    c = attempt(s, jwt=sentinel.jwt)
    service.next()
    s.reload(HEAD + "authorization { timeout: 5 }\n" + op.memory_config())  # the account is deleted
    rejected(c)


def test_a_deny_holds_for_a_queue_subscription_to_an_imported_stream(start):
    """It was only asked about the exporter's subject."""
    s = start(HEAD + """accounts {
  X { users [ {user: x, password: p} ], exports [ {stream: "ext.>"} ] }
  M { users [ {user: m, password: p, permissions: {subscribe: {deny: ["local.ext.secret"]}}} ]
      imports [ {stream: {account: X, subject: "ext.>"}, prefix: "local"} ] }
}\n""")
    x, m = login(s, user="x", **P), login(s, user="m", **P)
    subscribed(m, "local.ext.*", queue="q")
    for name in ("secret", "open"):
        x.pub(f"ext.{name}", name)
    x.ping()
    m.msg("local.ext.open")
    nothing(m)


def test_a_deny_stays_in_force_while_permissions_change(start):
    """Between the new rules and the look at the subscriptions a denied message could slip through."""
    config = HEAD + ("authorization { users [ {user: a, password: p}, {user: u, password: p, permissions: "
                     "{publish: %s, subscribe: {deny: [\"*.secret\"]}}} ] }\n")
    s = start(config % "x0")
    readers = [subscribed(login(s, user="u", **P), "foo.*", *(f"many.{i}.*" for i in range(500))) for _ in range(4)]
    a = login(s, user="a", **P)
    stop = threading.Event()

    def flood():
        while not stop.is_set():
            for _ in range(200):
                a.pub("foo.secret", "x")
            a.ping()

    thread = threading.Thread(target=flood)
    thread.start()
    for i in range(1, 8):
        s.reload(config % f"x{i}")
    stop.set()
    thread.join()
    nothing(*readers)


@pytest.mark.parametrize("kind", ["url", "full"])
def test_a_server_stops_in_the_middle_of_fetches_and_logins(start, kind):
    """Accounts that wait for accounts that they import from."""
    op = Operator()
    missing = [op.account(f"M{i}") for i in range(4)]
    imports = [{"name": m.name, "subject": f"s.{i}", "account": m.id, "type": "stream"} for i, m in enumerate(missing)]
    a = op.account("A", imports=imports)
    b = op.account("B", imports=[{"name": "a", "subject": "t", "account": a.id, "type": "stream"}])
    silent = socket.create_server(("127.0.0.1", 0))
    if kind == "url":
        threading.Thread(target=serve_some, args=(silent, {x.id: x.jwt for x in (op.system, a, b)}), daemon=True).start()
        text = (f"operator: {op.jwt}\nsystem_account: {op.system.id}\n"
                f'resolver: URL("http://127.0.0.1:{silent.getsockname()[1]}/jwt/")\n')
    else:
        text = op.resolver_config("full", a, b, timeout='"10s"')
    s = start(HEAD + text)
    user = b.user("u")
    for _ in range(3):
        c = s.open()
        c.send(hello(**user.connect_options(c.info)))
    time.sleep(0.5)
    assert s.stop(keep=True) in (0, 1)


def serve_some(listener, tokens):
    """HTTP that knows a few accounts and says nothing about others."""
    kept = []
    while True:
        try:
            peer, _ = listener.accept()
        except OSError:
            return
        head = peer.recv(4096).decode()
        name = head.split(" ")[1].rsplit("/", 1)[-1]
        token = tokens.get(name, "" if name == "" else None)  # the start asks for the folder
        if token is None:
            kept.append(peer)
        else:
            peer.sendall(f"HTTP/1.1 200 OK\r\nContent-Length: {len(token)}\r\nConnection: close\r\n\r\n{token}".encode())
            peer.close()


def test_unanswered_requests_of_one_account_do_not_fill_the_memory(start):
    """An export with a long threshold, and replies of 3 KiB to which nobody listens."""
    s = start(HEAD + """accounts {
  X { users [ {user: x, password: p} ], exports [ {service: "svc", threshold: "1h"} ] }
  M { users [ {user: m, password: p} ], imports [ {service: {account: X, subject: "svc"}} ] }
  N { users [ {user: n, password: p} ], imports [ {service: {account: X, subject: "svc"}} ] }
}\n""")
    x, m, n = (login(s, user=u, timeout=30, **P) for u in "xmn")
    subscribed(x, "svc")
    stop = threading.Event()

    def swallow():
        try:
            while x.sock.recv(1 << 20):
                pass
        except OSError:
            pass

    reader = threading.Thread(target=swallow, daemon=True)
    reader.start()
    base = s.rss()
    long = "r." * 1500 + "x"
    lines = b"".join(b"PUB svc %s%d 0\r\n\r\n" % (long.encode(), i) for i in range(1000))
    for _ in range(70):  # 210 MB of replies
        m.send_raw(lines)
        m.drain(timeout=30)
    assert s.rss() - base < 250 << 20
    n.sub("_INBOX.n")  # others are served as before
    x2 = login(s, user="x", **P)
    subscribed(x2, "svc")
    n.pub("svc", "hello", "_INBOX.n")
    request = x2.msg("svc", "hello")
    x2.pub(request.reply, "answer")
    n.msg("_INBOX.n", "answer")


def test_a_closed_connection_is_shown_as_often_as_one_likes(start):
    """The tags of its user were freed with the first answer that showed them."""
    op = Operator()
    a = op.account("A")
    user = a.user("tagged", tags=["one", "two"])
    s = start(HEAD + op.memory_config(a))
    c = s.open()
    c.connect(**user.connect_options(c.info))
    c.close()

    def row():
        rows = s.get("/connz?state=closed&auth=1")["connections"]
        return next((r for r in rows if r.get("jwt") == user.jwt), None)

    eventually(row)
    for _ in range(3):
        assert row()["tags"] == ["one", "two"]

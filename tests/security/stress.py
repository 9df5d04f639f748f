"""Many clients at once while accounts, permissions and imports change under them.

Two servers with four workers each: one with accounts in its configuration, which is reloaded all the time, and one
in operator mode, whose accounts are pushed anew, expire and come back while a callout answers late or not at all.
What has to hold: no report of a sanitizer, no lost response of a service that stays imported, no lost message of a
stream that stays imported, the memory comes back, and a stop in the middle of it all is clean.

The pytest run takes a few seconds; `./stress SERVER_BINARY SECONDS` as long as it is told.
"""
from __future__ import annotations

import asyncio
import json
import random
import re
import signal
import sys
import time

from harness import Server
from harness.jwt import Key, Operator

HEAD = 'host: "127.0.0.1"\nport: {port}\nhttp: "127.0.0.1:{http}"\nworkers: 4\n'
HASH = "$2a$04$ybQOpHvP9NzBd6Ot8UXKAOOvqyoZ8hKqTcyFYS2/vhxPq7LX5TxzS"


class Lost(AssertionError):
    pass


class Peer:
    """A connection that answers PING and hands on what comes."""

    @classmethod
    async def open(cls, port: int, signer=None, **options) -> "Peer":
        p = cls()
        p.reader, p.writer = await asyncio.open_connection("127.0.0.1", port, limit=1 << 20)
        p.info = json.loads((await p.reader.readline())[5:])
        if signer is not None:
            options = {**signer.connect_options(p.info), **options}
        p.write("CONNECT " + json.dumps({"verbose": False, "protocol": 1, "headers": True, "no_responders": True, **options}))
        p.write("PING")
        return p

    def write(self, *lines: str) -> None:
        self.writer.write("".join(line + "\r\n" for line in lines).encode())

    def pub(self, subject: str, body: str = "", reply: str = "") -> None:
        self.write(f"PUB {subject} {reply + ' ' if reply else ''}{len(body)}", body)

    async def next(self, timeout: float = 20.0):
        """(verb, words, payload); ("", [], b"") at the end."""
        while True:
            try:
                line = await asyncio.wait_for(self.reader.readline(), timeout)
            except ConnectionError:
                return "", [], b""
            words = line.decode(errors="replace").split()
            if not words:
                return "", [], b""
            if words[0] == "PING":
                self.write("PONG")
                continue
            if words[0] in ("MSG", "HMSG"):
                body = await asyncio.wait_for(self.reader.readexactly(int(words[-1]) + 2), 20)
                return words[0], words[1:], body[:-2]
            return words[0], words[1:], b""

    @classmethod
    async def enter(cls, port: int, signer=None, **options) -> "Peer":
        """Until it is in: a reload ends those whose CONNECT it overtakes (spec 02 section 11.5)."""
        for _ in range(20):
            p = await cls.open(port, signer, **options)
            if await p.greeted():
                return p
        raise Lost(f"not let in: {options}")

    async def greeted(self) -> bool:
        while True:
            verb, _, _ = await self.next()
            if verb == "PONG":
                return True
            if verb in ("", "-ERR"):
                return False

    def close(self) -> None:
        self.writer.transport.abort()


class Tally:
    def __init__(self):
        self.counts: dict[str, int] = {}

    def add(self, what: str, n: int = 1) -> None:
        self.counts[what] = self.counts.get(what, 0) + n


async def responder(port, done, signer=None, **options):
    p = await Peer.enter(port, signer, **options)
    p.write("SUB svc.> workers 1")
    while not done.is_set():
        try:
            verb, words, body = await p.next(0.5)
        except asyncio.TimeoutError:
            continue
        if verb in ("MSG", "HMSG") and len(words) > (3 if verb == "MSG" else 4):
            p.pub(words[2], "ok")
        if verb == "":
            raise Lost("the responder lost its connection")
    p.close()


async def requester(port, done, tally, name, signer=None, **options):
    """One request after the other by an import that stays: each has exactly one answer."""
    p = await Peer.enter(port, signer, **options)
    inbox = f"_INBOX.{name}"
    p.write(f"SUB {inbox}.* 1", f"SUB stay.> 2")
    n = 0
    while not done.is_set():
        n += 1
        p.pub("svc.stay", str(n), f"{inbox}.{n}")
        deadline = time.monotonic() + 20
        while True:
            try:
                verb, words, body = await p.next(deadline - time.monotonic())
            except asyncio.TimeoutError:
                raise Lost(f"{name}: no answer to request {n}") from None
            if verb == "":
                raise Lost(f"{name}: lost its connection")
            if verb in ("MSG", "HMSG") and words[0] == f"{inbox}.{n}":
                if verb == "HMSG" and b"503" in body[:20]:
                    raise Lost(f"{name}: nobody was there for request {n}")
                break
        tally.add("answers")
    p.close()


async def listener(port, done, tally, signer=None, **options):
    """Messages of an imported stream come in order and without a gap, whatever else changes."""
    p = await Peer.enter(port, signer, **options)
    p.write("SUB stay.> 1")
    last = None
    while not done.is_set():
        try:
            verb, words, body = await p.next(0.5)
        except asyncio.TimeoutError:
            continue
        if verb == "":
            raise Lost("a listener lost its connection")
        if verb == "MSG":
            if last is not None and int(body) != last + 1:
                raise Lost(f"after message {last} of the stream came {int(body)}")
            last = int(body)
            tally.add("stream")
    p.close()


async def publisher(port, done, signer=None, **options):
    p = await Peer.enter(port, signer, **options)
    n = 0
    while not done.is_set():
        n += 1
        p.pub("stay.a", str(n))
        if n % 20 == 0:
            p.write("PING")
            while (await p.next())[0] not in ("PONG", ""):
                pass
            await asyncio.sleep(0.02)
    p.close()


async def churn(port, done, tally, rng, logins):
    """Connects, subscribes, publishes, asks, and goes: politely or not, often in the middle."""
    while not done.is_set():
        signer, options = rng.choice(logins)
        try:
            p = await Peer.open(port, signer, **options)
            if rng.random() < 0.8 and await p.greeted():
                for i in range(rng.randrange(12)):
                    subject = rng.choice(['>', 'stay.>', 'flip.*', 'svc.x', 'a.*', '*.secret', '_INBOX.>'])
                    p.write(f"SUB {subject} {rng.choice(['', 'q'])} {i}")
                for i in range(rng.randrange(20)):
                    p.pub(rng.choice(["a.b", "a.secret", "svc.flip", "flip.x", "$SYS.REQ.USER.INFO", "svc.stay"]), "x",
                          rng.choice(["", f"_INBOX.c{i}", "a.b"]))
                p.write("UNSUB 1", "UNSUB 2 1", "PING")
                for _ in range(rng.randrange(6)):
                    if (await p.next(5))[0] == "":
                        break
                tally.add("visits")
            p.close()
        except (OSError, asyncio.TimeoutError, asyncio.IncompleteReadError, ValueError):
            pass
        await asyncio.sleep(rng.random() * 0.01)


def configuration(rng: random.Random) -> str:
    """X exports, M and N import. What is called stay stays, all else flips."""
    flip = rng.random() < 0.5
    perms = rng.choice(['publish: ">", subscribe: { deny: ["*.secret", "flip.> q"] }', 'allow_responses: { max: 3, expires: "1s" }',
                        'publish: { deny: ["a.secret"] }, subscribe: { allow: [">"], deny: ["a.secret"] }'])
    imports = ['{stream: {account: X, subject: "stay.>"}}', '{service: {account: X, subject: "svc.stay"}}']
    if flip:
        imports += ['{stream: {account: X, subject: "flip.*"}, to: "flip.$1"}', '{service: {account: X, subject: "svc.flip"}}']
    m = rng.choice(["", "mappings: { a.b: [ {destination: c.d, weight: 50%} ] }"])
    return HEAD + f"""
accounts {{
  SYS {{ users: [ {{user: sys, password: p}} ] }}
  X {{ users: [ {{user: x, password: p}} ], exports: [ {{stream: "stay.>"}}, {{stream: "flip.*"}}
      {{service: "svc.stay", latency: {{sampling: 50, subject: "lat"}}}}, {{service: "svc.flip", response: stream, threshold: "{rng.choice(['50ms', '1s'])}"}} ] }}
  M {{ users: [ {{user: m, password: p}}, {{user: c, password: p, permissions: {{ {perms} }} }} ], imports: [ {", ".join(imports)} ], {m} }}
  N {{ users: [ {{user: n, password: p}}, {{user: h, password: "{HASH}"}} ], imports: [ {", ".join(imports)} ] }}
}}
system_account: SYS
"""


async def reloads(server, done, rng, tally):
    while not done.is_set():
        server.write_config(configuration(rng))
        server.signal(signal.SIGHUP)
        tally.add("reloads")
        await asyncio.sleep(0.05 + rng.random() * 0.1)


def rest(server, base: int, slack: int) -> int:
    """Bytes above what it had at the start, when everybody has gone; it may take a moment to give them back."""
    deadline = time.monotonic() + 10
    while (more := server.rss() - base) > slack and time.monotonic() < deadline:
        time.sleep(0.1)
    return more


async def run(servants, tasks, seconds: float) -> None:
    """The servants are there before the others and after them."""
    done, served = asyncio.Event(), asyncio.Event()
    serving = [asyncio.ensure_future(task(served)) for task in servants]
    await asyncio.sleep(0.5)
    running = [asyncio.ensure_future(task(done)) for task in tasks]
    await asyncio.wait(running + serving, timeout=seconds, return_when=asyncio.FIRST_EXCEPTION)
    done.set()
    results = await asyncio.gather(*running, return_exceptions=True)
    served.set()
    for result in results + await asyncio.gather(*serving, return_exceptions=True):
        if isinstance(result, BaseException):
            raise result


def ended_well(server: Server) -> None:
    code = server.stop(keep=True)
    log = server.log_text()
    assert code in (0, 1) and not re.search(r"Sanitizer|runtime error|Assertion", log), f"exit {code}\n{log[-8000:]}"


def stress_configured(seconds: float, seed: int) -> dict[str, int]:
    rng, tally = random.Random(seed), Tally()
    p = {"pass": "p"}
    with Server(configuration(rng)) as s:
        logins = [(None, {"user": u, "pass": "p"}) for u in ("x", "m", "c", "c", "n", "h", "nobody")]
        storm = [lambda d: churn(s.port, d, tally, rng, logins)] * 6
        servants = [lambda d: responder(s.port, d, user="x", **p)] * 2
        steady = [
            lambda d: publisher(s.port, d, user="x", **p),
            lambda d: listener(s.port, d, tally, user="m", **p),
            lambda d: listener(s.port, d, tally, user="n", **p),
            lambda d: requester(s.port, d, tally, "m", user="m", **p),
            lambda d: requester(s.port, d, tally, "n", user="n", **p)]
        asyncio.run(run(servants, steady + storm + [lambda d: reloads(s, d, rng, tally)], seconds / 4))
        base = s.rss()
        asyncio.run(run(servants, steady + storm + [lambda d: reloads(s, d, rng, tally)], seconds))
        tally.counts["more_kib"] = rest(s, base, 32 << 20) >> 10
        assert tally.counts["more_kib"] < 96 << 10, tally.counts
        asyncio.run(storm_and_stop(s, storm))
        ended_well(s)
    return tally.counts


async def storm_and_stop(server, storm) -> None:
    """The server ends while clients come, log in and go."""
    done = asyncio.Event()
    running = [asyncio.ensure_future(task(done)) for task in storm]
    await asyncio.sleep(0.3)
    server.signal(signal.SIGTERM)
    await asyncio.sleep(0.3)
    done.set()
    await asyncio.gather(*running, return_exceptions=True)


class Operated:
    """X exports; M and N import; E expires again and again; AUTH asks a service that is often late or silent."""

    def __init__(self, rng):
        self.rng = rng
        self.op = Operator()
        exports = [{"name": "s", "subject": "stay.>", "type": "stream"}, {"name": "f", "subject": "flip.*", "type": "stream"},
                   {"name": "v", "subject": "svc.stay", "type": "service"}, {"name": "w", "subject": "svc.flip", "type": "service"}]
        self.x = self.op.account("X", exports=exports)
        self.m, self.n, self.e = (self.op.account(name) for name in "MNE")
        self.auth = self.op.account("AUTH")
        self.service = self.auth.user("service")
        self.auth.changed(authorization={"auth_users": [self.service.key.public]})
        self.sentinel = self.auth.user("sentinel", bearer_token=True)
        self.flip(self.m)
        self.flip(self.n)
        self.users = {a.name: a.user(f"u{a.name}") for a in (self.x, self.m, self.n, self.e)}
        self.system = self.op.system.user("sys")
        self.server = Server(HEAD + "authorization { timeout: 1 }\n"
                             + self.op.resolver_config("full", self.x, self.m, self.n, self.e, self.auth, allow_delete=True))

    def flip(self, account) -> None:
        imports = [{"name": "s", "subject": "stay.>", "account": self.x.id, "type": "stream"},
                   {"name": "v", "subject": "svc.stay", "account": self.x.id, "type": "service"}]
        if self.rng.random() < 0.5:
            imports += [{"name": "f", "subject": "flip.*", "account": self.x.id, "type": "stream"},
                        {"name": "w", "subject": "svc.flip", "account": self.x.id, "type": "service"}]
        account.changed(imports=imports, default_permissions=self.rng.choice([{}, {"sub": {"deny": ["*.secret"]}}]))

    async def updates(self, done, tally):
        p = await Peer.enter(self.server.port, self.system)
        p.write("SUB answers 1")
        while not done.is_set():
            account = self.rng.choice([self.m, self.n, self.e, self.x])
            if account in (self.m, self.n):
                self.flip(account)
            elif account is self.e:
                account.changed(signed={"expires": int(time.time()) + self.rng.choice([1, 2, 60])})
            else:
                account.changed(tags=[f"t{self.rng.random()}"])
            p.pub("$SYS.REQ.CLAIMS.UPDATE", account.jwt, "answers")
            tally.add("updates")
            while (await p.next())[0] not in ("MSG", "HMSG", ""):
                pass
            await asyncio.sleep(self.rng.random() * 0.1)
        p.close()

    async def silent_service(self, done):
        """Hears what is asked, and never says anything of use."""
        p = await Peer.enter(self.server.port, self.service)
        p.write("SUB $SYS.REQ.USER.AUTH 1")
        while not done.is_set():
            try:
                verb, words, _ = await p.next(0.5)
            except asyncio.TimeoutError:
                continue
            if verb in ("MSG", "HMSG") and self.rng.random() < 0.3:
                await asyncio.sleep(self.rng.random() * 0.5)
                p.pub(words[2], self.rng.choice(["", "eyJ", "eyJ.x.y", "garbage", self.sentinel.jwt]))
        p.close()


def stress_operated(seconds: float, seed: int) -> dict[str, int]:
    rng, tally = random.Random(seed), Tally()
    w = Operated(rng)
    with w.server as s:
        u = w.users
        logins = [(u["X"], {}), (u["M"], {}), (u["N"], {}), (u["E"], {}), (u["E"], {}), (None, {"jwt": w.sentinel.jwt}),
                  (None, {"jwt": w.sentinel.jwt, "user": "u", "pass": "p"}), (w.op.account("Q").user("q"), {})]
        storm = [lambda d: churn(s.port, d, tally, rng, logins)] * 6
        servants = [lambda d: responder(s.port, d, u["X"]), lambda d: w.silent_service(d)]
        steady = [lambda d: publisher(s.port, d, u["X"]),
                  lambda d: listener(s.port, d, tally, u["M"]), lambda d: listener(s.port, d, tally, u["N"]),
                  lambda d: requester(s.port, d, tally, "m", u["M"]), lambda d: requester(s.port, d, tally, "n", u["N"])]
        asyncio.run(run(servants, steady + storm + [lambda d: w.updates(d, tally)], seconds / 4))
        base = s.rss()
        asyncio.run(run(servants, steady + storm + [lambda d: w.updates(d, tally)], seconds))
        tally.counts["more_kib"] = rest(s, base, 32 << 20) >> 10
        assert tally.counts["more_kib"] < 96 << 10, tally.counts
        asyncio.run(storm_and_stop(s, storm))
        ended_well(s)
    return tally.counts


if __name__ == "__main__":
    for kind in (stress_configured, stress_operated):
        seed = int(time.time())
        print(f"{kind.__name__} seed={seed}", flush=True)
        print(kind(float(sys.argv[1]), seed), flush=True)

"""The clients of a scene. What they see is told as short lines; messages wait until a scene asks for them."""
from __future__ import annotations

import json
import time
from typing import Any

from harness import Client, Closed, Op, Server
from harness.callout import Request, Service
from harness.jwt import Key

from .things import Things

DEADLINE = 8.0
_CREDENTIALS = ("user", "pass", "auth_token", "jwt", "nkey")
_MESSAGES = ("MSG", "HMSG")


class Actor:
    """A connection that is let in."""

    def __init__(self, c: Client):
        self.c = c
        self.inbox: list[Op] = []
        self._errors: list[str] = []
        self._subscriptions: dict[str, str] = {}
        self._request_sid = ""

    # -- reading ------------------------------------------------------------------------------------------------
    def _take(self, op: Op) -> None:
        if op.verb in _MESSAGES:
            self.inbox.append(op)
        elif op.verb == "-ERR":
            self._errors.append(error_text(op))

    def _told(self) -> list[str]:
        told, self._errors = self._errors, []
        return told

    def quiet(self) -> list[str]:
        """Everything until now is handled; the errors that came, and whether the connection ended."""
        self._send_ping()
        return self._until_pong()

    def _until_pong(self) -> list[str]:
        try:
            while (op := self.c.read_op(DEADLINE)).verb != "PONG":
                self._take(op)
        except (Closed, OSError):
            return [*self._told(), "closed"]
        return self._told()

    def _send_ping(self) -> None:
        try:
            self.c.send("PING")
        except OSError:
            pass  # the server has closed; its last words are still to be read

    def got(self, count: int) -> list[Op]:
        """Waits for so many messages; those, and all others that came."""
        end = time.monotonic() + DEADLINE / 4
        while len(self.inbox) < count and time.monotonic() < end:
            try:
                self._take(self.c.read_op(max(0.01, end - time.monotonic())))
            except AssertionError:  # nothing in time, or closed
                break
        self._errors += self.quiet()
        got, self.inbox = self.inbox, []
        return got

    def errors(self, count: int) -> list[str]:
        end = time.monotonic() + DEADLINE / 4
        while len(self._errors) < count and time.monotonic() < end:
            try:
                self._take(self.c.read_op(max(0.01, end - time.monotonic())))
            except AssertionError:
                break
        return self.quiet()

    def end(self) -> list[str]:
        """The server ends the connection; with which words."""
        end = time.monotonic() + DEADLINE
        while time.monotonic() < end:
            try:
                self._take(self.c.read_op(max(0.01, end - time.monotonic())))
            except (Closed, OSError):
                return [*self._told(), "closed"]
            except AssertionError:
                break
        return [*self._told(), "still open"]

    # -- writing ------------------------------------------------------------------------------------------------
    def sub(self, subject: str, queue: str | None) -> list[str]:
        self._subscriptions[subject] = self.c.sub(subject, queue=queue)
        return self.quiet() or ["ok"]

    def unsub(self, subject: str) -> list[str]:
        self.c.unsub(self._subscriptions.pop(subject))
        return self.quiet() or ["ok"]

    def pub(self, subject: str, payload: str, *, reply: str | None = None, **headers: str) -> list[str]:
        with self.c.at_once():
            self.c.pub(subject, payload, reply, headers or None)
            self._send_ping()
        return self._until_pong() or ["ok"]

    # -- requests -----------------------------------------------------------------------------------------------
    def begin_request(self, subject: str, payload: str) -> list[str]:
        inbox = self.c.inbox()
        self._request_sid = self.c.sub(inbox)
        self.c.pub(subject, payload, reply=inbox)
        return self.quiet()

    def _answers(self, count: int) -> list[Op]:
        kept = [op for op in self.inbox if op.sid != self._request_sid]
        self.inbox = [op for op in self.inbox if op.sid == self._request_sid]
        answers = self.got(count)
        self.inbox = kept + [op for op in answers if op.sid != self._request_sid]
        self.c.unsub(self._request_sid)
        return [op for op in answers if op.sid == self._request_sid]

    def end_request(self, count: int) -> list[str]:
        answers = [f"status {op.status}" if op.header and op.status and not op.payload else repr(op.payload.decode())
                   for op in self._answers(count)]
        return [*answers, *self._told()] or ["no answer"]

    def ask(self, subject: str, payload: str) -> list[Any]:
        """The answers as operations, or the errors as lines."""
        return self.begin_request(subject, payload) or self._answers(1) or ["no answer"]


def error_text(op: Op) -> str:
    return f"-ERR {op.line.decode()[5:].strip()}"


class Attempt:
    """A connection that is about to be let in, or refused.

    Options: user, pass, token, nkey=THING, creds=THING, jwt=THING (nothing signed), sig=no, cert=THING (or - for none)
    for TLS, first=yes for TLS before INFO, and whatever else CONNECT may have.
    """

    def __init__(self, server: Server, things: Things, options: dict[str, str]):
        self.server, self.things, self.options = server, things, dict(options)
        self.c: Client | None = None

    def begin(self) -> list[str]:
        """Sends CONNECT and PING; the lines seen when it does not come to that."""
        tls = None
        cert = self.options.pop("cert", None)
        if cert:
            tls = self.things.context(None if cert == "-" else cert)
        try:
            first = self.options.pop("first", "") == "yes"
            c = self.server.open(tls=tls, timeout=DEADLINE, tls_first=first, read_info=False)
            refusal = self._greeted(c, None if first else tls)
            if refusal:
                return refusal
            self.c = c
            c.send("CONNECT " + json.dumps(self._connect()))
            c.send("PING")
        except (OSError, Closed):  # an error of TLS is one of the former
            return [] if self.c else ["closed without a word"]  # there may be something to read yet
        return []

    def _greeted(self, c: Client, tls: Any) -> list[str]:
        """Reads INFO; what comes in its place when the server wants no more connections."""
        op = c.read_op(DEADLINE)
        if op.verb != "INFO":
            return [error_text(op), "closed"]
        c.info = json.loads(op.line[5:])
        if tls:
            c.start_tls(tls)
        return []

    def _connect(self) -> dict[str, Any]:
        connect: dict[str, Any] = {"verbose": False, "pedantic": False, "protocol": 1, "headers": True,
                                   "no_responders": True, "lang": "corpus", "version": "1"}
        for name, value in self.options.items():
            if name == "nkey":
                connect.update(self.things.objects[value].connect_options(self.c.info))
            elif name == "creds":
                connect.update(self.things.objects[value].connect_options(self.c.info))
            elif name == "jwt":
                connect["jwt"] = self.things.objects[value].jwt
            else:
                connect["auth_token" if name == "token" else name] = value
        if connect.get("sig") == "forged":
            connect["sig"] = Key("U").sign_nonce(self.c.info["nonce"])
        return connect

    def finish(self) -> tuple[Actor | None, list[str]]:
        actor = Actor(self.c)
        try:
            while (op := self.c.read_op(DEADLINE)).verb != "PONG":
                actor._take(op)
            op = self.c.read_op(DEADLINE)  # INFO comes once more
            self.c.info2 = json.loads(op.line[5:])
        except (Closed, OSError):
            said = actor._told()
            return None, [*said, "closed"] if said else ["closed without a word"]
        return actor, [*actor._told(), "connected"]


class Callout(Actor):
    """The service that decides for the server."""

    def __init__(self, actor: Actor, server: Server, things: Things, issuer: str, xkey: str):
        super().__init__(actor.c)
        self.things = things
        self.service = Service.__new__(Service)  # its own login is the scene's business
        self.service.server, self.service.c = server, actor.c
        self.service.issuer = things.objects[issuer]
        self.service.xkey = None if xkey == "-" else things.objects[xkey]
        self.sub("$SYS.REQ.USER.AUTH", None)

    def judge(self, answer: dict[str, str]) -> list[str]:
        """Answers the next question as told: allow={"aud":ACCOUNT, claims...}, reject=TEXT; silent=yes is none."""
        asked = self.got(1)
        if not asked:
            return ["nobody asks"]
        request = Request(self.service, asked[0])
        options = {k: v for k, v in sorted(request.options.items()) if k in _CREDENTIALS}
        if "allow" in answer:
            claims = json.loads(self.things.fill(answer["allow"]))
            if "issuer" in claims:
                claims["issuer"] = self.things.objects[claims["issuer"]]
            request.allow(**claims)
        elif "reject" in answer:
            request.reject(answer["reject"])
        sealed = "sealed, " if request.server_xkey else ""
        return [f"asked: {sealed}{json.dumps(options)}"]

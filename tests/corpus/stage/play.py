"""One server of a scene: each command as a method that returns the lines that are seen."""
from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
from pathlib import Path
from typing import Any, Callable

from harness import Op, Server, ServerFailed, free_ports
from harness.config import neutral
from harness.waiting import eventually

from .actors import DEADLINE, Actor, Attempt, Callout
from .things import Things

_PORTS = ("port", "http", "cluster", "leaf", "gateway", "websocket", "mqtt", "https")
_NOISE = re.compile(r"^(\[\d+\] )?[\d/]+ [\d:.]+ ")  # process and time
_LATER = re.compile("Waiting for routing to be established")  # comes when it comes
_MASKS = [(re.compile(pattern), plain) for pattern, plain in (
    (r"_INBOX\.\S+?(?=[\s\"']|$)", "_INBOX.*"), (r"_R_\.[\w.]+", "_R_.*"), (r"\$SYS\._INBOX\.[\w.]+", "$SYS._INBOX.*"),
    (r"\b(cid|rid|lid|wid|mid):\d+", r"\1:*"), (r"\bN[A-Z2-7]{55}\b", "{server}"),
    (r"127\.0\.0\.1:\d{4,5}", "127.0.0.1:*"))]


class Absent(Exception):
    """A command to somebody who was not let in."""


class Actors(dict[str, Actor]):
    def __missing__(self, name: str) -> Actor:
        raise Absent(name)

    def pop(self, name: str) -> Actor:  # type: ignore[override]
        actor = self[name]
        del self[name]
        return actor


class Play:
    """A server that a scene is played on. `program` is its binary, `label` names it in failures."""

    def __init__(self, program: str, case: Path, things: Things, dir: Path):
        self.program, self.case, self.things = program, case, things
        self.dir = dir
        self.dir.mkdir()
        self.ports = dict(zip(_PORTS, map(str, free_ports(len(_PORTS)))))
        self.server: Server = None  # type: ignore[assignment]  # until a scene starts it
        self.actors = Actors()
        self.digests: dict[str, str] = {}
        self.file = ""
        self._log_seen = 0

    def close(self) -> None:
        for actor in self.actors.values():
            actor.c.close()
        if self.server:
            self.server.stop()

    def do(self, words: list[str]) -> list[str]:
        """The lines that are seen after this command, without what differs from run to run."""
        name, *arguments = words
        if self.server is None and name not in ("check", "start"):
            return ["there is no server"]
        method: Callable[..., list[str]] = getattr(self, "do_" + name)
        try:
            return [self._plain(line) for line in method(*arguments)]
        except Absent as absent:
            return [f"{absent} is not connected"]

    def _plain(self, line: str) -> str:
        for port, value in self.ports.items():
            line = re.sub(rf"(?<=[:=]){value}\b", f"{{{port}}}", line)
        line = self.things.show(line.replace(str(self.dir), "{dir}"))
        for pattern, plain in _MASKS:
            line = pattern.sub(plain, line)
        return line

    # -- files --------------------------------------------------------------------------------------------------
    def _text(self, file: str, dir: Path, ports: dict[str, str]) -> str:
        text = (self.case / file).read_text()
        for name, value in {"dir": str(dir), **ports}.items():
            text = text.replace("{" + name + "}", value)
        return self.things.fill(text)

    def _write_files(self, dir: Path, ports: dict[str, str]) -> None:
        for path in self.case.rglob("*.conf"):
            file = str(path.relative_to(self.case))
            (dir / file).parent.mkdir(parents=True, exist_ok=True)
            (dir / file).write_text(self._text(file, dir, ports))

    def do_check(self, file: str = "server.conf", *flags: str) -> list[str]:
        """What -t says. Both servers check the same bytes under the same path, so that their digests must agree."""
        dir = self.dir.parent / "check"
        shutil.rmtree(dir, ignore_errors=True)
        dir.mkdir()
        self._write_files(dir, {name: str(4222 + i) for i, name in enumerate(_PORTS)})
        done = subprocess.run([self.program, "-t", "-c", file, *flags], cwd=dir, stdin=subprocess.DEVNULL, timeout=20,
                              env={**os.environ, **self.things.env}, capture_output=True)
        text = done.stderr.decode(errors="replace").replace(str(dir), "{dir}")
        rows = [neutral(row.removeprefix("nats-server: ")) for row in text.splitlines() if row]
        return [*sorted(rows), f"exit {done.returncode}"]

    # -- life ---------------------------------------------------------------------------------------------------
    def do_start(self, file: str = "server.conf") -> list[str]:
        self._write_files(self.dir, self.ports)
        self.file = file
        try:
            self.server = Server(False, ["-c", file], dir=self.dir, port=int(self.ports["port"]),
                                 http=int(self.ports["http"]), env=self.things.env, program=self.program)
        except ServerFailed as failed:
            return [*self._log_lines(failed.log), f"ended with {failed.code}"]
        self.server.wait_log("Server is ready")
        return [*self._log_lines(self._new_log()), "ready"]

    def do_reload(self, file: str) -> list[str]:
        """The file takes the place of the one that the server was started with."""
        self._write_files(self.dir, self.ports)
        (self.dir / self.file).write_text(self._text(file, self.dir, self.ports))
        self._new_log()
        self.server.signal(1)
        done = ("Reloaded server configuration", "Failed to reload server configuration")
        eventually(lambda: any(text in self.server.log_text()[self._log_seen:] for text in done))
        log = self._new_log()
        return [*self._log_lines(log), *(["reloaded"] if done[0] in log else [])]

    def _new_log(self) -> str:
        text = self.server.log_text()
        new, self._log_seen = text[self._log_seen:], len(text)
        return new

    def _log_lines(self, log: str) -> list[str]:
        """Warnings and errors in some order; what is said of single connections is told by them as well."""
        rows = [_NOISE.sub("", row) for row in log.splitlines()]
        rows = [row.removeprefix("nats-server: ") for row in rows]
        kept = [row for row in rows if re.match(r"\[(WRN|ERR|FTL)\]|[^\[]", row) and "cid:" not in row]
        return sorted(neutral(row) for row in kept if not _LATER.search(row))

    # -- looking at it ------------------------------------------------------------------------------------------
    def do_log(self, *starts: str) -> list[str]:
        """All lines so far that begin like one of these."""
        rows = (_NOISE.sub("", row) for row in self.server.log_text().splitlines())
        return [self.things.show(neutral(row)) for row in rows if re.sub(r"^\[\w+\] +", "", row).startswith(starts)]

    def do_mentions(self, *texts: str) -> list[str]:
        """New lines of any level with one of the texts, in some order, also those of connections."""
        try:
            eventually(lambda: any(text in self.server.log_text()[self._log_seen:] for text in texts), DEADLINE / 4)
        except AssertionError:
            return ["nothing"]
        rows = [_NOISE.sub("", row) for row in self._new_log().splitlines()]
        return sorted(neutral(row) for row in rows if any(text in row for text in texts))

    def do_get(self, path: str, *fields: str) -> list[str]:
        """Fields of a monitoring answer, such as a.b or list.0.name."""
        answer = json.loads(self.things.show(json.dumps(self.server.get(self.things.fill(path)))))
        return [line for field in fields for line in _field_lines(field, _field(answer, field))]

    def do_digest(self, file: str = "server.conf") -> list[str]:
        """Whether /varz tells the digest that -t computes for the file, as it is written now."""
        done = subprocess.run([self.program, "-t", "-c", self.file], cwd=self.dir, stdin=subprocess.DEVNULL,
                              env={**os.environ, **self.things.env}, capture_output=True)
        checked = re.search(rb"sha256:[0-9a-f]{64}", done.stderr)
        same = checked and checked[0].decode() == self.server.get("/varz").get("config_digest")
        return ["the digest of -t" if same else "another digest"]

    def do_files(self, folder: str) -> list[str]:
        paths = [path for path in (self.dir / folder).rglob("*") if path.is_file()]
        return sorted(self.things.show(str(path.relative_to(self.dir / folder))) for path in paths)

    # -- connecting ---------------------------------------------------------------------------------------------
    def do_connect(self, name: str, *options: str) -> list[str]:
        given = dict(option.split("=", 1) for option in options)
        answer = {key: given.pop(key) for key in ("allow", "reject", "silent") if key in given}
        callout = self.actors.get(given.pop("by", ""))
        attempt = Attempt(self.server, self.things, {k: self.things.fill(v) for k, v in given.items()})
        if isinstance(callout, Callout):
            callout.got(0)  # questions about those who are connected come at a reload
        seen = attempt.begin()
        if isinstance(callout, Callout) and not seen:
            seen = callout.judge(answer)
        actor, end = attempt.finish() if attempt.c else (None, [])
        if actor:
            self.actors[name] = actor
        return [*seen, *end]

    def do_callout(self, name: str, issuer: str, xkey: str, *options: str) -> list[str]:
        """As connect, for the service that auth callouts ask; xkey is - without encryption."""
        given = dict(option.split("=", 1) for option in options)
        attempt = Attempt(self.server, self.things, {k: self.things.fill(v) for k, v in given.items()})
        seen = attempt.begin()
        actor, end = attempt.finish()
        if actor:
            self.actors[name] = Callout(actor, self.server, self.things, issuer, xkey)
        return [*seen, *end]

    def do_info(self, name: str, *fields: str) -> list[str]:
        """Fields of the INFO that greeted, and of the one that answered CONNECT."""
        c = self.actors[name].c
        return [f"{f}: {json.dumps(c.info.get(f))}, then {json.dumps(c.info2.get(f))}" for f in fields]

    def do_greeting(self, *fields: str) -> list[str]:
        c = self.server.open()
        c.close()
        info = {**c.info, **({"nonce": "some"} if "nonce" in c.info else {})}
        return [f"{f}: {json.dumps(info.get(f))}" for f in fields]

    def do_who(self, name: str) -> list[str]:
        """What the server says of the connection's user."""
        answer = self.actors[name].ask("$SYS.REQ.USER.INFO", "")
        return _account_of(answer[0]) if _messages(answer) else _silence(answer)

    # -- talking ------------------------------------------------------------------------------------------------
    def do_sub(self, name: str, subject: str, queue: str | None = None) -> list[str]:
        return self.actors[name].sub(self.things.fill(subject), queue)

    def do_unsub(self, name: str, subject: str) -> list[str]:
        return self.actors[name].unsub(subject)

    def do_pub(self, name: str, subject: str, payload: str = "", *more: str) -> list[str]:
        return self.actors[name].pub(self.things.fill(subject), payload, **dict(m.split("=", 1) for m in more))

    def do_got(self, name: str, count: str = "1") -> list[str]:
        return [_shown(op) for op in self.actors[name].got(int(count))] or ["nothing"]

    def do_shape(self, name: str) -> list[str]:
        """As got, with JSON of one message whose numbers and times are masked."""
        messages = self.actors[name].got(1)
        return [f"{op.subject} {_shape(op.json)}" if op.payload[:1] == b"{" else _shown(op)
                for op in messages] or ["nothing"]

    def do_subjects(self, name: str, count: str) -> list[str]:
        """As got, only where the messages went."""
        return sorted({self._plain(op.subject) for op in self.actors[name].got(int(count))})

    def do_keys(self, name: str, subject: str) -> list[str]:
        """The keys of a JSON answer, those of its data (or error) too."""
        answer = self.actors[name].ask(subject, "")
        if not _messages(answer):
            return _silence(answer)
        body = answer[0].json
        return [f"{key}: {' '.join(sorted(value)) if isinstance(value, dict) else type(value).__name__}"
                for key, value in sorted(body.items())]

    def do_tally(self, name: str, count: str) -> list[str]:
        """How many quarters of so many messages came on each subject."""
        subjects = [op.subject for op in self.actors[name].got(int(count))]
        return [f"{s}: {round(4 * subjects.count(s) / len(subjects))}/4" for s in sorted(set(subjects))]

    def do_burst(self, name: str, subject: str, count: str) -> list[str]:
        c = self.actors[name]
        c.c.send_raw(f"PUB {subject} 1\r\nx\r\n".encode() * int(count))
        return c.quiet() or ["ok"]

    def do_request(self, name: str, subject: str, payload: str = "", *more: str) -> list[str]:
        """by=ACTOR: who is to answer; answer=TEXT; times=N answers."""
        given = dict(m.split("=", 1) for m in more)
        asking, answering = self.actors[name], self.actors.get(given.get("by", ""))
        expected = int(given.get("times", "1"))
        seen = asking.begin_request(self.things.fill(subject), payload)
        if seen:
            return seen
        if answering:
            for op in answering.got(1):
                seen.append(f"{given['by']}: {_shown(op)}")
                for _ in range(expected):
                    answering.c.pub(op.reply, given.get("answer", "answer"))
                refused = answering.quiet()
                seen += [f"{given['by']}: {line}" for line in refused]
                expected -= len(refused)
        return [*seen, *asking.end_request(expected)]

    def do_alive(self, *names: str) -> list[str]:
        return [f"{name}: {', '.join(self.actors[name].quiet() or ['alive'])}" for name in names]

    def do_errors(self, name: str, count: str = "1") -> list[str]:
        """Errors that come by themselves, in any order."""
        return sorted(self.actors[name].errors(int(count)))

    def do_closed(self, *names: str) -> list[str]:
        return [f"{name}: {', '.join(self.actors.pop(name).end())}" for name in names]

    def do_gone(self, *names: str) -> list[str]:
        """As closed, where the last words differ from time to time."""
        return [f"{name}: {self.actors.pop(name).end()[-1]}" for name in names]

    def do_leave(self, *names: str) -> list[str]:
        """They go, and the server knows."""
        gone = [self.actors.pop(name).c for name in names]
        for c in gone:
            c.close()
        ids = {c.info["client_id"] for c in gone}
        eventually(lambda: not ids & {row["cid"] for row in self.server.get("/connz")["connections"]})
        return []

    # -- operators ----------------------------------------------------------------------------------------------
    def do_push(self, name: str, account: str) -> list[str]:
        """The system account stores the account's JWT as it is now."""
        return self._operate(name, "$SYS.REQ.CLAIMS.UPDATE", self.things.objects[account].jwt)

    def do_delete(self, name: str, account: str) -> list[str]:
        operator = self.things.objects[self.things.operator_name]
        return self._operate(name, "$SYS.REQ.CLAIMS.DELETE", operator.delete_request(self.things.values[account]))

    def do_stored(self, name: str, account: str) -> list[str]:
        """Whether a look-up gives the account's JWT as it is now."""
        got = self.actors[name].ask(f"$SYS.REQ.ACCOUNT.{self.things.values[account]}.CLAIMS.LOOKUP", "")
        if not _messages(got):
            return ["none"]
        return ["this one" if got[0].payload.decode() == self.things.objects[account].jwt else "another one"]

    def _operate(self, name: str, subject: str, payload: str) -> list[str]:
        answer = self.actors[name].ask(subject, payload)
        if not _messages(answer):
            return _silence(answer)
        body = answer[0].json
        part = body.get("data") or body.get("error")
        return [f"{'data' if 'data' in body else 'error'} {part.get('code')} "
                f"{part.get('message') or part.get('description')}"]


def _field(value: Any, path: str) -> Any:
    for part in path.split("."):
        if isinstance(value, list):
            value = value[int(part)] if int(part) < len(value) else None
        else:
            value = value.get(part) if isinstance(value, dict) else None
    return value


def _field_lines(name: str, value: Any) -> list[str]:
    """The order of lists does not matter; those of objects have a line for each."""
    if isinstance(value, list) and value and isinstance(value[0], dict):
        return sorted(f"{name}: {json.dumps(_sorted(item), sort_keys=True)}" for item in value)
    return [f"{name}: {json.dumps(_sorted(value), sort_keys=True)}"]


def _sorted(value: Any) -> Any:
    if isinstance(value, dict):
        return {k: _sorted(v) for k, v in value.items()}
    if isinstance(value, list):
        return sorted(map(_sorted, value), key=json.dumps)
    return value


def _messages(answer: list[Any]) -> bool:
    return bool(answer) and isinstance(answer[0], Op) and bool(answer[0].payload)


def _silence(answer: list[Any]) -> list[str]:
    return [f"status {row.status}" if isinstance(row, Op) else row for row in answer]


def _account_of(message: Op) -> list[str]:
    body = message.json
    data = {k: v for k, v in (body.get("data") or body).items() if k != "expires"}
    return [f"{key}: {json.dumps(value, sort_keys=True)}" for key, value in sorted(data.items())]


def _shown(op: Op) -> str:
    reply = f" reply={op.reply}" if op.reply else ""
    headers = "".join(f" {k}={_header(k, v)}" for k, v in sorted(op.headers.items())) if op.header else ""
    status = f" status={op.status}" if op.header and op.status else ""
    return f"{op.subject}{reply}{status}{headers} {op.payload.decode(errors='replace')!r}"


def _header(name: str, values: list[str]) -> str:
    return _shape(json.loads(values[0])) if name == "Nats-Request-Info" else ",".join(values)


def _shape(value: Any) -> str:
    def masked(v: Any, key: str = "") -> Any:
        if isinstance(v, dict):
            return {k: masked(x, k) for k, x in sorted(v.items())}
        if isinstance(v, list):
            return [masked(x) for x in v]
        if isinstance(v, (int, float)) and not isinstance(v, bool) and key not in ("status", "code"):
            return "#"
        if isinstance(v, str) and re.match(r"\d{4}-\d\d-\d\dT", v):
            return "time"
        if isinstance(v, str) and re.fullmatch(r"[0-9A-Za-z]{22}", v):
            return "id"
        return v
    return json.dumps(masked(value))

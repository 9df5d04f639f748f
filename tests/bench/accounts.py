#!/usr/bin/env python3
"""What accounts and permissions cost, natsd beside the reference server:

  permissions   CPU of a message from one publisher to one subscriber, with and without lists of permissions
  load          start with many accounts, and the memory they take
  reload        how long a request and its answer may take while a file with all those accounts is read again

accounts.py [--accounts N] [--users N] [--rounds N] NATSD NATSCTL [REFERENCE]
"""

import argparse
import itertools
import os
import signal
import statistics
import subprocess
import sys
import threading
import time
from dataclasses import dataclass
from pathlib import Path

from process_use import cpu_ns, rss_bytes, settled_cpu_ns
from servers import NATSD, REFERENCE, Program, Server
from wire import Wire

MESSAGES = 2_000_000
MESSAGE_BYTES = 16
RELOADS = 4
RELOAD_S = 1.5
OPEN = 'authorization {{ users [ {{user: bench, password: secret{more}}} ] }}\n'
LISTS = """, permissions: {
  publish: {allow: ["orders.>", "a.*.c", "test.>", "bench", "x.y.z"], deny: ["orders.secret.>", "admin.>"]}
  subscribe: {allow: ["_INBOX.>", "bench", "test.>", "x.y.z"], deny: "admin.>"} }"""


@dataclass
class Row:
    name: str
    server: str
    value: float
    unit: str

    def show(self) -> None:
        print(f"{self.name:<44} {self.server:<10} {self.value:10.2f} {self.unit}", flush=True)


# -- permissions ---------------------------------------------------------------------------------------------------


def cpu_per_message(server: Server, natsctl: Path) -> float:
    """In nanoseconds."""
    url = server.url.replace("://", "://bench:secret@")
    command = [str(natsctl), "-s", url, "bench", "pubsub", "bench", "--msgs", str(MESSAGES), "--size",
               str(MESSAGE_BYTES), "--no-progress", "--json"]
    before = settled_cpu_ns(server.pid)
    subprocess.run(command, check=True, capture_output=True)
    return (settled_cpu_ns(server.pid) - before) / MESSAGES


def permissions(program: Program, natsctl: Path, rounds: int) -> list[Row]:
    """Servers in turns, in changing orders, so that what the machine does besides meets all. Two are the same: what
    lies between them is the error of all this."""
    open_block, bound_block = OPEN.format(more=""), OPEN.format(more=LISTS)
    with (Server(program, more=open_block) as free, Server(program, more=open_block) as same,
          Server(program, more=bound_block) as bound):
        cost: dict[Server, list[float]] = {free: [], same: [], bound: []}
        orders = itertools.cycle(itertools.permutations(cost))
        for order in itertools.islice(orders, rounds):
            for server in order:
                cost[server].append(cpu_per_message(server, natsctl))

    def ratio(server: Server) -> float:
        return statistics.median(cost[server]) / statistics.median(cost[free])

    return [
        Row("CPU of a message, no permissions, median", program.name, statistics.median(cost[free]), "ns"),
        Row("CPU of a message, permissions, median", program.name, statistics.median(cost[bound]), "ns"),
        Row("with to without", program.name, ratio(bound), ""),
        Row("without to without: the error", program.name, ratio(same), ""),
    ]


# -- many accounts -------------------------------------------------------------------------------------------------


def accounts_block(accounts: int, users: int) -> str:
    """Each with users of its own and nothing else."""
    rows = []
    for a in range(accounts):
        members = "\n".join(f"    {{user: u{a}_{u}, password: p{a}_{u}}}" for u in range(users))
        rows.append(f"  ACC{a} {{ users [\n{members}\n  ] }}")
    return "accounts {\n" + "\n".join(rows) + "\n}\n"


def load(program: Program, block: str) -> list[Row]:
    began = time.monotonic()
    with Server(program, more=block) as server:
        up_s = time.monotonic() - began
        settled_cpu_ns(server.pid)
        return [
            Row("from start to the first INFO", program.name, up_s, "s"),
            Row("CPU for that", program.name, cpu_ns(server.pid) / 1e9, "s"),
            Row("resident memory", program.name, rss_bytes(server.pid) / (1 << 20), "MiB"),
        ]


class Requests:
    """One client asks, the other answers, one request at a time."""

    def __init__(self, port: int):
        self.asker, self.answerer = self._login(port, "u0_0", "p0_0"), self._login(port, "u0_1", "p0_1")
        self.answerer.send(b"SUB ask 1\r\n")
        self.answerer.flush()
        self.asker.send(b"SUB answer 1\r\n")
        self.asker.flush()
        threading.Thread(target=self._answer, daemon=True).start()

    @staticmethod
    def _login(port: int, user: str, password: str) -> Wire:
        return Wire(port, f'CONNECT {{"verbose":false,"user":"{user}","pass":"{password}"}}\r\n'.encode())

    def _answer(self) -> None:
        try:
            while True:
                self.answerer.receive(len(b"MSG ask 1 answer 1\r\nx\r\n"))
                self.answerer.send(b"PUB answer 1\r\nx\r\n")
        except Exception:  # the connection was closed: the measurement is over
            return

    def longest_ms(self, seconds: float) -> float:
        end, longest = time.monotonic() + seconds, 0.0
        while time.monotonic() < end:
            began = time.perf_counter()
            self.asker.send(b"PUB ask answer 1\r\nx\r\n")
            self.asker.receive(len(b"MSG answer 1 1\r\nx\r\n"))
            longest = max(longest, time.perf_counter() - began)
        return longest * 1000


def reload(program: Program, block: str) -> list[Row]:
    with Server(program, more=block) as server:
        requests = Requests(server.port)
        quiet = requests.longest_ms(RELOAD_S)
        text, longest = server.config.read_text(), 0.0
        for i in range(RELOADS):
            server.config.write_text(f"max_control_line: {5000 + i}\n{text}")
            os.kill(server.pid, signal.SIGHUP)
            longest = max(longest, requests.longest_ms(RELOAD_S))
        return [
            Row("longest request without a reload", program.name, quiet, "ms"),
            Row(f"longest request during {RELOADS} reloads", program.name, longest, "ms"),
        ]


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("natsd", type=Path)
    parser.add_argument("natsctl", type=Path)
    parser.add_argument("reference", type=Path, nargs="?")
    parser.add_argument("--accounts", type=int, default=10_000)
    parser.add_argument("--users", type=int, default=10)
    parser.add_argument("--rounds", type=int, default=24)
    args = parser.parse_args()
    programs = [Program(NATSD, NATSD, args.natsd)]
    if args.reference:
        programs.append(Program(REFERENCE, REFERENCE, args.reference))
    block = accounts_block(args.accounts, args.users)
    for program in programs:
        for row in [*permissions(program, args.natsctl, args.rounds), *load(program, block), *reload(program, block)]:
            row.show()
    return 0


if __name__ == "__main__":
    sys.exit(main())

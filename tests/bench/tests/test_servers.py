import os
import tempfile
import unittest
from pathlib import Path
from unittest import mock

import servers
from servers import COMPLAINT, Program, Server, ServerFailed

STANDS_IN = """\
#!/usr/bin/env python3
import re, signal, socket, sys, time
%s
port = int(re.search(r"^port: (\\d+)", open(sys.argv[2]).read(), re.M).group(1))
print(%r, flush=True)
listener = socket.create_server(("127.0.0.1", port))
while True:
    client, _ = listener.accept()
    client.sendall(b'INFO {"server_id":"X"}\\r\\n')
    client.close()
"""


class ServersTest(unittest.TestCase):
    def setUp(self) -> None:
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.path = Path(folder.name) / "server"

    def program(self, first: str = "", says: str = "[1] 2026/01/01 [INF] Server is ready") -> Program:
        self.path.write_text(STANDS_IN % (first, says))
        self.path.chmod(0o755)
        return Program("natsd", "natsd", self.path)

    def assert_gone(self, pid: int) -> None:
        with self.assertRaises(ProcessLookupError):
            os.kill(pid, 0)

    def test_a_server_runs_while_the_block_lasts(self) -> None:
        with Server(self.program()) as server:
            os.kill(server.pid, 0)
            self.assertEqual(server.complaints(), [])
        self.assert_gone(server.pid)

    def test_a_server_is_ended_when_the_block_fails(self) -> None:
        server = Server(self.program())
        with self.assertRaises(KeyError), server:
            raise KeyError
        self.assert_gone(server.pid)

    def test_a_server_that_will_not_end_is_made_to(self) -> None:
        with mock.patch.object(servers, "STOP_MAX_S", 0.2):
            with Server(self.program("signal.signal(signal.SIGTERM, signal.SIG_IGN)")) as server:
                pass
        self.assert_gone(server.pid)

    def test_a_server_that_ends_at_once_is_shown_with_its_log(self) -> None:
        with self.assertRaisesRegex(ServerFailed, "no such key"), Server(self.program('sys.exit("no such key")')):
            self.fail("it did start")

    def test_a_server_that_never_listens_is_given_up(self) -> None:
        with mock.patch.object(servers, "START_MAX_S", 0.2):
            server = Server(self.program("while True: time.sleep(1)"))
            with self.assertRaisesRegex(ServerFailed, "not ready"), server:
                self.fail("it did start")
        self.assert_gone(server.pid)

    def test_a_complaint_in_the_log_is_found(self) -> None:
        text = "[1] 2026/01/01 [INF] 127.0.0.1:1 - Slow Consumer Detected: WriteDeadline of 10s exceeded"
        with Server(self.program(says=text)) as server:
            self.assertEqual(server.complaints(), [text])

    def test_complaints_are_told_from_ordinary_lines(self) -> None:
        for line, want in (
            ("[7] 2026/11/21 15:40:10.2 [ERR] cid:1 - Maximum Payload Violation", True),
            ("[7] 2026/11/21 15:40:10.2 [FTL] no room", True),
            ("[7] 2026/11/21 15:40:10.2 [INF] slow consumer closed cid=17", True),
            ("panic: runtime error", True),
            ("natsd: x.c:1: f: Assertion `a' failed.", True),
            ("[7] 2026/11/21 15:40:10.2 [INF] Server is ready", False),
            ("[7] 2026/11/21 15:40:10.2 [ERR] 127.0.0.1:4 - cid:5 - TLS handshake error: EOF", False),
        ):
            with self.subTest(line=line):
                self.assertEqual(COMPLAINT.search(line) is not None, want)

    def test_a_program_is_called_with_its_file_or_its_port(self) -> None:
        path, config = Path("bin/x"), Path("server.conf")
        natsd = Program("natsd, 1 worker", "natsd", path, ("--workers", "1"), (0, 1))
        self.assertEqual(
            natsd.command(4222, config), ["taskset", "-c", "0,1", "bin/x", "-c", "server.conf", "--workers", "1"]
        )
        self.assertEqual(Program("floor", "floor", path).command(4222, config), ["bin/x", "4222"])

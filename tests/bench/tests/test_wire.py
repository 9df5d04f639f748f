import socket
import threading
import unittest
from collections.abc import Callable

from wire import Wire, WireFailed, delivery_bytes, publications, removals, subscriptions

INFO = b'INFO {"server_id":"X"}\r\n'


class WireTest(unittest.TestCase):
    def server(self, answer: Callable[[socket.socket], None]) -> int:
        """A port; who connects gets INFO, and what `answer` sends once CONNECT has come."""
        listener = socket.create_server(("127.0.0.1", 0))

        def serve() -> None:
            with listener, listener.accept()[0] as client, client.makefile("rb") as lines:
                client.sendall(INFO)
                lines.readline()
                answer(client)
                lines.read()  # until the other side is done

        thread = threading.Thread(target=serve)
        thread.start()
        self.addCleanup(thread.join)
        port: int = listener.getsockname()[1]
        return port

    def pieces(self, *pieces: bytes) -> int:
        def answer(client: socket.socket) -> None:
            for piece in pieces:
                client.sendall(piece)

        return self.server(answer)

    def test_receive_takes_exactly_the_bytes(self) -> None:
        message = b"MSG a 1 2\r\nhi\r\n"
        with Wire(self.pieces(message * 3)) as wire:
            wire.receive(3 * len(message))

    def test_receive_leaves_out_pings_wherever_they_are_cut(self) -> None:
        stream = b"PING\r\nMSG a 1 2\r\nhi\r\nPING\r\nMSG a 1 2\r\nhi\r\n"
        for cut in range(len(stream) + 1):
            with self.subTest(cut=cut), Wire(self.pieces(stream[:cut], stream[cut:])) as wire:
                wire.receive(len(stream) - 12)

    def test_receive_refuses_other_bytes_and_a_lost_connection(self) -> None:
        with Wire(self.pieces(b"MSG a 1 2\r\nhi\r\n")) as wire, self.assertRaises(WireFailed):
            wire.receive(5)
        with Wire(self.server(lambda client: client.shutdown(socket.SHUT_RDWR))) as wire:
            with self.assertRaises(WireFailed):
                wire.receive(1)

    def test_flush_waits_for_the_pong_and_nothing_else(self) -> None:
        with Wire(self.pieces(b"PING\r\nPO", b"NG\r\n")) as wire:
            wire.flush()
        with Wire(self.pieces(b"-ERR 'Stale Connection'\r\nPONG\r\n")) as wire:
            with self.assertRaisesRegex(WireFailed, "Stale"):
                wire.flush()

    def test_operations_are_as_the_protocol_wants_them(self) -> None:
        self.assertEqual(subscriptions(["a", "b.*"]), b"SUB a 1\r\nSUB b.* 2\r\n")
        self.assertEqual(removals(2), b"UNSUB 1\r\nUNSUB 2\r\n")
        self.assertEqual(publications(["a", "b"], b"xyz"), b"PUB a 3\r\nxyz\r\nPUB b 3\r\nxyz\r\n")
        self.assertEqual(delivery_bytes("a.b", 12, b"xyz"), len(b"MSG a.b 12 3\r\nxyz\r\n"))

import os
import subprocess
import threading
import time
import unittest

import process_use
from process_use import ProcessEnded, busiest_thread_ns, cpu_ns, rss_bytes, thread_cpu_ns


def burn(ns: int) -> None:
    end = time.thread_time_ns() + ns
    while time.thread_time_ns() < end:
        pass


class ProcessUseTest(unittest.TestCase):
    def test_cpu_counts_all_threads_of_the_process_and_ended_ones(self) -> None:
        before = cpu_ns(os.getpid())
        thread = threading.Thread(target=burn, args=(30_000_000,))
        thread.start()
        thread.join()
        burn(10_000_000)
        self.assertGreaterEqual(cpu_ns(os.getpid()) - before, 40_000_000)

    def test_cpu_of_another_process_can_be_read(self) -> None:
        with subprocess.Popen(["cat"], stdin=subprocess.PIPE) as process:
            self.assertGreater(process_use.settled_cpu_ns(process.pid), 0)

    def test_threads_are_told_apart(self) -> None:
        here = threading.get_native_id()
        before = thread_cpu_ns(os.getpid())
        burn(20_000_000)
        after = thread_cpu_ns(os.getpid())
        self.assertGreater(after[here] - before[here], 5_000_000)
        self.assertGreaterEqual(busiest_thread_ns(before, after), after[here] - before[here])

    def test_the_busiest_thread_may_be_a_new_one(self) -> None:
        self.assertEqual(busiest_thread_ns({1: 100, 2: 0}, {1: 150, 2: 20, 3: 70}), 70)

    def test_resident_memory_is_about_that_of_status(self) -> None:
        held = bytearray(50 << 20)
        held[:: 1 << 12] = b"x" * len(held[:: 1 << 12])
        self.assertGreater(rss_bytes(os.getpid()), len(held))

    def test_an_ended_process_is_an_error(self) -> None:
        process = subprocess.Popen(["true"])
        process.wait()
        for read in (cpu_ns, rss_bytes):
            with self.subTest(read=read.__name__), self.assertRaises(ProcessEnded):
                read(process.pid)

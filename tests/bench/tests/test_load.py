import json
import os
import unittest
from typing import Any
from unittest import mock

from load import environment, expect, parse
from measure import Invalid


def row(role: str, msgs: int, **more: Any) -> dict[str, Any]:
    return {"role": role, "client": "total", "msgs": msgs, "bytes": 16 * msgs, "seconds": 0.5,
            "msgs_per_sec": 2.0 * msgs, "bytes_per_sec": 32.0 * msgs, "errors": 0, "reconnects": 0, **more}  # fmt: skip


def result(**changes: Any) -> str:
    """What natsctl prints for a publisher and two subscribers."""
    publisher, subscriber = row("publisher", 100), row("subscriber", 200)
    found = {
        "kind": "pubsub",
        "partial": False,
        "warnings": [],
        "clients": [publisher, row("subscriber", 100), row("subscriber", 100)],
        "totals": {"publisher": publisher, "subscriber": subscriber},
        "total": subscriber,
    }
    return json.dumps({**found, **changes})


class LoadTest(unittest.TestCase):
    def test_parse_takes_the_totals_of_all_roles(self) -> None:
        found = parse(result())
        self.assertEqual((found.total.role, found.total.msgs, found.total.msgs_per_sec), ("subscriber", 200, 400.0))
        self.assertEqual(found.roles["publisher"].msgs, 100)
        self.assertEqual((found.notes, found.total.latency_ns), ([], {}))

    def test_parse_does_without_totals_where_there_is_one_role(self) -> None:
        text = result()
        alone = {key: value for key, value in json.loads(text).items() if key != "totals"}
        self.assertEqual(list(parse(json.dumps(alone)).roles), ["subscriber"])

    def test_parse_takes_latencies(self) -> None:
        total = row("requester", 10, latency_ns={"count": 10, "p50": 5, "p99": 7, "p999": 9})
        self.assertEqual(parse(result(total=total)).total.latency_ns["p999"], 9)

    def test_parse_refuses_runs_that_went_wrong(self) -> None:
        for name, text in (
            ("ended early", result(partial=True)),
            ("a warning of the server", result(warnings=["slow consumer"])),
            ("an error of a client", result(clients=[row("publisher", 100, errors=1)])),
            ("a client that came back", result(clients=[row("publisher", 100, reconnects=1)])),
            ("no total", result(total=None)),
            ("no JSON", "natsctl: error: no server"),
            ("a list", "[]"),
            ("nothing", ""),
        ):
            with self.subTest(name), self.assertRaises(Invalid):
                parse(text)

    def test_parse_notes_what_natsctl_says_of_itself(self) -> None:
        text = "tool-bound: a thread used 99 % of its core"
        self.assertEqual(parse(result(warnings=[text])).notes, [text])

    def test_expect_compares_the_number_of_messages(self) -> None:
        total = parse(result()).total
        expect(total, 200)
        with self.assertRaises(Invalid):
            expect(total, 201)

    def test_the_environment_has_no_login_for_natsctl(self) -> None:
        with mock.patch.dict(os.environ, {"NATS_URL": "nats://example.com", "NATS_USER": "u", "NATSD": "x"}):
            found = environment()
        self.assertNotIn("NATS_URL", found)
        self.assertNotIn("NATS_USER", found)
        self.assertEqual(found["NATSD"], "x")

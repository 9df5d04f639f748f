"""A few seconds of stress.py; the seed is printed when it fails."""
import time

import pytest

import stress

SECONDS = 4


@pytest.mark.parametrize("kind", [stress.stress_configured, stress.stress_operated])
def test_many_clients_while_everything_changes(kind):
    seed = int(time.time())
    print(f"seed={seed}")
    counts = kind(SECONDS, seed)
    assert counts["answers"] > 20 and counts["stream"] > 20 and counts["visits"] > 5, counts

"""Every scene is played on the reference and on natsd, step by step, and what is seen is compared."""
import os
from pathlib import Path

import pytest

from stage.play import Play
from stage.script import Script
from stage.things import Things

CASES = sorted((Path(__file__).parent / "cases").glob("*/*.scene"))
_SHARED = {"env": "setenv"}
_MAKING = {"env", "bcrypt", "secret", "nkey", "operator", "account", "change", "user", "revoke", "activation", "cert"}


class Stage:
    """The reference and natsd, side by side."""

    def __init__(self, case: Path, dir: Path):
        self.things = Things(dir)
        self.reference = Play(os.environ["REFERENCE"], case, self.things, dir / "reference")
        self.natsd = Play(os.environ["NATSD"], case, self.things, dir / "natsd")

    def do(self, words: list[str]) -> tuple[list[str], list[str]]:
        """What the reference shows, and what natsd does."""
        name, *arguments = words
        if name in _MAKING:
            arguments = [self.things.fill(a) for a in arguments]
            getattr(self.things, _SHARED.get(name, name))(*arguments)
            return [], []
        return self.reference.do(words), self.natsd.do(words)

    def close(self) -> None:
        self.reference.close()
        self.natsd.close()


@pytest.fixture
def stage(request, tmp_path):
    stage = Stage(request.node.callspec.params["scene"].parent, tmp_path)
    yield stage
    stage.close()


@pytest.mark.parametrize("scene", CASES, ids=lambda path: f"{path.parent.name}/{path.stem}")
def test_scene(request, stage, scene):
    script = Script(scene)
    record = request.config.getoption("--record")
    unexplained = []
    for step in script.steps:
        reference, natsd = stage.do(step.words)
        if record:
            step.seen = _without_digests(reference)
            step.ours = _without_digests(natsd)
            step.why = (step.why or "WHY?") if natsd != reference else None
            unexplained += [step.text] if step.why == "WHY?" else []
        else:
            _compare(scene, step, reference, natsd)
    if record:
        script.write()
        assert not unexplained, "natsd differs, and nobody says why"


def _without_digests(rows):
    return [row[:row.index("sha256:")] + "sha256:*)" if "(sha256:" in row else row for row in rows]


def _compare(scene, step, reference, natsd):
    at = f"{scene}:{step.number}: $ {step.text}"
    assert _without_digests(reference) == step.seen, f"{at}\nthe reference does not what the scene says"
    if step.why is None:
        assert natsd == reference, f"{at}\nnatsd differs from the reference"
    else:
        assert natsd != reference, f"{at}\nnatsd does as the reference: remove the difference"
        assert _without_digests(natsd) == step.ours, f"{at}\nnatsd differs in another way than the scene says"

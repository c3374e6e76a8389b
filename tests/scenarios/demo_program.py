"""The demo with a practice of its own, less patience, and perhaps with bytes altered on the way.

`python -P tests/scenarios/demo_program.py PRACTICE PATIENCE_S ALTER ARGUMENTS...`: ALTER is what `altering.py` alters
from the step on that `STEPS` names, or "nothing". Tests run it as the newcomer runs `praxisfunk demo`.
"""

import sys
import tempfile
from collections.abc import Callable
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from app.demo import play
from app.demo.main import main
from app.demo.stage import Patience

STEPS = {"datagrams": "talk", "envelopes": "talk", "chunks": "send_photo"}
ALTERING = Path(__file__).with_name("altering.py")


def begin_altering(step: str, marker: Path) -> None:
    """The devices alter once the marker is there; it is made when the step begins."""
    original: Callable[[play.Play], None] = getattr(play.Play, step)

    def marked(self: play.Play) -> None:
        marker.touch()
        original(self)

    setattr(play.Play, step, marked)


if __name__ == "__main__":
    practice, patience_s, alter = sys.argv[1:4]
    patience = Patience(60.0, float(patience_s), 20.0)
    with tempfile.TemporaryDirectory(prefix="praxisfunk-test-") as folder:
        command = None
        if alter != "nothing":
            play.LATENCY_MESSAGES = 5
            marker = Path(folder) / "alter"
            begin_altering(STEPS[alter], marker)
            command = [sys.executable, "-P", str(ALTERING), alter, str(marker)]
        code = main(sys.argv[4:], command=command, patience=patience, practice=practice)
    raise SystemExit(code)

"""The window over a scripted backend with 100,000 messages: start, open, resize, jump, scroll, memory.

`start_*` are whole processes, from their start to the first paint that shows the conversation; the engine and
its store are not part of it (`bench store` has them). Scrolling moves one wheel notch (120 px) at a time upwards
through rows that are loaded on the way; a frame is everything that a notch costs until the window is idle.

    python -m tests.bench.bench_window
"""

import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT))
MESSAGES = 100_000
STARTS = 7


def run(messages: int = MESSAGES) -> dict[str, Any]:
    """Every part in a process of its own, on Qt's offscreen platform unless QT_QPA_PLATFORM says otherwise."""
    with tempfile.TemporaryDirectory() as cache:  # the first start also compiles
        starts = [_child("start", messages, cache) for _ in range(STARTS)]
        used = _child("use", messages, cache)
    figures: dict[str, Any] = {
        "platform": os.environ.get("QT_QPA_PLATFORM", "offscreen"),
        "messages": messages,
        "start_to_painted_ms_first": starts[0]["painted_ms"],
        **_spread("start_to_painted_ms", [start["painted_ms"] for start in starts[1:]]),
        **_spread("start_imports_ms", [start["imports_ms"] for start in starts[1:]]),
    }
    figures.update(used)
    return figures


def _child(part: str, messages: int, cache: str) -> dict[str, Any]:
    began = time.time()
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "PYTHONPYCACHEPREFIX": cache}
    environment.pop("PYTHONDONTWRITEBYTECODE", None)
    environment.setdefault("QT_QPA_PLATFORM", "offscreen")
    done = subprocess.run(
        [sys.executable, str(Path(__file__).resolve()), part, str(messages), repr(began)],
        capture_output=True, text=True, check=False, env=environment, cwd=ROOT,
    )  # fmt: skip
    if done.returncode != 0:
        raise RuntimeError(done.stderr[-2000:])
    return dict(json.loads(done.stdout.splitlines()[-1]))


def _spread(name: str, values: list[float]) -> dict[str, float]:
    ordered = sorted(values)
    return {
        f"{name}_median": round(statistics.median(ordered), 2),
        f"{name}_p95": round(ordered[min(len(ordered) - 1, int(len(ordered) * 0.95))], 2),
        f"{name}_max": round(ordered[-1], 2),
    }


# --- in the child process --------------------------------------------------------------------------------------


class Bench:
    """A window over `messages` rows. Making the rows is not part of any figure."""

    def __init__(self, messages: int, began: float) -> None:
        self.began = began
        from PySide6.QtWidgets import QApplication

        from app.ui.application import prepare
        from app.ui.i18n import Translations
        from app.ui.look import Look
        from app.ui.window import AppWindow

        self.imports_ms = (time.time() - began) * 1000
        self.app: QApplication = prepare(["bench"])
        self.look = Look(self.app, theme="light")
        self.translations = Translations(self.app)
        self.translations.use("de")
        paused = time.time()
        from tests.ui import practice
        from tests.ui.backend import ScriptedBackend

        script = practice.many(messages)
        self.backend = ScriptedBackend(script)
        self.paused_s = time.time() - paused
        self.window = AppWindow(self.look, self.translations, self.backend)
        self.backend.settings["ui.conversation"] = bytes(script.talks[0].conversation)

    def until_painted(self) -> float:
        """Milliseconds from the process's start to the conversation on the screen."""
        self.window.start(self.window.show)
        self.window.resize(1280, 820)
        while True:
            self.app.processEvents()
            main = self.window.main
            if main is not None and main.pane.model.rowCount() and main.pane.view.isVisible():
                main.pane.view.viewport().repaint()
                return (time.time() - self.began - self.paused_s) * 1000

    def idle(self, rounds: int = 40) -> None:
        for _ in range(rounds):
            self.app.processEvents()
            time.sleep(0.005)

    def frame(self) -> float:
        """What scrolling had put off: painting, loading more rows."""
        began = time.perf_counter()
        self.app.processEvents()
        return (time.perf_counter() - began) * 1000

    def use(self) -> dict[str, Any]:
        figures: dict[str, Any] = {}
        self.until_painted()
        self.idle()
        main = self.window.main
        assert main is not None
        view, bar = main.pane.view, main.pane.view.verticalScrollBar()
        frames = []
        for _ in range(1_000):
            began = time.perf_counter()
            bar.setValue(bar.value() - 120)
            frames.append((time.perf_counter() - began) * 1000 + self.frame())
        full = []
        for _ in range(50):
            began = time.perf_counter()
            view.viewport().repaint()
            full.append((time.perf_counter() - began) * 1000)
        figures.update(_spread("full_repaint_ms", full))
        figures.update(_spread("scroll_frame_ms", frames))
        figures["scroll_rows_held"] = main.pane.model.rowCount()
        jumps = []
        messages = self.backend.script.talks[0].messages
        for share in (0.1, 0.5, 0.9, 0.3, 0.7):
            target = messages[int(len(messages) * share)].message
            began = time.perf_counter()
            main.pane.feed.jump(target)
            while main.pane.model.place_of(target) is None:
                self.app.processEvents()
            view.viewport().repaint()
            jumps.append((time.perf_counter() - began) * 1000)
        figures.update(_spread("jump_to_message_ms", jumps))
        main.pane.feed.open(main.pane.conversation)
        self.idle()
        for _ in range(8):  # fill the window of rows
            bar.setValue(0)
            self.idle(6)
        figures["resize_rows_held"] = main.pane.model.rowCount()
        resizes = []
        for step in range(12):
            began = time.perf_counter()
            self.window.resize(1280 - 15 * step, 820)
            self.app.processEvents()
            resizes.append((time.perf_counter() - began) * 1000)
        figures.update(_spread("resize_step_ms", resizes))
        figures["arrive_to_painted_ms"] = self._arrivals()
        return figures

    def _arrivals(self) -> float:
        main = self.window.main
        assert main is not None
        main.pane.feed.open(main.pane.conversation)
        self.idle()
        times = []
        for number in range(30):
            began = time.perf_counter()
            row = self.backend.arrive(self.backend.script.talks[0], "Dr. Karin Weber", f"Nachricht {number}")
            while main.pane.model.place_of(row.message) is None:
                self.app.processEvents()
            main.pane.view.viewport().repaint()
            times.append((time.perf_counter() - began) * 1000)
        return round(statistics.median(times), 2)


def child(part: str, messages: int, began: float) -> dict[str, Any]:
    bench = Bench(messages, began)
    if part == "use":
        return bench.use()
    painted = bench.until_painted()
    return {"painted_ms": painted, "imports_ms": bench.imports_ms}


if __name__ == "__main__":
    if len(sys.argv) == 4:
        print(json.dumps(child(sys.argv[1], int(sys.argv[2]), float(sys.argv[3]))), flush=True)
        os._exit(0)
    json.dump(run(), sys.stdout, indent=1)

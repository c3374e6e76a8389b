"""The window over an engine: start both at once, so that painting does not wait for the store or the network."""

import signal

from app.bridge import Bridge
from app.engine import Engine
from app.ui.application import Options
from app.ui.application import run as run_window


def run(engine: Engine, *, hidden: bool) -> int:
    """Until the window is quit, a signal comes, or a script asks. Returns the exit code."""

    def make_backend() -> Bridge:
        bridge = Bridge(engine)
        bridge.quit_on_signals((signal.SIGINT, signal.SIGTERM))
        engine.on_quit(bridge.quit)
        engine.start()
        return bridge

    try:
        return run_window(make_backend, options=Options(hidden=hidden))
    finally:
        engine.stop()

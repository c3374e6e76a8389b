"""What holds for every test: no window system, no user's profile, no unexpected log record, no random seed."""

import logging
import os
import re
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

OWN_PACKAGES = ("app", "crypto", "transport")
NEVER_SKIPPED_IN_CI = ("namespaces", "xvfb")

# Qt reads it when the application object is made; a real screen is asked for by setting it before pytest starts.
os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

# Outcomes only: how long an example takes is for the benchmarks. The same examples every time; a longer, random
# search is `HYPOTHESIS_PROFILE=search`.
settings.register_profile(
    "repeatable",
    deadline=None,
    derandomize=True,
    database=None,
    suppress_health_check=[HealthCheck.too_slow],
)
settings.register_profile("search", deadline=None, max_examples=5000, print_blob=True)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "repeatable"))


def pytest_configure(config: pytest.Config) -> None:
    """Give the whole run a home folder of its own, before anything looks for one."""
    home = Path(tempfile.mkdtemp(prefix="praxisfunk-test-home-"))
    config.add_cleanup(lambda: shutil.rmtree(home, ignore_errors=True))
    runtime = home / "runtime"
    runtime.mkdir(mode=0o700)
    places = {
        "HOME": home,
        "USERPROFILE": home,
        "APPDATA": home / "roaming",
        "LOCALAPPDATA": home / "local",
        "XDG_CONFIG_HOME": home / "config",
        "XDG_DATA_HOME": home / "data",
        "XDG_STATE_HOME": home / "state",
        "XDG_CACHE_HOME": home / "cache",
        "XDG_RUNTIME_DIR": runtime,
    }
    os.environ.update({name: str(path) for name, path in places.items()})
    os.environ.pop("DBUS_SESSION_BUS_ADDRESS", None)  # the user's keyring and notifications live behind it
    for name in [name for name in os.environ if name.startswith("PRAXISFUNK_")]:
        del os.environ[name]


class _Records(logging.Handler):
    def __init__(self) -> None:
        super().__init__(logging.WARNING)
        self.records: list[logging.LogRecord] = []

    def emit(self, record: logging.LogRecord) -> None:
        self.records.append(record)


@pytest.fixture(autouse=True)
def only_expected_log_records(request: pytest.FixtureRequest) -> Iterator[None]:
    """A record of level WARNING or above from our packages fails the test, unless
    `@pytest.mark.expect_log("pattern", ...)` says that it belongs to it."""
    marks = request.node.iter_markers("expect_log")
    patterns = [re.compile(pattern) for mark in marks for pattern in mark.args]
    handler = _Records()
    loggers = [logging.getLogger(name) for name in OWN_PACKAGES]
    for logger in loggers:
        logger.addHandler(handler)
    try:
        yield
    finally:
        for logger in loggers:
            logger.removeHandler(handler)
    texts = [f"{record.levelname} {record.name}: {record.getMessage()}" for record in handler.records]
    unexpected = [text for text in texts if not any(pattern.search(text) for pattern in patterns)]
    assert not unexpected, "unexpected log records:\n" + "\n".join(unexpected)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item, call: pytest.CallInfo[None]) -> Iterator[None]:
    """On the CI machine a test that needs namespaces or an X server may not be skipped: it is then not shown."""
    report = yield
    skipped_by_need = any(item.get_closest_marker(name) for name in NEVER_SKIPPED_IN_CI)
    if (
        report.skipped
        and skipped_by_need
        and os.environ.get("CI") == "true"
        and not hasattr(report, "wasxfail")
    ):
        report.outcome = "failed"
        report.longrepr = f"skipped, which CI does not allow: {report.longrepr}"
    return report

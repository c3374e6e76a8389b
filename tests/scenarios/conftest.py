"""Fixtures of the scenarios."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.scenarios.practice import Practice
from tests.scenarios.processes import Crew


@pytest.fixture
def practice(tmp_path: Path) -> Iterator[Practice]:
    """An empty practice with seed 1."""
    made = Practice(tmp_path)
    yield made
    made.close()


@pytest.fixture
def crew(tmp_path: Path) -> Iterator[Crew]:
    """Devices that are processes; those that still run at the end are ended."""
    made = Crew(tmp_path)
    yield made
    made.close()

"""Fixtures of the scenarios."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.scenarios.practice import Practice


@pytest.fixture
def practice(tmp_path: Path) -> Iterator[Practice]:
    """An empty practice with seed 1."""
    made = Practice(tmp_path)
    yield made
    made.close()

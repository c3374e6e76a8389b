"""One fresh store per test."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from app.store.db import Store
from tests.store.kit import KEY


@pytest.fixture
def database(tmp_path: Path) -> Path:
    return tmp_path / "praxisfunk.db"


@pytest.fixture
def store(database: Path) -> Iterator[Store]:
    opened = Store.open(database, KEY)
    yield opened
    opened.close()

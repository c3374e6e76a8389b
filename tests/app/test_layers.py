"""The arrows that import-linter cannot say: what a package may import is a closed list, not an open one."""

import ast
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]

CLOCK_AND_NETWORK = {
    "asyncio", "socket", "ssl", "select", "selectors", "sqlite3", "subprocess", "threading", "time", "random",
    "tempfile", "os", "pathlib", "shutil", "io", "urllib", "http", "pickle", "marshal", "ctypes",
}  # fmt: skip


def imports(path: Path) -> set[str]:
    """Dotted names imported anywhere in a file, also inside functions."""
    found = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path}: relative import"
            found.add(node.module or "")
    return found


def sources(package: str) -> list[Path]:
    return sorted((ROOT / package).rglob("*.py"))


@pytest.mark.parametrize("path", sources("crypto"), ids=lambda path: path.name)
def test_crypto_imports_only_cryptography_msgspec_and_a_pure_part_of_the_standard_library(path: Path) -> None:
    for name in imports(path):
        top = name.split(".")[0]
        assert top in {"crypto", "cryptography", "msgspec"} or top in sys.stdlib_module_names, name
        assert top not in CLOCK_AND_NETWORK or (path.name, name) == ("entropy.py", "os"), name


def test_no_package_unpickles() -> None:
    for package in ("app", "crypto", "transport"):
        for path in sources(package):
            assert not imports(path) & {"pickle", "shelve", "marshal", "dill"}, path


@pytest.mark.parametrize("package", ["app", "crypto", "transport"])
def test_every_folder_says_what_lives_there(package: str) -> None:
    folders = {path.parent for path in sources(package)}
    for folder in folders:
        tree = ast.parse((folder / "__init__.py").read_text(encoding="utf-8"))
        assert ast.get_docstring(tree), f"{folder}/__init__.py has no docstring"


def test_only_the_bridge_knows_both_the_engine_and_qt() -> None:
    both = [
        path.name
        for path in sources("app")
        if any(name.startswith("PySide6") for name in imports(path))
        and any(name.startswith(("app.engine", "app.store")) for name in imports(path))
    ]
    assert both in ([], ["bridge.py"])

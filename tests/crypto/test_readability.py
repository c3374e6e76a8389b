"""What keeps `crypto/` readable for an auditor: short functions, one table of labels, secrets that do not show.

Read from the source, so that a new module or struct is covered without being named here.
"""

import ast
import importlib
import inspect
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from types import ModuleType

import msgspec
import pytest

import crypto
from crypto import kdf
from crypto.blob import BlobOpener, BlobSealer
from crypto.certificate import IssuedCertificate, anonymous
from crypto.handshake import Agreement, parse_header
from crypto.identity import DeviceIdentity
from crypto.ids import DeviceId
from crypto.invitation import EnrolmentToken, Invitation
from crypto.kdf import Label
from crypto.pairing import JoinerPairing, Wish, _Direction
from crypto.prekeys import PrekeyKind, PrekeySecret
from crypto.recovery import keys_of, new_code
from crypto.skipped import SkippedKey
from crypto.statement import RecoverySigner
from crypto.vault import WrappedKey, wrap
from tests.crypto.session_kit import NOW_MS, Device, SeededEntropy, settled_pair

FOLDER = Path(crypto.__file__).parent
FILES = sorted(FOLDER.glob("*.py"))
MAX_FUNCTION_LINES = 40
MAX_FILE_LINES = 400


def functions(path: Path) -> Iterator[ast.FunctionDef | ast.AsyncFunctionDef]:
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            yield node


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.name)
def test_functions_and_files_are_short(path: Path) -> None:
    long = {
        node.name: node.end_lineno - node.lineno + 1
        for node in functions(path)
        if node.end_lineno is not None and node.end_lineno - node.lineno >= MAX_FUNCTION_LINES
    }
    assert long == {}
    assert len(path.read_text(encoding="utf-8").splitlines()) <= MAX_FILE_LINES


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.name)
def test_every_file_says_what_lives_there_and_every_public_class_what_it_is(path: Path) -> None:
    tree = ast.parse(path.read_text(encoding="utf-8"))
    assert ast.get_docstring(tree)
    for node in tree.body:
        if isinstance(node, ast.ClassDef | ast.FunctionDef) and not node.name.startswith("_"):
            assert ast.get_docstring(node), node.name


# --- labels -----------------------------------------------------------------------------------------------------


def test_every_label_is_in_the_table_once_and_starts_with_px1() -> None:
    values = [label.value for label in Label]
    assert len(set(values)) == len(values) == len(Label.__members__)
    assert all(re.fullmatch(rb"PX1/[A-Za-z0-9/+-]+", value) for value in values)


def test_no_label_stands_anywhere_but_in_the_table() -> None:
    """As bytes or as text, in any package: a derivation that bypasses the table would not show in it."""
    root = FOLDER.parent
    found = []
    for package in ("crypto", "app", "transport"):
        for path in (root / package).rglob("*.py"):
            text = path.read_text(encoding="utf-8")
            if path == Path(kdf.__file__) or "PX1/" not in text:
                continue
            for node in ast.walk(ast.parse(text)):
                value = node.value if isinstance(node, ast.Constant) else None
                if (isinstance(value, bytes) and value.startswith(b"PX1/")) or (
                    isinstance(value, str) and value.startswith("PX1/")
                ):
                    found.append(path.name)
    assert found == []


def test_every_label_is_used() -> None:
    root = FOLDER.parent
    text = "".join(
        path.read_text(encoding="utf-8") for p in ("crypto", "app") for path in (root / p).rglob("*.py")
    )
    unused = [label.name for label in Label if f"Label.{label.name}" not in text]
    assert unused == []


# --- secrets ----------------------------------------------------------------------------------------------------

ENTROPY = SeededEntropy(b"readability")
SECRET = bytes(range(100, 132))
SHOWN = (SECRET.hex(), repr(SECRET)[2:-1], "SECRET")


@cache
def secrets() -> dict[str, object]:
    """One of every secret type, holding `SECRET` or a real key."""
    pair = settled_pair("readability")
    device = Device.create("readability")
    token = EnrolmentToken(SECRET[:16], bytes(16))
    state = pair.a._ratchet.state()
    header = pair.alice.start(pair.bob).header
    assert header is not None
    tls_key = bytes(44)
    return {
        "Agreement": Agreement(SECRET, pair.a.session_id, parse_header(header.raw), SECRET),
        "BlobOpener": BlobOpener(SECRET, bytes(32), 0),
        "BlobSealer": BlobSealer(SECRET),
        "DeviceIdentity": DeviceIdentity.from_secret(b"\1" + SECRET + SECRET),
        "EnrolmentToken": token,
        "Invitation": Invitation(token, DeviceId(bytes(32))),
        "Invitation with code": Invitation("SECRETSECRET", DeviceId(bytes(32))),
        "IssuedCertificate": IssuedCertificate(b"", SECRET, 0),
        "anonymous certificate": anonymous(ENTROPY),
        "JoinerPairing": JoinerPairing(
            device.identity, "SECRETSECRET", own_tls_key=tls_key, peer_tls_key=tls_key, entropy=ENTROPY
        ),
        "PrekeySecret": PrekeySecret.from_secret(PrekeyKind.SIGNED, SECRET),
        "Ratchet": pair.a._ratchet,
        "RatchetState": msgspec.structs.replace(state, root=SECRET, own=SECRET, send_chain=SECRET),
        "RecoveryKeys": keys_of(new_code(ENTROPY)),
        "RecoverySigner": RecoverySigner(keys_of(new_code(ENTROPY)).signing),
        "Session": pair.a,
        "SkippedKey": SkippedKey(bytes(32), 1, SECRET, NOW_MS),
        "SkippedKeys": pair.a._ratchet.skipped,
        "Wish": Wish("SECRET", "SECRET", "SECRET", bytes(64)),
        "_Direction": _Direction(Label.PAIR_JOINER, Label.PAIR_JOINER_SIGNATURE, SECRET, SECRET),
        "wrapped key": wrap(SECRET, profile=b"p", entropy=ENTROPY, keyring_secret=bytes(32)),
    }


@pytest.mark.parametrize("name", list(secrets()))
def test_a_secret_does_not_show(name: str) -> None:
    secret = secrets()[name]
    for text in (repr(secret), str(secret), f"{secret}", f"{[secret]}", repr({"key": secret})):
        assert not any(part in text for part in SHOWN)


SECRET_FIELDS = re.compile(r"(secret|private|seed|root|chain_key|mac_key|box_key|backup|signing|send_chain)$")
PUBLIC_ALL_THE_SAME = {WrappedKey.__name__}


def modules() -> list[ModuleType]:
    return [importlib.import_module(f"crypto.{path.stem}") for path in FILES if path.stem != "__init__"]


@pytest.mark.parametrize("module", modules(), ids=lambda module: module.__name__)
def test_a_type_with_a_field_that_sounds_secret_has_a_repr_of_its_own(module: ModuleType) -> None:
    """Structs, named tuples and dataclasses print their fields unless told otherwise."""
    for name, kind in inspect.getmembers(module, inspect.isclass):
        fields = getattr(kind, "__annotations__", {})
        if kind.__module__ != module.__name__ or name in PUBLIC_ALL_THE_SAME:
            continue
        if any(SECRET_FIELDS.search(field) for field in fields) and (
            issubclass(kind, msgspec.Struct | tuple) or hasattr(kind, "__dataclass_fields__")
        ):
            assert "__repr__" in vars(kind), f"{name} shows {sorted(fields)}"
            assert "redacted" in inspect.getsource(vars(kind)["__repr__"]), name


def test_the_rule_finds_what_it_should() -> None:
    """Guards the test above: it applies to these."""
    named = {
        name
        for module in modules()
        for name, kind in inspect.getmembers(module, inspect.isclass)
        if kind.__module__ == module.__name__
        and any(SECRET_FIELDS.search(field) for field in getattr(kind, "__annotations__", {}))
    }
    assert {
        "Agreement",
        "EnrolmentToken",
        "Invitation",
        "PrekeySecret",
        "RatchetState",
        "RecoveryKeys",
    } <= named

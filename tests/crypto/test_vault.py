"""The wrapped database key and the paper code (protocol 10.1, 11.20; attacks 34, 45)."""

from collections.abc import Iterator
from functools import lru_cache

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crypto import vault
from crypto.codec import decode, encode
from crypto.crockford import check_symbol
from crypto.errors import CryptoError, DecodeError, DecryptionFailed, WeakPassphrase
from crypto.kdf import argon2id
from crypto.recovery import keys_of, new_code
from crypto.vault import MAX_WRAPPED_BYTES, Method, WrappedKey, check_alone, describe, unwrap, wrap
from tests.crypto.session_kit import SeededEntropy

KEY, SECRET, PROFILE = b"d" * 32, b"k" * 32, b"profile 16 bytes"
PHRASE = "Vier große Wörter"
ENTROPY = SeededEntropy(b"vault")
ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"


@pytest.fixture(autouse=True, scope="module")
def argon2id_once() -> Iterator[None]:
    """The real function, but the same question is not computed twice."""
    patch = pytest.MonkeyPatch()
    patch.setattr(vault, "argon2id", lru_cache(argon2id))
    yield
    patch.undo()


@pytest.fixture(scope="module", params=list(Method))
def method(request: pytest.FixtureRequest) -> Method:
    chosen: Method = request.param
    return chosen


def secrets_of(method: Method) -> dict[str, object]:
    secrets: dict[str, object] = {}
    if method is not Method.PASSPHRASE:
        secrets["keyring_secret"] = SECRET
    if method is not Method.KEYRING:
        secrets["passphrase"] = PHRASE
    return secrets


def wrapped_by(method: Method) -> bytes:
    return wrap(KEY, profile=PROFILE, entropy=SeededEntropy(b"vault"), **secrets_of(method))  # type: ignore[arg-type]


def test_a_key_comes_back(method: Method) -> None:
    wrapped = wrapped_by(method)
    assert describe(wrapped) is method
    assert KEY not in wrapped
    assert unwrap(wrapped, profile=PROFILE, keyring_secret=SECRET, passphrase=PHRASE) == KEY


def test_a_wrong_secret_opens_nothing(method: Method) -> None:
    wrapped = wrapped_by(method)
    for secret, phrase in ((b"j" * 32, "Vier kleine Wörter"), (None, None), (None, "x"), (b"", None)):
        with pytest.raises(DecryptionFailed):
            unwrap(wrapped, profile=PROFILE, keyring_secret=secret, passphrase=phrase)


def test_both_means_both() -> None:
    wrapped = wrapped_by(Method.BOTH)
    for secret, phrase in ((SECRET, "falsch"), (b"j" * 32, PHRASE), (SECRET, None), (None, PHRASE)):
        with pytest.raises(DecryptionFailed):
            unwrap(wrapped, profile=PROFILE, keyring_secret=secret, passphrase=phrase)


def test_attack_45_a_wrapped_key_belongs_to_its_profile(method: Method) -> None:
    with pytest.raises(DecryptionFailed):
        unwrap(wrapped_by(method), profile=b"another profile!", keyring_secret=SECRET, passphrase=PHRASE)


def test_attack_45_the_method_cannot_be_lowered() -> None:
    stored = decode(WrappedKey, wrapped_by(Method.BOTH), max_bytes=MAX_WRAPPED_BYTES)
    for lower in (Method.KEYRING, Method.PASSPHRASE):
        changed = encode(WrappedKey(stored.version, lower, stored.salt, stored.sealed))
        with pytest.raises(DecryptionFailed):
            unwrap(changed, profile=PROFILE, keyring_secret=SECRET, passphrase=PHRASE)


def test_every_flipped_byte_is_refused() -> None:
    wrapped = wrapped_by(Method.KEYRING)
    for place in range(len(wrapped)):
        with pytest.raises(CryptoError):
            unwrap(
                wrapped[:place] + bytes([wrapped[place] ^ 1]) + wrapped[place + 1 :],
                profile=PROFILE,
                keyring_secret=SECRET,
            )


@given(st.binary(max_size=200))
def test_fuzzed_files_are_refused(data: bytes) -> None:
    with pytest.raises(CryptoError):
        unwrap(data, profile=PROFILE, keyring_secret=SECRET)


def test_an_umlaut_is_an_umlaut() -> None:
    wrapped = wrapped_by(Method.PASSPHRASE)
    decomposed = PHRASE.replace("ö", "o\u0308")
    assert decomposed != PHRASE
    assert unwrap(wrapped, profile=PROFILE, passphrase=decomposed) == KEY


@pytest.mark.parametrize("weak", ["", "1234", "1234567", "123456789012345", "kurz"])
def test_a_pin_is_never_the_sole_wrap(weak: str) -> None:
    with pytest.raises(WeakPassphrase):
        wrap(KEY, profile=PROFILE, entropy=ENTROPY, passphrase=weak)
    with pytest.raises(WeakPassphrase):
        check_alone(weak)


def test_a_pin_may_stand_beside_the_keyring() -> None:
    wrapped = wrap(KEY, profile=PROFILE, entropy=ENTROPY, keyring_secret=SECRET, passphrase="1234")
    assert unwrap(wrapped, profile=PROFILE, keyring_secret=SECRET, passphrase="1234") == KEY


def test_a_key_is_never_stored_open() -> None:
    with pytest.raises(ValueError, match="unwrapped"):
        wrap(KEY, profile=PROFILE, entropy=ENTROPY)


@pytest.mark.parametrize(("key", "secret"), [(b"short", SECRET), (KEY, b"short")])
def test_short_keys_are_a_bug(key: bytes, secret: bytes) -> None:
    with pytest.raises(ValueError, match="32 bytes"):
        wrap(key, profile=PROFILE, entropy=ENTROPY, keyring_secret=secret)


def test_an_endless_passphrase_is_refused_before_any_work() -> None:
    with pytest.raises(DecryptionFailed):
        unwrap(wrapped_by(Method.PASSPHRASE), profile=PROFILE, passphrase="x" * 2000)


# --- recovery code -----------------------------------------------------------------------------------------


def test_the_paper_gives_the_same_keys_again() -> None:
    code = new_code(SeededEntropy(b"paper"))
    assert [len(group) for group in code.split("-")] == [4] * 8
    keys, again = keys_of(code), keys_of(code.lower().replace("-", " "))
    assert keys.public == again.public
    assert keys.backup == again.backup
    assert keys.signing.private_bytes_raw() != keys.backup
    assert repr(keys) == "RecoveryKeys(<redacted>)"


def test_another_paper_gives_other_keys() -> None:
    one, two = keys_of(new_code(SeededEntropy(b"1"))), keys_of(new_code(SeededEntropy(b"2")))
    assert one.public != two.public
    assert one.backup != two.backup


def test_every_single_mistyped_symbol_is_noticed() -> None:
    symbols = new_code(SeededEntropy(b"paper")).replace("-", "")
    for place in range(32):
        for wrong in ALPHABET:
            if wrong != symbols[place]:
                with pytest.raises(DecodeError):
                    keys_of(symbols[:place] + wrong + symbols[place + 1 :])


def test_every_swap_of_two_symbols_is_noticed() -> None:
    symbols = new_code(SeededEntropy(b"paper")).replace("-", "")
    for one in range(32):
        for two in range(one):
            if symbols[one] == symbols[two] or (one, two) == (31, 0):
                continue  # 31 weights for 32 places: the first and the check symbol share one
            swapped = list(symbols)
            swapped[one], swapped[two] = swapped[two], swapped[one]
            with pytest.raises(DecodeError):
                keys_of("".join(swapped))


def test_the_check_symbol_is_linear_over_the_field() -> None:
    assert check_symbol("0" * 31) == "0"
    assert check_symbol("1") == "1"
    assert check_symbol("01") == "2"
    assert check_symbol("000001") == ALPHABET[0b00101]  # a^5 = a^2 + 1


@given(st.text(max_size=80))
def test_any_text_is_no_recovery_code(typed: str) -> None:
    with pytest.raises(DecodeError):
        keys_of(typed)

"""Devices and the number that people compare (protocol 1, 2; attacks 3, 33)."""

import pytest

from crypto.codec import decode, encode
from crypto.errors import CryptoError, DecodeError, InvalidKey, InvalidSignature
from crypto.identity import DeviceIdentity, DevicePublic, safety_number, verify
from crypto.kdf import Label
from tests.crypto.session_kit import SeededEntropy

ANNA = DeviceIdentity.create(SeededEntropy(b"anna"))
BERTA = DeviceIdentity.create(SeededEntropy(b"berta"))


def test_a_device_is_its_two_keys() -> None:
    public = ANNA.public
    public.check()
    assert ANNA.device_id == public.device_id
    assert len(public.device_id) == 32
    assert public.device_id != DevicePublic(public.ik, public.dik, public.ik_signature).device_id


def test_a_secret_comes_back() -> None:
    again = DeviceIdentity.from_secret(ANNA.to_secret())
    assert again.public == ANNA.public
    assert again.ik_private.private_bytes_raw() == ANNA.ik_private.private_bytes_raw()


@pytest.mark.parametrize("secret", [b"", ANNA.to_secret()[:-1], ANNA.to_secret() + b"\0", b"\2" + bytes(64)])
def test_a_damaged_secret_is_refused(secret: bytes) -> None:
    with pytest.raises(DecodeError):
        DeviceIdentity.from_secret(secret)


def test_a_secret_is_never_shown() -> None:
    assert repr(ANNA) == "DeviceIdentity(<redacted>)"


def test_attack_33_keys_of_two_devices_do_not_mix() -> None:
    a, b = ANNA.public, BERTA.public
    for mixed in (
        DevicePublic(a.dik, b.ik, a.ik_signature),
        DevicePublic(a.dik, b.ik, b.ik_signature),
        DevicePublic(b.dik, a.ik, a.ik_signature),
        DevicePublic(a.device_id, a.ik, a.ik_signature),
        DevicePublic(a.dik, a.device_id, a.ik_signature),
    ):
        with pytest.raises(CryptoError):
            mixed.check()


def test_attack_03_a_device_without_a_real_key() -> None:
    """Under the neutral point this "signature" of IK would verify."""
    neutral = (1).to_bytes(32, "little")
    with pytest.raises(InvalidKey):
        DevicePublic(neutral, ANNA.public.ik, neutral + bytes(32)).check()
    with pytest.raises(InvalidKey):
        verify(neutral, neutral + bytes(32), Label.TLS, b"anything")


def test_attack_01_a_device_without_a_real_ik() -> None:
    with pytest.raises(InvalidKey):
        DevicePublic(ANNA.public.dik, bytes(32), ANNA.sign(Label.IDENTITY_KEY, bytes(32))).check()


def test_a_signature_holds_for_its_label_and_fields_only() -> None:
    signature = ANNA.sign(Label.CONSENT, b"circle", b"person")
    dik = ANNA.public.dik
    verify(dik, signature, Label.CONSENT, b"circle", b"person")
    for label, fields in (
        (Label.TLS, (b"circle", b"person")),
        (Label.CONSENT, (b"circl", b"eperson")),
        (Label.CONSENT, (b"person", b"circle")),
        (Label.CONSENT, (b"circle", b"person", b"")),
        (Label.CONSENT, (b"circleperson",)),
    ):
        with pytest.raises(InvalidSignature):
            verify(dik, signature, label, *fields)
    with pytest.raises(InvalidSignature):
        verify(BERTA.public.dik, signature, Label.CONSENT, b"circle", b"person")
    for place in range(64):
        changed = signature[:place] + bytes([signature[place] ^ 1]) + signature[place + 1 :]
        with pytest.raises(InvalidSignature):
            verify(dik, changed, Label.CONSENT, b"circle", b"person")
    for size in (0, 63, 65):
        with pytest.raises(InvalidSignature):
            verify(dik, (signature + b"\0")[:size], Label.CONSENT, b"circle", b"person")


def test_a_signature_has_one_form() -> None:
    """S + L is the same number to a careless verifier."""
    signature = ANNA.sign(Label.TLS, b"x")
    order = 2**252 + 27742317777372353535851937790883648493
    second = int.from_bytes(signature[32:], "little") + order
    with pytest.raises(InvalidSignature):
        verify(ANNA.public.dik, signature[:32] + second.to_bytes(32, "little"), Label.TLS, b"x")


def test_a_device_travels_in_one_form() -> None:
    wire = encode(ANNA.public)
    assert decode(DevicePublic, wire, max_bytes=200) == ANNA.public
    with pytest.raises(DecodeError):
        decode(DevicePublic, encode((*decode(list[bytes], wire, max_bytes=200), b"more")), max_bytes=200)


# --- safety number -----------------------------------------------------------------------------------------


def test_the_number_is_the_same_on_both_sides() -> None:
    number = safety_number(ANNA.public, BERTA.public)
    assert number == safety_number(BERTA.public, ANNA.public)
    assert len(number) == 60
    assert number.isdecimal()


def test_attack_33_the_number_changes_with_every_key() -> None:
    """It is made from the keys, not from any id that a peer could claim."""
    a, b = ANNA.public, BERTA.public
    other = DeviceIdentity.create(SeededEntropy(b"other")).public
    numbers = {
        safety_number(a, b),
        safety_number(a, other),
        safety_number(other, b),
        safety_number(a, DevicePublic(b.dik, other.ik, b.ik_signature)),
        safety_number(a, DevicePublic(other.dik, b.ik, b.ik_signature)),
    }
    assert len(numbers) == 5


def test_each_half_belongs_to_one_device() -> None:
    other = DeviceIdentity.create(SeededEntropy(b"other")).public
    one, two = safety_number(ANNA.public, BERTA.public), safety_number(ANNA.public, other)
    assert {one[:30], one[30:]} & {two[:30], two[30:]}

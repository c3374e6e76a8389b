"""Bundles: what is verified on receipt (protocol 3, 11.4, 11.6; attacks 1-4, 11)."""

import msgspec
import pytest

from crypto.codec import encode
from crypto.errors import CryptoError, DecodeError, ExpiredKey, InvalidKey, InvalidSignature
from crypto.identity import DevicePublic
from crypto.kdf import Label
from crypto.prekeys import (
    MAX_BUNDLE_BYTES,
    MAX_INC,
    USABLE_S,
    Bundle,
    BundleBody,
    PrekeyKind,
    PrekeySecret,
    SignedPrekey,
    prekey_id,
)
from tests.crypto.session_kit import Device

LOW_ORDER_X25519 = [
    bytes(32),
    (1).to_bytes(32, "little"),
    bytes.fromhex("e0eb7a7c3b41b8ae1656e3faf19fc46ada098deb9c32b1fd866205165f49b800"),
    bytes.fromhex("5f9c95bca3508c24b1d0b1559c83ef5b04445cc4581c8e86d8224eddd09f1157"),
    bytes.fromhex("ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f"),
    bytes.fromhex("edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f"),
    bytes.fromhex("eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f"),
]


def forge(device: Device, /, **changes: object) -> bytes:
    """A bundle of the device with a changed body, signed anew over the changed bytes."""
    body = msgspec.structs.replace(device.bundle._body, **changes)
    raw = encode(body)
    return encode((raw, device.identity.sign(Label.BUNDLE, raw)))


def signed(device: Device, label: Label, kind: PrekeyKind, public: bytes) -> SignedPrekey:
    return SignedPrekey(prekey_id(kind, public), public, device.identity.sign(label, public))


def test_a_bundle_survives_the_wire() -> None:
    device = Device.create("bob")
    bundle = device.bundle
    again = Bundle.from_wire(bundle.wire)
    assert again.wire == bundle.wire
    assert again.device == device.identity.public
    assert again.device_id == device.identity.device_id
    assert again.order == (device.inc, 1)
    assert again.signed.prekey_id == device.signed.prekey_id
    assert again.kem.public == device.kem.public


def test_every_flipped_byte_is_refused() -> None:
    wire = Device.create("bob").bundle.wire
    for place in range(len(wire)):
        broken = wire[:place] + bytes((wire[place] ^ 0x01,)) + wire[place + 1 :]
        with pytest.raises(CryptoError):
            Bundle.from_wire(broken)


@pytest.mark.parametrize("cut", [0, 1, 100, -1])
def test_cut_off_and_oversized_bundles(cut: int) -> None:
    wire = Device.create("bob").bundle.wire
    with pytest.raises(DecodeError):
        Bundle.from_wire(wire[:cut])
    with pytest.raises(DecodeError):
        Bundle.from_wire(wire + bytes(MAX_BUNDLE_BYTES))


@pytest.mark.parametrize("point", LOW_ORDER_X25519)
def test_attack_01_low_order_prekey(point: bytes) -> None:
    bob = Device.create("bob")
    with pytest.raises(InvalidKey):
        Bundle.from_wire(forge(bob, signed=signed(bob, Label.PREKEY_X25519, PrekeyKind.SIGNED, point)))


def test_attack_02_non_canonical_prekey() -> None:
    bob = Device.create("bob")
    alias = bob.signed.public[:31] + bytes((bob.signed.public[31] | 0x80,))
    with pytest.raises(InvalidKey):
        Bundle.from_wire(forge(bob, signed=signed(bob, Label.PREKEY_X25519, PrekeyKind.SIGNED, alias)))


def test_attack_03_small_order_identity_key() -> None:
    """Under the neutral element as public key, R = B and s = 1 is a signature over every message."""
    bob = Device.create("bob")
    neutral = (1).to_bytes(32, "little")
    base = bytes.fromhex("58") + bytes.fromhex("66") * 31
    forged = base + (1).to_bytes(32, "little")
    public = DevicePublic(neutral, bob.identity.public.ik, forged)
    changes = {
        "device": public,
        "signed": SignedPrekey(bob.signed.prekey_id, bob.signed.public, forged),
        "kem": SignedPrekey(bob.kem.prekey_id, bob.kem.public, forged),
    }
    raw = encode(msgspec.structs.replace(bob.bundle._body, **changes))
    with pytest.raises(InvalidKey):
        Bundle.from_wire(encode((raw, forged)))


def test_attack_04_prekey_signatures_wrong_missing_or_swapped() -> None:
    bob, eve = Device.create("bob"), Device.create("eve")
    good = bob.bundle
    by_eve = signed(eve, Label.PREKEY_X25519, PrekeyKind.SIGNED, bob.signed.public)
    missing = SignedPrekey(good.signed.prekey_id, good.signed.public, b"")
    swapped = SignedPrekey(good.signed.prekey_id, good.signed.public, good.kem.signature)
    for prekey in (by_eve, missing, swapped):
        with pytest.raises(InvalidSignature):
            Bundle.from_wire(forge(bob, signed=prekey))
    swapped_kem = SignedPrekey(good.kem.prekey_id, good.kem.public, good.signed.signature)
    with pytest.raises(InvalidSignature):
        Bundle.from_wire(forge(bob, kem=swapped_kem))


def test_attack_04_key_types_are_not_confused() -> None:
    bob = Device.create("bob")
    good = bob.bundle
    with pytest.raises(InvalidKey):
        Bundle.from_wire(forge(bob, signed=good.kem))
    with pytest.raises(InvalidKey):
        Bundle.from_wire(forge(bob, kem=good.signed))
    # A one-time key with a valid signature under its own label is no signed prekey.
    onetime = signed(bob, Label.PREKEY_ONETIME, PrekeyKind.SIGNED, bob.onetime.public)
    with pytest.raises(InvalidSignature):
        Bundle.from_wire(forge(bob, signed=onetime))


def test_attack_05_prekey_id_belongs_to_its_key() -> None:
    bob, eve = Device.create("bob"), Device.create("eve")
    good = bob.bundle
    for name, prekey, other in (("signed", good.signed, eve.signed), ("kem", good.kem, eve.kem)):
        moved = SignedPrekey(other.prekey_id, prekey.public, prekey.signature)
        with pytest.raises(DecodeError):
            Bundle.from_wire(forge(bob, **{name: moved}))


def test_attack_05_kem_key_that_is_not_reduced() -> None:
    """FIPS 203 section 7.2: coefficients must be below q. 0xFFF is not."""
    bob = Device.create("bob")
    wild = b"\xff\xff\xff" + bob.kem.public[3:]
    with pytest.raises(InvalidKey):
        Bundle.from_wire(forge(bob, kem=signed(bob, Label.PREKEY_MLKEM, PrekeyKind.KEM, wild)))


def test_attack_08_unknown_format() -> None:
    bob = Device.create("bob")
    for number in (0, 2):
        with pytest.raises(DecodeError):
            Bundle.from_wire(forge(bob, format=number))


@pytest.mark.parametrize("field", ["inc", "version"])
def test_numbers_out_of_range(field: str) -> None:
    bob = Device.create("bob")
    assert Bundle.from_wire(forge(bob, **{field: MAX_INC}))
    for number in (-1, MAX_INC + 1):
        with pytest.raises(DecodeError):
            Bundle.from_wire(forge(bob, **{field: number}))


def test_attack_11_a_bundle_is_usable_for_60_days() -> None:
    bundle = Device.create("bob").bundle
    bundle.check_usable(bundle.issued_s + USABLE_S - 1)
    with pytest.raises(ExpiredKey):
        bundle.check_usable(bundle.issued_s + USABLE_S)


def test_a_prekey_of_another_kind_is_not_signed() -> None:
    bob = Device.create("bob")
    with pytest.raises(ValueError, match="kind"):
        Bundle.make(bob.identity, inc=1, version=1, issued_s=0, signed=bob.onetime, kem=bob.kem)


def test_ids_differ_by_kind() -> None:
    public = Device.create("bob").signed.public
    assert prekey_id(PrekeyKind.SIGNED, public) != prekey_id(PrekeyKind.ONETIME, public)


def test_secrets_are_not_shown() -> None:
    for key in (Device.create("bob").signed, Device.create("bob").kem):
        assert key.secret.hex() not in repr(key)
        assert repr(key.secret)[2:-1] not in repr(key)
        assert PrekeySecret.from_secret(key.kind, key.secret) == key


def test_the_body_is_one_exact_form() -> None:
    """Trailing fields would be a second encoding of a signed format."""
    bob = Device.create("bob")
    fields = [getattr(bob.bundle._body, name) for name in BundleBody.__struct_fields__]
    raw = encode([*fields, 1])
    with pytest.raises(DecodeError):
        Bundle.from_wire(encode((raw, bob.identity.sign(Label.BUNDLE, raw))))


def test_attack_04_identity_key_without_its_own_signature() -> None:
    """The bundle's signature covers the IK too, but a device is only what its DIK vouched for."""
    bob, eve = Device.create("bob"), Device.create("eve")
    public = bob.identity.public
    with pytest.raises(InvalidSignature):
        Bundle.from_wire(
            forge(bob, device=DevicePublic(public.dik, eve.identity.public.ik, public.ik_signature))
        )
    for point in LOW_ORDER_X25519:
        signature = bob.identity.sign(Label.IDENTITY_KEY, point)
        with pytest.raises(InvalidKey):
            Bundle.from_wire(forge(bob, device=DevicePublic(public.dik, point, signature)))

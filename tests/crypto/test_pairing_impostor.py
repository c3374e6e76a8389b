"""Knowing the code is not enough to be a certain device (protocol 11.14; attacks 33, 34)."""

import pytest

from crypto.errors import PairingFailed
from crypto.identity import DeviceIdentity, DevicePublic
from crypto.kdf import Label
from tests.crypto.test_pairing import ADMIN, ADMIT, JOINER, MALLORY, admin_side, joiner_side

SECRET = bytes(range(32))
"""In place of Argon2id's result: both sides know the code."""


class Impostor(DeviceIdentity):
    """Mallory, who shows another's public keys (they are known) and signs with his own."""

    def __init__(self, shown: DevicePublic) -> None:
        super().__init__(MALLORY._dik, MALLORY.ik_private)
        self._shown = shown

    @property
    def public(self) -> DevicePublic:
        return self._shown

    def sign(self, label: Label, *fields: bytes) -> bytes:
        return MALLORY.sign(label, *fields)


def test_attack_34_an_admins_side_that_knows_the_code_and_names_another_device() -> None:
    joiner, admin = joiner_side(), admin_side(Impostor(ADMIN.public))
    joiner.receive_m2(admin.receive_m1(joiner.m1))
    m3 = joiner.prove(SECRET, person_name="A", role="B", device_name="C")
    admin.receive_m3(m3)
    admin.check(SECRET)
    with pytest.raises(PairingFailed):
        joiner.receive_m4(admin.admit(ADMIT))


def test_attack_34_a_joiner_who_knows_the_code_and_names_another_device() -> None:
    joiner, admin = joiner_side(Impostor(JOINER.public)), admin_side()
    joiner.receive_m2(admin.receive_m1(joiner.m1))
    with pytest.raises(PairingFailed):
        admin.receive_m3(joiner.prove(SECRET, person_name="A", role="B", device_name="C"))

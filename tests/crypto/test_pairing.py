"""Pairing by typed code, message by message (protocol 2, 10.4, 11.14; attacks 33, 34)."""

from collections.abc import Callable, Iterator
from functools import lru_cache
from typing import NamedTuple

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crypto import certificate, pairing
from crypto.codec import decode, encode
from crypto.errors import DecodeError, PairingFailed
from crypto.identity import DeviceIdentity, DevicePublic, verify
from crypto.ids import CircleId, DeviceId, PersonId
from crypto.kdf import Label, argon2id
from crypto.pairing import (
    MAX_HELLO_BYTES,
    MAX_MESSAGE_BYTES,
    Accepted,
    AdminHello,
    AdminPairing,
    Asked,
    JoinerHello,
    JoinerPairing,
    Proof,
    new_code,
    parse_code,
)
from tests.crypto.session_kit import SeededEntropy

CODE = "K7QM4TXH9R2B"
OTHER_CODE = "K7QM4TXH9R2C"
CIRCLE = CircleId(b"c" * 32)
PERSON = PersonId(b"p" * 16)
ADMIT = b"the signed admit statement"


def tls_key(name: str) -> bytes:
    return certificate.read_anonymous(certificate.anonymous(SeededEntropy(name.encode())).certificate_der)


JOINER_TLS, ADMIN_TLS, RELAY_TLS = tls_key("joiner tls"), tls_key("admin tls"), tls_key("relay tls")
JOINER = DeviceIdentity.create(SeededEntropy(b"joiner identity"))
ADMIN = DeviceIdentity.create(SeededEntropy(b"admin identity"))
MALLORY = DeviceIdentity.create(SeededEntropy(b"mallory identity"))


@pytest.fixture(autouse=True, scope="module")
def argon2id_once() -> Iterator[None]:
    """The real function, but the same question is not computed twice: each takes a fifth of a second."""
    patch = pytest.MonkeyPatch()
    patch.setattr(pairing, "argon2id", lru_cache(argon2id))
    yield
    patch.undo()


def joiner_side(
    identity: DeviceIdentity = JOINER,
    code: str = CODE,
    own: bytes = JOINER_TLS,
    peer: bytes = ADMIN_TLS,
    seed: bytes = b"joiner",
) -> JoinerPairing:
    return JoinerPairing(identity, code, own_tls_key=own, peer_tls_key=peer, entropy=SeededEntropy(seed))


def admin_side(
    identity: DeviceIdentity = ADMIN,
    code: str = CODE,
    own: bytes = ADMIN_TLS,
    peer: bytes = JOINER_TLS,
    seed: bytes = b"admin",
) -> AdminPairing:
    return AdminPairing(
        identity,
        code,
        circle=CIRCLE,
        person=PERSON,
        own_tls_key=own,
        peer_tls_key=peer,
        entropy=SeededEntropy(seed),
    )


class Halfway(NamedTuple):
    """Both machines after M3 was made, before the admin's side saw it."""

    joiner: JoinerPairing
    admin: AdminPairing
    m1: bytes
    m2: bytes
    m3: bytes


def halfway(
    joiner: JoinerPairing | None = None, admin: AdminPairing | None = None, name: str = "Anna Weber"
) -> Halfway:
    joiner, admin = joiner or joiner_side(), admin or admin_side()
    m2 = admin.receive_m1(joiner.m1)
    secret = joiner.receive_m2(m2)()
    m3 = joiner.prove(secret, person_name=name, role="Ärztin", device_name="Zimmer 2")
    return Halfway(joiner, admin, joiner.m1, m2, m3)


def prove(admin: AdminPairing, m3: bytes) -> Asked:
    return admin.check(admin.receive_m3(m3)())


def test_both_sides_agree() -> None:
    run = halfway()
    asked = prove(run.admin, run.m3)
    assert asked.device == JOINER.public
    assert (asked.wish.person_name, asked.wish.role, asked.wish.device_name) == (
        "Anna Weber",
        "Ärztin",
        "Zimmer 2",
    )
    accepted = run.joiner.receive_m4(run.admin.admit(ADMIT))
    assert accepted == Accepted(CIRCLE, PERSON, ADMIN.public, ADMIT)


def test_the_wish_carries_consent_to_circle_and_person() -> None:
    run = halfway()
    wish = prove(run.admin, run.m3).wish
    verify(JOINER.public.dik, wish.consent, Label.CONSENT, CIRCLE, PERSON)


# --- the code -----------------------------------------------------------------------------------------------


def test_a_code_has_60_bits_in_three_groups() -> None:
    code = new_code(SeededEntropy(b"code"))
    assert [len(group) for group in code.split("-")] == [4, 4, 4]
    assert set(code) <= set("0123456789ABCDEFGHJKMNPQRSTVWXYZ-")
    assert len({new_code(SeededEntropy(bytes([seed]))) for seed in range(64)}) == 64


def test_every_symbol_is_equally_likely() -> None:
    """256 is a multiple of 32, so a byte's low bits are not biased."""

    class EveryByte:
        def token(self, size_bytes: int) -> bytes:
            assert size_bytes == 12
            return bytes(range(self.start, self.start + 12))

        start = 0

    source, counts = EveryByte(), dict.fromkeys("0123456789ABCDEFGHJKMNPQRSTVWXYZ", 0)
    for source.start in range(0, 240, 12):
        for symbol in parse_code(new_code(source)):  # type: ignore[arg-type]
            counts[symbol] += 1
    assert max(counts.values()) - min(counts.values()) <= 1


@pytest.mark.parametrize(
    "typed",
    ["K7QM-4TXH-9R2B", "k7qm4txh9r2b", " K7QM 4TXH 9R2B\n", "K7QM–4TXH—9R2B", "k7QM\u00a04txh\t9r2b"],
)
def test_a_typed_code_is_forgiven_its_form(typed: str) -> None:
    assert parse_code(typed) == CODE


def test_look_alike_letters_are_the_digits_they_look_like() -> None:
    assert parse_code("oOiIlL-234567") == "001111234567"


@pytest.mark.parametrize(
    "typed",
    ["", "K7QM-4TXH-9R2", "K7QM-4TXH-9R2BB", "K7QM-4TXH-9R2U", "K7QM-4TXH-9R2*", "K7QM-4TXH-9R2ß", "1" * 97],
)
def test_a_wrong_code_is_no_code(typed: str) -> None:
    with pytest.raises(DecodeError):
        parse_code(typed)


@given(st.text(max_size=200))
def test_any_text_is_a_code_or_refused(typed: str) -> None:
    try:
        code = parse_code(typed)
    except DecodeError:
        return
    assert len(code) == 12
    assert parse_code(code) == code


# --- attack 34: guesses, reuse, relay -------------------------------------------------------------------------


def test_attack_34_a_wrong_code_is_refused_and_the_try_is_over() -> None:
    run = halfway(joiner=joiner_side(code=OTHER_CODE))
    secret = run.admin.receive_m3(run.m3)()
    with pytest.raises(PairingFailed):
        run.admin.check(secret)
    with pytest.raises(PairingFailed):
        run.admin.check(secret)
    with pytest.raises(PairingFailed):
        run.admin.admit(ADMIT)


def test_attack_34_the_admin_answers_nothing_before_a_proof() -> None:
    admin = admin_side()
    with pytest.raises(PairingFailed):
        admin.admit(ADMIT)
    run = halfway()
    run.admin.receive_m3(run.m3)
    with pytest.raises(PairingFailed):
        run.admin.admit(ADMIT)


def test_attack_34_the_joiner_believes_nobody_without_the_code() -> None:
    """A false practice on the LAN learns nothing that it could show back, and sees no names."""
    run = halfway(admin=admin_side(identity=MALLORY, code=OTHER_CODE))
    assert b"Anna" not in run.m3
    with pytest.raises(PairingFailed):
        prove(run.admin, run.m3)
    direction = pairing._directions(bytes(32), bytes(32))[1]
    forged = pairing._make_proof(MALLORY, direction, (bytes(32), bytes(32)), ADMIT, SeededEntropy(b"m"))
    with pytest.raises(PairingFailed):
        run.joiner.receive_m4(forged)


def test_attack_34_relay_in_the_middle_that_passes_everything_on() -> None:
    """Its own certificates are on both links: the hellos name other keys than those that are seen."""
    joiner, admin = joiner_side(peer=RELAY_TLS), admin_side(peer=RELAY_TLS)
    with pytest.raises(PairingFailed):
        admin.receive_m1(joiner.m1)
    m2 = admin_side().receive_m1(joiner.m1)
    with pytest.raises(PairingFailed):
        joiner.receive_m2(m2)


def test_attack_34_relay_in_the_middle_that_rewrites_the_keys() -> None:
    joiner, admin = joiner_side(peer=RELAY_TLS), admin_side(peer=RELAY_TLS)
    m1 = decode(JoinerHello, joiner.m1, max_bytes=MAX_HELLO_BYTES)
    m2 = admin.receive_m1(encode(JoinerHello(m1.version, m1.nonce, m1.device, RELAY_TLS)))
    hello = decode(AdminHello, m2, max_bytes=MAX_HELLO_BYTES)
    rewritten = AdminHello(hello.version, hello.nonce, hello.device, RELAY_TLS, hello.circle, hello.person)
    secret = joiner.receive_m2(encode(rewritten))()
    m3 = joiner.prove(secret, person_name="Anna", role="", device_name="")
    with pytest.raises(PairingFailed):
        prove(admin, m3)


def test_a_device_named_by_a_link_is_the_only_one_believed() -> None:
    m2 = admin_side().receive_m1(joiner_side().m1)
    for expected, fits in ((ADMIN.device_id, True), (MALLORY.device_id, False), (ADMIN.public.dik, False)):
        joiner = JoinerPairing(
            JOINER,
            CODE,
            own_tls_key=JOINER_TLS,
            peer_tls_key=ADMIN_TLS,
            entropy=SeededEntropy(b"joiner"),
            expected=DeviceId(expected),
        )
        if fits:
            joiner.receive_m2(m2)
        else:
            refuses(lambda joiner=joiner: joiner.receive_m2(m2))  # type: ignore[misc]


def test_the_transcript_binds_the_certificates_as_seen() -> None:
    """Even if the hellos named no TLS key at all, other certificates on the link give another transcript."""
    seen = {
        pairing._transcript(b"1", b"2", JOINER_TLS, ADMIN_TLS),
        pairing._transcript(b"1", b"2", RELAY_TLS, ADMIN_TLS),
        pairing._transcript(b"1", b"2", JOINER_TLS, RELAY_TLS),
        pairing._transcript(b"1", b"2", ADMIN_TLS, JOINER_TLS),
        pairing._transcript(b"12", b"", JOINER_TLS, ADMIN_TLS),
    }
    assert len(seen) == 5


def test_attack_34_a_recorded_proof_is_worth_nothing_in_another_run() -> None:
    first = halfway()
    again = admin_side(seed=b"admin, next run")
    again.receive_m1(first.m1)
    with pytest.raises(PairingFailed):
        prove(again, first.m3)


def test_attack_34_a_proof_by_another_device_of_the_same_link() -> None:
    """Who sees M3 cannot put his own device into it: the transcript names the joiner's."""
    run = halfway()
    mallory = joiner_side(identity=MALLORY)
    admin = admin_side()
    admin.receive_m1(mallory.m1)
    with pytest.raises(PairingFailed):
        prove(admin, run.m3)


def test_reflection_the_joiners_proof_is_no_answer() -> None:
    run = halfway()
    with pytest.raises(PairingFailed):
        run.joiner.receive_m4(run.m3)


def test_reflection_no_pairing_with_oneself() -> None:
    joiner = joiner_side(identity=ADMIN)
    with pytest.raises(PairingFailed):
        admin_side().receive_m1(joiner.m1)
    m2 = admin_side(identity=MALLORY).receive_m1(joiner_side().m1)
    hello = decode(AdminHello, m2, max_bytes=MAX_HELLO_BYTES)
    for device in (MALLORY.public, own_ik_of_another(MALLORY)):
        victim = joiner_side(identity=MALLORY)
        changed = AdminHello(hello.version, hello.nonce, device, hello.tls_key, hello.circle, hello.person)
        with pytest.raises(PairingFailed):
            victim.receive_m2(encode(changed))


def own_ik_of_another(victim: DeviceIdentity) -> DevicePublic:
    """A device that calls somebody else's IK its own, rightly signed by its own DIK."""
    ik = victim.public.ik
    return DevicePublic(ADMIN.public.dik, ik, ADMIN.sign(Label.IDENTITY_KEY, ik))


def test_attack_33_device_keys_must_belong_together() -> None:
    for device in (
        DevicePublic(JOINER.public.dik, MALLORY.public.ik, MALLORY.public.ik_signature),
        DevicePublic(JOINER.public.dik, JOINER.public.ik, bytes(64)),
        DevicePublic(JOINER.public.device_id, JOINER.public.ik, JOINER.public.ik_signature),
        DevicePublic(bytes(32), JOINER.public.ik, JOINER.public.ik_signature),
        DevicePublic(JOINER.public.dik, bytes(32), JOINER.sign(Label.IDENTITY_KEY, bytes(32))),
    ):
        m1 = encode(JoinerHello(1, bytes(32), device, JOINER_TLS))
        with pytest.raises(PairingFailed):
            admin_side().receive_m1(m1)


# --- attack 21: every byte, every length ------------------------------------------------------------------------


def flipped(message: bytes) -> Iterator[bytes]:
    for place in range(len(message)):
        yield message[:place] + bytes([message[place] ^ 0x01]) + message[place + 1 :]
        yield message[:place] + bytes([message[place] ^ 0x80]) + message[place + 1 :]


def refuses(step: Callable[[], object]) -> None:
    with pytest.raises(PairingFailed):
        step()


def test_every_flipped_byte_of_m3_is_refused() -> None:
    run = halfway()
    for changed in flipped(run.m3):
        admin = admin_side()
        assert admin.receive_m1(run.m1) == run.m2
        refuses(lambda admin=admin, changed=changed: prove(admin, changed))  # type: ignore[misc]


def test_every_flipped_byte_of_m4_is_refused() -> None:
    run = halfway()
    prove(run.admin, run.m3)
    m4 = run.admin.admit(ADMIT)
    for changed in flipped(m4):
        joiner = halfway().joiner
        refuses(lambda joiner=joiner, changed=changed: joiner.receive_m4(changed))  # type: ignore[misc]


def test_every_flipped_byte_of_the_hellos_ends_without_pairing() -> None:
    """Either refused at once or, in a nonce, circle or person, a transcript on which the sides differ."""
    run = halfway()
    for changed in list(flipped(run.m1))[:: 2 * 7]:
        admin = admin_side()
        refuses(lambda admin=admin, changed=changed: (admin.receive_m1(changed), prove(admin, run.m3)))  # type: ignore[misc]
    for changed in list(flipped(run.m2))[:: 2 * 7]:
        joiner, admin = joiner_side(), admin_side()
        admin.receive_m1(joiner.m1)

        def finish(joiner: JoinerPairing = joiner, admin: AdminPairing = admin, m2: bytes = changed) -> None:
            secret = joiner.receive_m2(m2)()
            prove(admin, joiner.prove(secret, person_name="", role="", device_name=""))

        refuses(finish)


@pytest.mark.parametrize("cut", [0, 1, 10, 100])
def test_truncated_messages_are_refused(cut: int) -> None:
    run = halfway()
    refuses(lambda: admin_side().receive_m1(run.m1[:cut]))
    refuses(lambda: joiner_side().receive_m2(run.m2[:cut]))
    refuses(lambda: run.admin.receive_m3(run.m3[:cut]))
    refuses(lambda: run.joiner.receive_m4(run.m3[:cut]))


def test_trailing_bytes_and_oversize_are_refused() -> None:
    run = halfway()
    refuses(lambda: admin_side().receive_m1(run.m1 + b"\x00"))
    refuses(lambda: joiner_side().receive_m2(run.m2 + b"\x00"))
    refuses(lambda: run.admin.receive_m3(run.m3 + b"\x00"))
    refuses(lambda: admin_side().receive_m1(bytes(MAX_HELLO_BYTES + 1)))
    big = encode(Proof(bytes(64), bytes(32), bytes(MAX_MESSAGE_BYTES)))
    refuses(lambda: run.joiner.receive_m4(big))


@given(st.binary(max_size=600))
def test_fuzzed_messages_are_refused(data: bytes) -> None:
    refuses(lambda: admin_side().receive_m1(data))
    refuses(lambda: joiner_side().receive_m2(data))


def test_another_version_is_refused() -> None:
    hello = decode(JoinerHello, joiner_side().m1, max_bytes=MAX_HELLO_BYTES)
    for version in (0, 2):
        m1 = encode(JoinerHello(version, hello.nonce, hello.device, hello.tls_key))
        refuses(lambda m1=m1: admin_side().receive_m1(m1))  # type: ignore[misc]


def test_rubbish_costs_no_argon2id() -> None:
    """A proof that its own device did not sign is refused before any work, and so costs no try."""
    run = halfway()
    proof = decode(Proof, run.m3, max_bytes=MAX_MESSAGE_BYTES)
    refuses(lambda: run.admin.receive_m3(encode(Proof(bytes(64), proof.mac, proof.sealed))))


# --- order of steps ------------------------------------------------------------------------------------------------


def test_each_step_once_and_in_order() -> None:
    run = halfway()
    refuses(lambda: admin_side().receive_m3(run.m3))
    refuses(lambda: joiner_side().receive_m4(run.m3))
    refuses(lambda: joiner_side().prove(bytes(32), person_name="", role="", device_name=""))
    refuses(lambda: run.joiner.receive_m2(run.m2))
    refuses(lambda: run.admin.receive_m1(run.m1))


def test_after_a_refusal_nothing_is_accepted_any_more() -> None:
    run = halfway()
    refuses(lambda: run.admin.receive_m3(b""))
    refuses(lambda: prove(run.admin, run.m3))
    joiner = joiner_side()
    refuses(lambda: joiner.receive_m2(b""))
    refuses(lambda: joiner.receive_m2(run.m2))


def test_a_repeated_m3_gets_the_same_m4() -> None:
    run = halfway()
    assert run.admin.again(run.m3) is None
    prove(run.admin, run.m3)
    assert run.admin.again(run.m3) is None
    m4 = run.admin.admit(ADMIT)
    assert run.admin.again(run.m3) == m4
    assert run.admin.again(run.m1) is None


def test_m4_answers_this_m3_only() -> None:
    """Two proofs over one transcript (other names): the answer to one is none to the other."""
    one, two = halfway(name="Anna"), halfway(name="Berta")
    assert one.m2 == two.m2
    prove(one.admin, one.m3)
    m4 = one.admin.admit(ADMIT)
    refuses(lambda: two.joiner.receive_m4(m4))


# --- secrecy ----------------------------------------------------------------------------------------------------------


def test_names_are_sealed_and_their_length_too() -> None:
    short, long = halfway(name="Ida").m3, halfway(name="Dr. Friederike von Hohenstein").m3
    assert len(short) == len(long)
    for word in ("Hohenstein", "Zimmer", "rztin"):
        assert word.encode() not in long


def test_nothing_secret_is_shown() -> None:
    run = halfway()
    asked = prove(run.admin, run.m3)
    shown = f"{asked!r} {run.admin!r} {run.joiner!r} {run.admin._admin!r}"
    assert "Weber" not in shown
    assert CODE not in shown
    assert run.admin._admin.mac_key.hex() not in shown
    assert repr(run.admin._admin.mac_key) not in shown


def test_the_code_costs_argon2id_with_the_transcript_as_salt() -> None:
    run = halfway()
    transcript = pairing._transcript(run.m1, run.m2, JOINER_TLS, ADMIN_TLS)
    assert run.admin.receive_m3(run.m3)() == argon2id(CODE.encode(), salt=transcript)

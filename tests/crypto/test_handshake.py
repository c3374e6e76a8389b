"""Session set-up and the attacks on it (protocol 3, 11.4, 11.5; attacks 1-11)."""

import struct

import pytest

from crypto import handshake
from crypto.envelope import INITIAL, initial_prefix, parse
from crypto.errors import DecryptionFailed, ExpiredKey, InvalidKey, LimitReached
from crypto.handshake import HandshakeHeader, initiate, parse_header, respond
from crypto.ids import SessionId
from crypto.kdf import Label
from crypto.keys import exchange, mlkem_public, x25519_public
from crypto.prekeys import MAX_INC, USABLE_S, OnetimePrekey, PrekeyKind, PrekeySecret
from crypto.session import Session
from tests.crypto.session_kit import NOW_MS, Device, refused
from tests.crypto.test_prekeys import LOW_ORDER_X25519

# offsets in the header, from its layout in the protocol
DIK, IK, SIGNATURE, OWN_INC, PEER_INC, GEN, EPHEMERAL = 3, 35, 67, 131, 139, 147, 155
SIGNED_ID, KEM_ID, CIPHERTEXT, ONETIME_ID = 187, 203, 219, 1307


@pytest.fixture
def alice() -> Device:
    return Device.create("alice")


@pytest.fixture
def bob() -> Device:
    return Device.create("bob", inc=1_700_000_500)


def first_envelope(alice: Device, bob: Device, *, onetime: bool = False) -> tuple[Session, bytes]:
    session = alice.start(bob, onetime=onetime)
    return session, session.encrypt(b"first", now_ms=NOW_MS, entropy=alice.entropy)


def header_of(wire: bytes) -> HandshakeHeader:
    header = parse(wire).handshake
    assert header is not None
    return header


def put(data: bytes, place: int, value: bytes) -> bytes:
    return data[:place] + value + data[place + len(value) :]


def with_header(wire: bytes, header: bytes) -> bytes:
    """The envelope with another handshake header, everything else as it was."""
    envelope = parse(wire)
    return initial_prefix(envelope.session_id, header) + envelope.message


def must_fail(bob: Device, wire: bytes) -> None:
    """No session comes of it: refused at `accept`, or at the latest when the first message is opened."""
    envelope = parse(wire)
    assert envelope.handshake is not None
    with pytest.raises(DecryptionFailed) as caught:
        bob.accept(envelope.handshake.raw).decrypt(wire, now_ms=NOW_MS)
    assert type(caught.value) is DecryptionFailed
    assert caught.value.args == ()


@pytest.mark.parametrize("onetime", [False, True])
def test_both_sides_agree(alice: Device, bob: Device, onetime: bool) -> None:
    a, wire = first_envelope(alice, bob, onetime=onetime)
    b, plaintext = bob.receive(wire)
    assert plaintext == b"first"
    assert (a.session_id, a.rank, a.gen) == (b.session_id, b.rank, b.gen)
    assert (a.peer, b.peer) == (bob.identity.public, alice.identity.public)
    assert (a.own_inc, a.peer_inc) == (b.peer_inc, b.own_inc) == (alice.inc, bob.inc)
    header = b.header
    assert header is not None
    assert header.onetime_id == (bob.onetime.prekey_id if onetime else None)
    assert (header.signed_id, header.kem_id) == (bob.signed.prekey_id, bob.kem.prekey_id)


@pytest.mark.parametrize("point", LOW_ORDER_X25519)
def test_attack_01_low_order_ephemeral_and_identity(alice: Device, bob: Device, point: bytes) -> None:
    _, wire = first_envelope(alice, bob, onetime=True)
    raw = header_of(wire).raw
    must_fail(bob, with_header(wire, put(raw, EPHEMERAL, point)))
    signed = alice.identity.sign(Label.IDENTITY_KEY, point)
    must_fail(bob, with_header(wire, put(put(raw, IK, point), SIGNATURE, signed)))


@pytest.mark.parametrize("point", LOW_ORDER_X25519)
def test_attack_01_low_order_onetime_prekey(alice: Device, bob: Device, point: bytes) -> None:
    with pytest.raises(InvalidKey):
        Session.start(
            alice.identity,
            bob.bundle,
            OnetimePrekey(point),
            own_inc=1,
            peer_inc=bob.inc,
            gen=1,
            entropy=alice.entropy,
            now_ms=NOW_MS,
        )


def test_attack_02_alias_of_the_ephemeral_key(alice: Device, bob: Device) -> None:
    """The same point in another encoding gives the same DH output, but must give no second session."""
    _, wire = first_envelope(alice, bob)
    raw = header_of(wire).raw
    high_bit = raw[EPHEMERAL + 31] | 0x80
    alias = put(raw, EPHEMERAL + 31, bytes((high_bit,)))
    must_fail(bob, with_header(wire, alias))
    with pytest.raises(DecryptionFailed):
        bob.accept(alias)


def test_attack_02_torsioned_ephemeral_gives_other_keys(alice: Device, bob: Device) -> None:
    """P and P + T (T of order 2, the point u = 0) agree in every DH; the transcript keeps them apart."""
    prime = 2**255 - 19
    _, wire = first_envelope(alice, bob)
    header = header_of(wire)
    u = int.from_bytes(header.ephemeral, "little")
    twin = pow(u, -1, prime).to_bytes(32, "little")  # u(P + (0, 0)) = 1 / u(P)
    shared = exchange(bob.identity.ik_private, x25519_public(header.ephemeral))
    assert exchange(bob.identity.ik_private, x25519_public(twin)) == shared
    replayed = with_header(wire, put(header.raw, EPHEMERAL, twin))
    must_fail(bob, replayed)
    honest = respond(bob.identity, header.raw, bob.lookup, own_inc=bob.inc)
    other = respond(bob.identity, header_of(replayed).raw, bob.lookup, own_inc=bob.inc)
    assert (honest.root, honest.session_id) != (other.root, other.session_id)


def test_attack_03_small_order_identity_key(alice: Device, bob: Device) -> None:
    _, wire = first_envelope(alice, bob)
    neutral, base = (1).to_bytes(32, "little"), b"\x58" + b"\x66" * 31
    raw = put(header_of(wire).raw, DIK, neutral)
    raw = put(raw, SIGNATURE, base + (1).to_bytes(32, "little"))
    with pytest.raises(DecryptionFailed):
        bob.accept(raw)


def test_attack_04_identity_key_without_its_signature(alice: Device, bob: Device) -> None:
    _, wire = first_envelope(alice, bob)
    eve = Device.create("eve").identity.public
    raw = header_of(wire).raw
    for broken in (
        put(raw, IK, eve.ik),
        put(raw, DIK, eve.dik),
        put(raw, SIGNATURE, eve.ik_signature),
        put(raw, SIGNATURE, bytes(64)),
    ):
        with pytest.raises(DecryptionFailed):
            bob.accept(broken)


def test_attack_05_altered_kem_ciphertext(alice: Device, bob: Device) -> None:
    """Implicit rejection raises nothing; the first message must fail instead."""
    _, wire = first_envelope(alice, bob)
    raw = header_of(wire).raw
    for place in (0, 543, 1087):
        flipped = raw[CIPHERTEXT + place] ^ 1
        must_fail(bob, with_header(wire, put(raw, CIPHERTEXT + place, bytes((flipped,)))))


def test_attack_05_encapsulated_again_to_the_same_key(alice: Device, bob: Device) -> None:
    _, wire = first_envelope(alice, bob)
    _, ciphertext = mlkem_public(bob.kem.public).encapsulate()
    must_fail(bob, with_header(wire, put(header_of(wire).raw, CIPHERTEXT, ciphertext)))


def test_attack_05_other_prekeys_of_the_same_device(alice: Device, bob: Device) -> None:
    _, wire = first_envelope(alice, bob)
    raw = header_of(wire).raw
    for kind, place in ((PrekeyKind.SIGNED, SIGNED_ID), (PrekeyKind.KEM, KEM_ID)):
        older = PrekeySecret.create(kind, bob.entropy)
        bob.secrets[(kind, older.prekey_id)] = older.secret
        must_fail(bob, with_header(wire, put(raw, place, older.prekey_id)))
        must_fail(bob, with_header(wire, put(raw, place, bytes(16))))


def test_attack_05_a_mixed_up_store_is_noticed(alice: Device, bob: Device) -> None:
    """A lookup that answers with another key than asked for leads to no session."""
    _, wire = first_envelope(alice, bob)
    other = PrekeySecret.create(PrekeyKind.SIGNED, bob.entropy)
    bob.secrets[(PrekeyKind.SIGNED, bob.signed.prekey_id)] = other.secret
    with pytest.raises(DecryptionFailed):
        bob.accept(header_of(wire).raw)
    bob.secrets[(PrekeyKind.SIGNED, bob.signed.prekey_id)] = bob.kem.secret
    with pytest.raises(DecryptionFailed):
        bob.accept(header_of(wire).raw)


def test_attack_06_replay_gives_the_same_name(alice: Device, bob: Device) -> None:
    """A replayed initial message has the same header hash and session id, so the store knows it."""
    _, wire = first_envelope(alice, bob)
    b, _ = bob.receive(wire)
    again = parse(wire)
    assert again.handshake_hash == b.handshake_hash
    assert again.session_id == b.session_id
    refused(b, wire, NOW_MS)
    reloaded = Session.load(bob.identity, b.dump(), ())
    refused(reloaded, wire, NOW_MS)


def test_attack_06_there_is_one_encoding_of_a_header(alice: Device, bob: Device) -> None:
    """A second encoding would have a second hash: nothing may follow, and flags and length must agree."""
    for onetime in (False, True):
        _, wire = first_envelope(alice, bob, onetime=onetime)
        raw = header_of(wire).raw
        for broken in (raw + b"\0", raw + bytes(16), raw[:-1], put(raw, 2, bytes((raw[2] ^ 1,)))):
            with pytest.raises(DecryptionFailed):
                parse_header(broken)
        for flags in range(2, 256):
            with pytest.raises(DecryptionFailed):
                parse_header(put(raw, 2, bytes((flags,))))


def test_attack_07_onetime_prekey_is_gone_after_use(alice: Device, bob: Device) -> None:
    _, wire = first_envelope(alice, bob, onetime=True)
    b, _ = bob.receive(wire)
    assert b.header is not None
    assert b.header.onetime_id is not None
    del bob.secrets[(PrekeyKind.ONETIME, b.header.onetime_id)]
    with pytest.raises(DecryptionFailed):
        bob.accept(header_of(wire).raw)


def test_attack_07_onetime_prekey_of_another_contact(alice: Device, bob: Device) -> None:
    """Issued to Alice, used by Eve: the lookup is asked with the contact's id."""
    eve = Device.create("eve")
    bob.onetime_contact = alice.identity.device_id
    assert bob.receive(first_envelope(alice, bob, onetime=True)[1])[1] == b"first"
    _, stolen = first_envelope(eve, bob, onetime=True)
    with pytest.raises(DecryptionFailed):
        bob.accept(header_of(stolen).raw)


def test_attack_07_onetime_prekey_stripped(alice: Device, bob: Device) -> None:
    _, wire = first_envelope(alice, bob, onetime=True)
    stripped = put(header_of(wire).raw[:ONETIME_ID], 2, b"\0")
    must_fail(bob, with_header(wire, stripped))


@pytest.mark.parametrize("place", [0, 1])
def test_attack_08_version_or_suite_changed(alice: Device, bob: Device, place: int) -> None:
    _, wire = first_envelope(alice, bob)
    raw = header_of(wire).raw
    for value in (0, 2, 255):
        with pytest.raises(DecryptionFailed):
            bob.accept(put(raw, place, bytes((value,))))


def test_attack_08_ciphertext_stripped(alice: Device, bob: Device) -> None:
    _, wire = first_envelope(alice, bob)
    with pytest.raises(DecryptionFailed):
        bob.accept(header_of(wire).raw[:CIPHERTEXT])


def test_attack_09_unknown_key_share(alice: Device, bob: Device) -> None:
    """Eve passes Alice's message off as hers: her identity in the header gives other keys."""
    eve = Device.create("eve")
    _, wire = first_envelope(alice, bob)
    raw = put(header_of(wire).raw, DIK, eve.identity.public.dik)
    # Eve even signs Alice's IK as her own.
    raw = put(raw, SIGNATURE, eve.identity.sign(Label.IDENTITY_KEY, alice.identity.public.ik))
    must_fail(bob, with_header(wire, raw))


def test_attack_09_message_for_another_recipient(alice: Device, bob: Device) -> None:
    """Carol holds Bob's prekey secrets but is not Bob."""
    carol = Device.create("carol", inc=bob.inc)
    carol.secrets.update(bob.secrets)
    _, wire = first_envelope(alice, bob)
    must_fail(carol, wire)


def test_attack_09_reflection(alice: Device, bob: Device) -> None:
    a, wire = first_envelope(alice, bob)
    with pytest.raises(DecryptionFailed):
        alice.accept(header_of(wire).raw)
    refused(a, wire, NOW_MS)
    b, _ = bob.receive(wire)
    reply = b.encrypt(b"reply", now_ms=NOW_MS, entropy=bob.entropy)
    refused(b, reply, NOW_MS)


def test_attack_09_session_with_oneself(alice: Device) -> None:
    with pytest.raises(InvalidKey):
        alice.start(alice)
    twin = Device.create("twin")
    twin.identity = alice.identity
    with pytest.raises(InvalidKey):
        alice.start(twin)


def test_attack_11_expired_bundle_starts_no_session(alice: Device, bob: Device) -> None:
    expiry_ms = (bob.issued_s + USABLE_S) * 1000
    assert alice.start(bob, now_ms=expiry_ms - 1)
    with pytest.raises(ExpiredKey):
        alice.start(bob, now_ms=expiry_ms)


def test_attack_11_deleted_prekey_accepts_no_session(alice: Device, bob: Device) -> None:
    _, wire = first_envelope(alice, bob)
    del bob.secrets[(PrekeyKind.SIGNED, bob.signed.prekey_id)]
    with pytest.raises(DecryptionFailed):
        bob.accept(header_of(wire).raw)


def test_incarnations_must_agree(alice: Device, bob: Device) -> None:
    """11.4: a session is between two incarnations; a restored device takes none meant for its former self."""
    _, wire = first_envelope(alice, bob)
    bob.inc += 1
    with pytest.raises(DecryptionFailed):
        bob.accept(header_of(wire).raw)
    stale = bob.bundle
    bob.inc += 1
    with pytest.raises(ExpiredKey):
        Session.start(
            alice.identity,
            stale,
            None,
            own_inc=alice.inc,
            peer_inc=bob.inc,
            gen=1,
            entropy=alice.entropy,
            now_ms=NOW_MS,
        )


@pytest.mark.parametrize("place", [OWN_INC, PEER_INC, GEN])
def test_altered_incarnation_or_generation(alice: Device, bob: Device, place: int) -> None:
    _, wire = first_envelope(alice, bob)
    raw = header_of(wire).raw
    (number,) = struct.unpack_from(">Q", raw, place)
    must_fail(bob, with_header(wire, put(raw, place, struct.pack(">Q", number + 1))))
    with pytest.raises(DecryptionFailed):
        bob.accept(put(raw, place, struct.pack(">Q", MAX_INC + 1)))


def test_numbers_out_of_range_are_not_sent(alice: Device, bob: Device) -> None:
    for own_inc, gen in ((-1, 1), (MAX_INC + 1, 1), (1, -1), (1, handshake.MAX_GEN + 1)):
        with pytest.raises(LimitReached):
            initiate(
                alice.identity,
                bob.bundle,
                None,
                own_inc=own_inc,
                gen=gen,
                entropy=alice.entropy,
                now_s=NOW_MS // 1000,
            )


def test_every_flipped_byte_of_the_header_is_refused(alice: Device, bob: Device) -> None:
    _, wire = first_envelope(alice, bob, onetime=True)
    envelope = parse(wire)
    raw = header_of(wire).raw
    for place in [*range(CIPHERTEXT), *range(CIPHERTEXT, ONETIME_ID, 61), *range(ONETIME_ID, len(raw))]:
        broken = put(raw, place, bytes((raw[place] ^ 0x10,)))
        with pytest.raises(DecryptionFailed):
            session = bob.accept(broken)
            prefix = initial_prefix(SessionId(envelope.session_id), broken)
            session.decrypt(prefix + envelope.message, now_ms=NOW_MS)
    assert wire[1] == INITIAL


def test_keys_are_not_shown(alice: Device, bob: Device) -> None:
    agreement = initiate(
        alice.identity,
        bob.bundle,
        None,
        own_inc=1,
        gen=1,
        entropy=alice.entropy,
        now_s=NOW_MS // 1000,
    )
    assert agreement.root.hex() not in repr(agreement)
    assert repr(agreement.root)[2:-1] not in repr(agreement)


def test_attack_09_session_with_oneself_is_not_accepted(
    alice: Device, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A copy of the device that does not refuse on its side: the handshake itself is sound."""
    with monkeypatch.context() as patched:
        patched.setattr(handshake, "_same", lambda one, other: False)
        session = alice.start(alice)
        wire = session.encrypt(b"to myself", now_ms=NOW_MS, entropy=alice.entropy)
        assert alice.receive(wire)[1] == b"to myself"
    with pytest.raises(DecryptionFailed):
        alice.accept(header_of(wire).raw)

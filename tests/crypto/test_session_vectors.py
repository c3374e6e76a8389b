"""The published vectors, by our code and by the straight-line second implementation (protocol 9)."""

import json
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.mlkem import MLKEM768PublicKey
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from crypto.blob import BlobOpener, BlobSealer, blob_id_of_list, chunk_hash
from crypto.envelope import parse
from crypto.identity import DeviceIdentity
from crypto.ids import DeviceId
from crypto.prekeys import Bundle, OnetimePrekey, PrekeyKind, PrekeySecret
from crypto.ratchet import Ratchet
from crypto.ratchet_header import ANSWER, OFFER
from crypto.session import Session
from tests.crypto import straight_line as line
from tests.vectors import make_session_vectors

FOLDER = Path(__file__).parent.parent / "vectors"
Case = dict[str, Any]


def cases(name: str) -> list[Any]:
    content = json.loads((FOLDER / name).read_text())
    assert content["version"] == 1
    return [pytest.param(case, id=case["name"]) for case in content["cases"]]


def unhex(text: str) -> bytes:
    return bytes.fromhex(text)


class Replay:
    """The recorded tokens and encapsulations, in their order."""

    def __init__(self, tokens: list[str], encapsulations: list[list[str]]) -> None:
        self._tokens = list(map(unhex, tokens))
        self._answers = {unhex(key): (unhex(ss), unhex(ct)) for key, ss, ct in encapsulations}

    def token(self, size_bytes: int) -> bytes:
        value = self._tokens.pop(0)
        assert len(value) == size_bytes
        return value

    def encapsulate(self, public_key: MLKEM768PublicKey) -> tuple[bytes, bytes]:
        return self._answers[public_key.public_bytes_raw()]

    def used_up(self) -> bool:
        return not self._tokens


# --- handshake ----------------------------------------------------------------------------------------------


def secrets_of(case: Case) -> dict[tuple[PrekeyKind, bytes], bytes]:
    named = {
        PrekeyKind.SIGNED: case["signed_prekey"],
        PrekeyKind.KEM: case["kem_prekey_seed"],
        PrekeyKind.ONETIME: case["onetime_prekey"],
    }
    keys = [PrekeySecret.from_secret(kind, unhex(secret)) for kind, secret in named.items() if secret]
    return {(key.kind, key.prekey_id): key.secret for key in keys}


@pytest.mark.parametrize("case", cases("handshake.json"))
def test_handshake_of_the_initiator(case: Case) -> None:
    own = DeviceIdentity.from_secret(unhex(case["initiator_identity"]))
    onetime = None
    if case["onetime_prekey"]:
        secret = PrekeySecret.from_secret(PrekeyKind.ONETIME, unhex(case["onetime_prekey"]))
        onetime = OnetimePrekey(secret.public)
    entropy = Replay(case["tokens"], case["encapsulations"])
    session = Session.start(
        own,
        Bundle.from_wire(unhex(case["bundle"])),
        onetime,
        own_inc=case["own_inc"],
        peer_inc=case["peer_inc"],
        gen=case["gen"],
        entropy=entropy,
        now_ms=case["now_ms"],
    )
    assert session._ratchet.state().root.hex() == case["root"]
    wire = session.encrypt(unhex(case["plaintext"]), now_ms=case["now_ms"], entropy=entropy)
    assert wire.hex() == case["envelope"]
    assert (session.session_id.hex(), session.rank.hex()) == (case["session_id"], case["rank"])
    assert entropy.used_up()


@pytest.mark.parametrize("case", cases("handshake.json"))
def test_handshake_of_the_responder(case: Case) -> None:
    own, secrets = DeviceIdentity.from_secret(unhex(case["responder_identity"])), secrets_of(case)
    wire = unhex(case["envelope"])
    header = parse(wire).handshake
    assert header is not None
    assert header.raw.hex() == case["header"]

    def lookup(kind: PrekeyKind, prekey_id: bytes, contact: DeviceId) -> bytes | None:
        assert contact == DeviceIdentity.from_secret(unhex(case["initiator_identity"])).device_id
        return secrets.get((kind, prekey_id))

    session = Session.accept(own, lookup, header.raw, own_inc=case["peer_inc"], now_ms=case["now_ms"])
    assert session._ratchet.state().root.hex() == case["root"]
    assert session.decrypt(wire, now_ms=case["now_ms"]).hex() == case["plaintext"]
    assert (session.session_id.hex(), session.rank.hex()) == (case["session_id"], case["rank"])


@pytest.mark.parametrize("case", cases("handshake.json"))
def test_handshake_recomputed_in_straight_lines(case: Case) -> None:
    secret = unhex(case["responder_identity"])
    own = DeviceIdentity.from_secret(secret).public
    _, root, session_id = line.handshake(
        unhex(case["header"]),
        responder_dik=own.dik,
        responder_ik=own.ik,
        responder_ik_private=secret[33:],
        signed_private=unhex(case["signed_prekey"]),
        kem_seed=unhex(case["kem_prekey_seed"]),
        onetime_private=unhex(case["onetime_prekey"]) if case["onetime_prekey"] else None,
    )
    assert (root.hex(), session_id.hex()) == (case["root"], case["session_id"])
    # and on to the first message
    wire, header = unhex(case["envelope"]), unhex(case["header"])
    assert wire[:2] == b"\x01\x01"
    assert wire[2:34] == session_id
    assert wire[34:36] == len(header).to_bytes(2, "big")
    message = wire[36 + len(header) :]
    _, chain = line.root_step(root, line.dh(unhex(case["signed_prekey"]), message[3:35]))
    associated = session_id + header[3:67] + own.dik + own.ik
    plaintext = line.open_message(line.message_key(chain, 0), message, associated)
    assert plaintext.hex() == case["plaintext"]


# --- ratchet ------------------------------------------------------------------------------------------------


def ratchets(case: Case) -> tuple[Ratchet, Ratchet]:
    root, own = unhex(case["root"]), unhex(case["responder_prekey"])
    one, two = unhex(case["associated_alice_to_bob"]), unhex(case["associated_bob_to_alice"])
    created = case["created_ms"]
    alice = Ratchet.initiator(root, line.x25519(own), ad_send=one, ad_receive=two, now_ms=created)
    bob = Ratchet.responder(root, own, ad_send=two, ad_receive=one, now_ms=created)
    return alice, bob


@pytest.mark.parametrize("case", [*cases("ratchet.json"), *cases("ratchet_mlkem.json")])
def test_ratchet_both_sides(case: Case) -> None:
    alice, bob = ratchets(case)
    entropies = {
        "alice": Replay(case["tokens_alice"], case["encapsulations"]),
        "bob": Replay(case["tokens_bob"], case["encapsulations"]),
    }
    for entry in case["messages"]:
        sender, receiver = (alice, bob) if entry["from"] == "alice" else (bob, alice)
        plaintext, now_ms = unhex(entry["plaintext"]), entry["now_ms"]
        message = sender.encrypt(plaintext, case["type"], entropy=entropies[entry["from"]], now_ms=now_ms)
        assert message.hex() == entry["message"]
        assert sender.state().root.hex() == entry["root_after"]
        assert receiver.decrypt(message, case["type"], now_ms=now_ms) == plaintext
    assert all(entropy.used_up() for entropy in entropies.values())


@pytest.mark.parametrize("case", [*cases("ratchet.json"), *cases("ratchet_mlkem.json")])
def test_ratchet_recomputed_in_straight_lines(case: Case) -> None:
    """From the private keys in the tokens; every chain from its sender's and its receiver's side."""
    root = unhex(case["root"])
    tokens = [unhex(token) for token in case["tokens_alice"] + case["tokens_bob"]]
    privates = {line.x25519(token): token for token in tokens if len(token) == 32}
    seeds = {line.kem_public(token): token for token in tokens if len(token) == 64}
    privates[line.x25519(unhex(case["responder_prekey"]))] = unhex(case["responder_prekey"])
    peers = {"alice": line.x25519(unhex(case["responder_prekey"])), "bob": b""}
    offers: dict[str, bytes] = {}
    chain, current = b"", b""
    for entry in case["messages"]:
        sender, message = entry["from"], unhex(entry["message"])
        other = "bob" if sender == "alice" else "alice"
        flags, public, number = message[2], message[3:35], int.from_bytes(message[39:43], "big")
        if public != current:
            secret = line.dh(privates[public], peers[sender])
            assert secret == line.dh(privates[peers[sender]], public)
            assert bool(flags & ANSWER) == (other in offers)
            if flags & ANSWER:
                place = 55 + (1184 if flags & OFFER else 0)
                secret += line.decapsulate(seeds[offers.pop(other)], message[place : place + 1088])
            if flags & OFFER:
                offers[sender] = message[55 : 55 + 1184]
            root, chain = line.root_step(root, secret)
            current, peers[other] = public, public
        assert root.hex() == entry["root_after"]
        way = f"associated_{sender}_to_{other}"
        plaintext = line.open_message(line.message_key(chain, number), message, unhex(case[way]))
        assert plaintext.hex() == entry["plaintext"]


def test_the_vectors_cover_offer_answer_and_both_at_once() -> None:
    seen = {
        unhex(entry["message"])[2]
        for param in cases("ratchet_mlkem.json")
        for entry in param.values[0]["messages"]
    }
    assert seen == {0, OFFER, ANSWER, OFFER | ANSWER}
    (plain,) = cases("ratchet.json")
    assert {unhex(entry["message"])[2] for entry in plain.values[0]["messages"]} == {0}


# --- blob ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("case", cases("blob.json"))
def test_blob(case: Case) -> None:
    key, size = unhex(case["key"]), case["size_bytes"]
    data = make_session_vectors.pattern(size)
    sealer, sealed = BlobSealer(key), []
    count = len(case["chunk_hashes"])
    for index in range(count):
        sealed.append(sealer.seal(index, data[index << 18 : (index + 1) << 18], index == count - 1))
    assert [chunk_hash(chunk).hex() for chunk in sealed] == case["chunk_hashes"]
    hashes = unhex("".join(case["chunk_hashes"]))
    assert blob_id_of_list(hashes).hex() == case["blob_id"]
    reader = BlobOpener(key, hashes, size)
    assert b"".join(reader.open(index, chunk) for index, chunk in enumerate(sealed)) == data
    assert case["last_chunk"] in (None, sealed[-1].hex())


@pytest.mark.parametrize("case", cases("blob.json"))
def test_blob_recomputed_in_straight_lines(case: Case) -> None:
    data = make_session_vectors.pattern(case["size_bytes"])
    both = line.hkdf(bytes(32), unhex(case["key"]), b"PX1/blob/keys", 64)
    hashes = b""
    count = len(case["chunk_hashes"])
    for index in range(count):
        nonce = (index == count - 1).to_bytes(4, "big") + index.to_bytes(8, "big")
        chunk = data[index * 262_144 : (index + 1) * 262_144]
        hashes += line.sha256(both[32:] + AESGCM(both[:32]).encrypt(nonce, chunk, both[32:]))
    assert hashes.hex() == "".join(case["chunk_hashes"])
    assert line.sha256(line.lengths(b"PX1/blob/id", hashes)).hex() == case["blob_id"]


# --- the files ----------------------------------------------------------------------------------------------


def test_the_files_are_what_the_script_writes() -> None:
    for name, content in make_session_vectors.contents().items():
        assert json.loads((FOLDER / name).read_text()) == content

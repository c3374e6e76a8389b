"""The published vectors of rosters and groups: the frozen bytes still mean the same, and are still made."""

import hashlib
import json

import msgspec
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from app.core.circle.bodies import CIRCLE_KINDS, GROUP_KINDS
from app.core.circle.circle_log import CircleLog
from app.core.circle.group_log import GroupLog
from crypto.ids import CircleId, GroupId
from tests.core.circle_world import NOW_MS, MemoryStatements
from tests.vectors import make_roster_vectors
from tests.vectors.make_roster_vectors import FILE, Json


@pytest.fixture(scope="module")
def frozen() -> Json:
    found: Json = json.loads(FILE.read_text(encoding="utf-8"))
    assert found["version"] == 1
    return found


def test_every_kind_is_there(frozen: Json) -> None:
    kinds = {one["kind"] for one in frozen["statements"]}
    assert kinds == CIRCLE_KINDS.keys() | GROUP_KINDS.keys()


def test_the_frozen_statements_amount_to_the_frozen_roster_and_group(frozen: Json) -> None:
    wires = [bytes.fromhex(one["wire"]) for one in frozen["statements"]]
    store = MemoryStatements()
    log = CircleLog(CircleId(bytes.fromhex(frozen["roster"]["circle"])))
    group = GroupLog(GroupId(bytes.fromhex(frozen["group"]["group"])), log)
    for wire, one in zip(wires, frozen["statements"], strict=True):
        added = [chain.add(store, wire, (), NOW_MS) for chain in (log, group)]
        assert [result.outcome.value for result in added].count("added") == 1
        assert added[0].hash is None or added[0].hash.hex() == one["hash"]
    assert make_roster_vectors.roster_json(log.roster) == frozen["roster"]
    assert make_roster_vectors.group_json(group) == frozen["group"]


def test_the_same_seeds_make_the_same_file(frozen: Json) -> None:
    assert make_roster_vectors.content() == frozen


def test_hashes_signatures_and_commitments_computed_a_second_time(frozen: Json) -> None:
    """Nothing of `crypto` takes part: MessagePack, SHA-256 and Ed25519 only."""

    def line(label: bytes, *fields: bytes) -> bytes:
        return label + b"\0" + b"".join(len(f).to_bytes(4, "big") + f for f in fields)

    devices: dict[bytes, bytes] = {}
    papers: dict[bytes, bytes] = {}
    for one in frozen["statements"]:
        raw, signature, cosignatures = msgspec.msgpack.decode(bytes.fromhex(one["wire"]))
        assert hashlib.sha256(line(b"PX1/statement/hash", raw)).hexdigest() == one["hash"]
        fields = msgspec.msgpack.decode(raw)
        author, cosigners, kind, body = fields[3], fields[4], fields[7], msgspec.msgpack.decode(fields[9])
        assert kind == one["kind"]
        if kind in ("found", "admit", "link"):
            dik, ik, _ = body[1]
            devices[hashlib.sha256(dik + ik).digest()] = dik
        if kind in ("found", "recovery"):
            key = body[2] if kind == "found" else body[0]
            papers[hashlib.sha256(line(b"PX1/recovery/author", key)).digest()] = key
        known = {**devices, **papers}
        Ed25519PublicKey.from_public_bytes(known[author]).verify(signature, line(b"PX1/statement", raw))
        for cosigner, cosignature in zip(cosigners, cosignatures, strict=True):
            cosigned = line(b"PX1/statement/cosign", raw)
            Ed25519PublicKey.from_public_bytes(known[cosigner]).verify(cosignature, cosigned)
    for one in frozen["openings"]:
        salted = line(b"PX1/commitment", bytes.fromhex(one["salt"]), one["value"].encode())
        assert hashlib.sha256(salted).hexdigest() == one["commitment"]

"""Writes labels.json, pairing.json, safety_number.json and discovery.json anew.

    python -m tests.vectors.make_base_vectors

Everything follows from fixed seeds, so the files do not change as long as the format stays. They are frozen: a
difference means another protocol version (a new label only adds a line).
"""

import json
from hashlib import sha256
from pathlib import Path
from typing import Any

from cryptography.hazmat.primitives.asymmetric.mlkem import MLKEM768PublicKey

from crypto import certificate, tags
from crypto.identity import DeviceIdentity, safety_number
from crypto.ids import CircleId, DeviceId, PersonId
from crypto.kdf import Label, hash_labelled, labelled
from crypto.pairing import AdminPairing, JoinerPairing

FOLDER = Path(__file__).parent
NOW_S = 1_790_000_000
Json = dict[str, Any]


def seeded(name: str, size: int = 32) -> bytes:
    """Fixed bytes for a name."""
    return b"".join(sha256(f"{name} {part}".encode()).digest() for part in range(-(-size // 32)))[:size]


class FixedTokens:
    """Fixed tokens, written down in order."""

    def __init__(self, name: str) -> None:
        self._name = name
        self.tokens: list[str] = []

    def token(self, size_bytes: int) -> bytes:
        token = seeded(f"{self._name} token {len(self.tokens)}", size_bytes)
        self.tokens.append(token.hex())
        return token

    def encapsulate(self, public_key: MLKEM768PublicKey) -> tuple[bytes, bytes]:
        raise AssertionError("nothing here encapsulates")


def identity(name: str) -> DeviceIdentity:
    return DeviceIdentity.create(FixedTokens(f"{name} identity"))


def device(name: str) -> Json:
    """A device with its secrets, as one starts from."""
    own = identity(name)
    secret = own.to_secret()
    return {
        "dik_seed": secret[1:33].hex(),
        "ik_private": secret[33:].hex(),
        "dik": own.public.dik.hex(),
        "ik": own.public.ik.hex(),
        "ik_signature": own.public.ik_signature.hex(),
        "device_id": own.device_id.hex(),
    }


def labels() -> Json:
    fields: list[tuple[bytes, ...]] = [
        (),
        (b"",),
        (b"", b""),
        (b"ab", b"c"),
        (b"a", b"bc"),
        (bytes(range(40)),),
    ]
    return {
        "labels": {label.name: label.value.decode() for label in Label},
        "cases": [
            {
                "name": f"{len(case)} fields",
                "label": Label.CONSENT.value.decode(),
                "fields": [field.hex() for field in case],
                "labelled": labelled(Label.CONSENT, *case).hex(),
                "sha256": hash_labelled(Label.CONSENT, *case).hex(),
            }
            for case in fields
        ],
    }


def pairing_case(name: str, code: str, wish: tuple[str, str, str], admit: bytes) -> Json:
    joiner_tokens, admin_tokens = FixedTokens(f"{name} joiner"), FixedTokens(f"{name} admin")
    joiner_tls = certificate.read_anonymous(certificate.anonymous(FixedTokens(f"{name} jt")).certificate_der)
    admin_tls = certificate.read_anonymous(certificate.anonymous(FixedTokens(f"{name} at")).certificate_der)
    circle, person = CircleId(seeded(f"{name} circle")), PersonId(seeded(f"{name} person", 16))
    joiner = JoinerPairing(
        identity(f"{name} joiner"),
        code,
        own_tls_key=joiner_tls,
        peer_tls_key=admin_tls,
        entropy=joiner_tokens,
    )
    admin = AdminPairing(
        identity(f"{name} admin"),
        code,
        circle=circle,
        person=person,
        own_tls_key=admin_tls,
        peer_tls_key=joiner_tls,
        entropy=admin_tokens,
    )
    m2 = admin.receive_m1(joiner.m1)
    secret = joiner.receive_m2(m2)()
    m3 = joiner.prove(secret, person_name=wish[0], role=wish[1], device_name=wish[2])
    asked = admin.check(admin.receive_m3(m3)())
    m4 = admin.admit(admit)
    return {
        "name": name,
        "code": code,
        "joiner": device(f"{name} joiner"),
        "admin": device(f"{name} admin"),
        "joiner_tls_key": joiner_tls.hex(),
        "admin_tls_key": admin_tls.hex(),
        "joiner_tokens": joiner_tokens.tokens,
        "admin_tokens": admin_tokens.tokens,
        "circle": circle.hex(),
        "person": person.hex(),
        "person_name": wish[0],
        "role": wish[1],
        "device_name": wish[2],
        "consent": asked.wish.consent.hex(),
        "admit": admit.hex(),
        "m1": joiner.m1.hex(),
        "m2": m2.hex(),
        "argon2id": secret.hex(),
        "m3": m3.hex(),
        "m4": m4.hex(),
    }


def pairing() -> Json:
    return {
        "cases": [
            pairing_case("typical", "K7QM4TXH9R2B", ("Anna Weber", "Ärztin", "Zimmer 2"), b"admit statement"),
            pairing_case("empty names", "000000000000", ("", "", ""), b""),
            pairing_case("long", "ZZZZZZZZZZZZ", ("N" * 80, "R" * 80, "D" * 80), bytes(range(256)) * 16),
        ]
    }


def safety() -> Json:
    pairs = [("anna", "berta"), ("berta", "clara"), ("anna", "clara")]
    return {
        "cases": [
            {
                "name": f"{one} and {two}",
                "one": device(one),
                "two": device(two),
                "digits": safety_number(identity(one).public, identity(two).public),
            }
            for one, two in pairs
        ]
    }


def discovery_case(name: str, circles: int, day: int) -> Json:
    secrets = [seeded(f"{name} secret {number}") for number in range(circles)]
    own = DeviceId(seeded(f"{name} device"))
    tokens = FixedTokens(name)
    return {
        "name": name,
        "secrets": [secret.hex() for secret in secrets],
        "device": own.hex(),
        "day": day,
        "tags": [tags.tag(secret, day, own).hex() for secret in secrets],
        "announcement": [one.hex() for one in tags.announcement(secrets, day, own, tokens)],
        "server_name": tags.server_name(secrets[0], day, own, tokens),
        "nonce": tokens.tokens[-1],
    }


def discovery() -> Json:
    issued = certificate.issue(identity("anna"), FixedTokens("anna tls"), NOW_S)
    claim = certificate.read(issued.certificate_der)
    return {
        "cases": [discovery_case("one circle", 1, 20_717), discovery_case("five circles", 5, 0)],
        "certificate": {
            "device": device("anna"),
            "certificate": issued.certificate_der.hex(),
            "spki": claim.spki.hex(),
            "expires_s": claim.expires_s,
        },
    }


def contents() -> dict[str, Json]:
    """File name -> content."""
    made = {
        "labels.json": labels(),
        "pairing.json": pairing(),
        "safety_number.json": safety(),
        "discovery.json": discovery(),
    }
    return {name: {"version": 1, **content} for name, content in made.items()}


def main() -> None:
    for name, content in contents().items():
        (FOLDER / name).write_text(json.dumps(content, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()

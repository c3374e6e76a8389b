"""Argon2id in several workers at once: a second pairing or a PIN while a passphrase is being checked."""

import threading

from crypto.kdf import argon2id


def test_derivations_at_once_do_not_wait_for_each_other() -> None:
    results: list[bytes] = []
    threads = [
        threading.Thread(target=lambda: results.append(argon2id(b"code", salt=bytes(16))), daemon=True)
        for _ in range(3)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert len(results) == 3, "a derivation hangs"
    assert len(set(results)) == 1

"""Fuzzes the decoders of `crypto/` by hand, guided by the lines that an input reaches.

    python -m tests.fuzz.run --seconds 180               all targets in turn
    python -m tests.fuzz.run --seconds 60 bundle m1      some of them
    python -m tests.fuzz.run --seconds 1800 --keep       also write inputs that reached something new to the corpus

Inputs come from the seeds and the corpus, altered: bits and bytes flipped, parts cut, repeated, exchanged with
another input, lengths and interesting numbers put in. What reaches a line of `crypto/` that none before it did is
altered further. A finding is any exception but `CryptoError`; it is printed and kept in `findings/`, and the run
ends with 1.
"""

import argparse
import json
import random
import sys
import time
import traceback
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from hashlib import sha256
from pathlib import Path
from types import FrameType
from typing import Any

from cryptography.utils import CryptographyDeprecationWarning

import crypto
from tests.fuzz.targets import TARGETS, feed

HERE = Path(__file__).resolve().parent
CORPUS = HERE / "corpus"
CRYPTO = str(Path(crypto.__file__).parent)
MAX_BYTES = 8_192
MAX_KEPT_BYTES = 4_096
SLICE_S = 2.0
NUMBERS = (
    b"\0",
    b"\x7f",
    b"\x80",
    b"\xff",
    b"\xff\xff",
    b"\0\0\0\0",
    b"\xff" * 4,
    b"\xc0",
    b"\xc4",
    b"\xc5\xff\xff",
)
"""Bounds of integers, and heads of MessagePack values."""


def corpus(name: str) -> list[bytes]:
    """Kept inputs of a target, one per line in hex."""
    path = CORPUS / f"{name}.txt"
    return [bytes.fromhex(line) for line in path.read_text().split()] if path.exists() else []


def altered(data: bytes, others: list[bytes], chance: random.Random) -> bytes:
    """A few changes, near or far."""
    out = bytearray(data)
    for _ in range(chance.choice((1, 1, 1, 2, 3, 6))):
        place = chance.randrange(len(out) + 1)
        match chance.randrange(8):
            case 0 if out:
                out[place % len(out)] ^= 1 << chance.randrange(8)
            case 1 if out:
                out[place % len(out)] = chance.randrange(256)
            case 2:
                del out[place : place + chance.choice((1, 2, 4, 16, 64))]
            case 3:
                out[place:place] = out[place : place + chance.choice((1, 4, 32, 200))]
            case 4:
                number = chance.choice(NUMBERS)
                out[place : place + len(number)] = number
            case 5:
                out[place:place] = chance.randbytes(chance.choice((1, 2, 8, 40)))
            case 6:
                other = chance.choice(others)
                start = chance.randrange(len(other) + 1)
                out[place:] = other[start:]
            case 7:
                del out[place:]
    return bytes(out[:MAX_BYTES])


class Lines:
    """Lines of `crypto/` that were reached, as (file, line)."""

    def __init__(self) -> None:
        self.seen: set[tuple[str, int]] = set()

    def _in_frame(self, frame: FrameType, event: str, arg: Any) -> Any:
        self.seen.add((frame.f_code.co_filename, frame.f_lineno))
        return self._in_frame

    def _on_call(self, frame: FrameType, event: str, arg: Any) -> Any:
        return self._in_frame if frame.f_code.co_filename.startswith(CRYPTO) else None

    @contextmanager
    def traced(self) -> Iterator[None]:
        sys.settrace(self._on_call)
        try:
            yield
        finally:
            sys.settrace(None)


class Fuzzer:
    """One target."""

    def __init__(self, name: str, seed: int) -> None:
        self.name = name
        self.chance = random.Random(f"{seed} {name}")
        self.lines = Lines()
        self.pool = [*TARGETS[name].seeds(), *corpus(name)]
        self.new: list[bytes] = []
        self.count = self.taken = 0
        self.findings: list[str] = []
        for data in self.pool:
            self.feed(data)

    def feed(self, data: bytes) -> bool:
        """Whether it reached something new."""
        before = len(self.lines.seen)
        self.count += 1
        try:
            with self.lines.traced():
                self.taken += feed(self.name, data)
        except Exception:
            self.found(data, traceback.format_exc())
        return len(self.lines.seen) > before

    def found(self, data: bytes, text: str) -> None:
        last = text.strip().splitlines()[-1]
        if last in self.findings:
            return
        self.findings.append(last)
        folder = HERE / "findings"
        folder.mkdir(exist_ok=True)
        (folder / f"{self.name}-{sha256(data).hexdigest()[:12]}").write_bytes(data)
        print(f"{self.name}: {len(data)} bytes\n{text}", file=sys.stderr)

    def run(self, seconds: float) -> None:
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            data = altered(self.chance.choice(self.pool), self.pool, self.chance)
            if self.feed(data):
                self.pool.append(data)
                self.new.append(data)

    def keep(self) -> None:
        """Write the corpus anew: of all small inputs, shortest first, those that reach what the seeds do not."""
        self.lines = Lines()
        for seed in TARGETS[self.name].seeds():
            self.feed(seed)
        small = {data for data in [*corpus(self.name), *self.new] if len(data) <= MAX_KEPT_BYTES}
        kept = [data.hex() for data in sorted(small, key=lambda data: (len(data), data)) if self.feed(data)]
        if kept:
            CORPUS.mkdir(exist_ok=True)
            (CORPUS / f"{self.name}.txt").write_text("\n".join(kept) + "\n")


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("target", nargs="*", help=f"of {', '.join(TARGETS)}")
    parser.add_argument("--seconds", type=float, default=60, help="for all targets together")
    parser.add_argument("--seed", type=int, default=0, help="another seed, other inputs")
    parser.add_argument("--keep", action="store_true", help="write new inputs to the corpus")
    parser.add_argument("--json", type=Path, help="write the figures here")
    chosen = parser.parse_args()
    unknown = [name for name in chosen.target if name not in TARGETS]
    if unknown:
        parser.error(f"no such target: {', '.join(unknown)}")
    # A certificate's serial number below 1 is refused by us; what the library says about it is no news.
    warnings.filterwarnings("ignore", category=CryptographyDeprecationWarning)
    fuzzers = [Fuzzer(name, chosen.seed) for name in chosen.target or TARGETS]
    began = time.monotonic()
    share = min(SLICE_S, chosen.seconds / len(fuzzers))
    while time.monotonic() - began < chosen.seconds:
        for fuzzer in fuzzers:
            fuzzer.run(share)
    figures = {}
    for fuzzer in fuzzers:
        if chosen.keep:
            fuzzer.keep()
        figures[fuzzer.name] = {
            "inputs": fuzzer.count,
            "taken": fuzzer.taken,
            "lines": len(fuzzer.lines.seen),
            "new": len(fuzzer.new),
            "findings": fuzzer.findings,
        }
        print(f"{fuzzer.name:22} {json.dumps(figures[fuzzer.name])}")
    total = sum(fuzzer.count for fuzzer in fuzzers)
    findings = sum(len(fuzzer.findings) for fuzzer in fuzzers)
    seconds = round(time.monotonic() - began)
    print(f"{total:,} inputs in {seconds} s, {findings} findings")
    if chosen.json is not None:
        result = {
            "seconds": seconds,
            "seed": chosen.seed,
            "inputs": total,
            "findings": findings,
            "targets": figures,
        }
        chosen.json.write_text(json.dumps(result, indent=1) + "\n")
    return 1 if findings else 0


if __name__ == "__main__":
    raise SystemExit(main())

"""Judges what `packaging/dev.py demo --headless --json` printed: one JSON object, everything measured, all well."""

import json
import sys
from pathlib import Path

NUMBERS = (
    "discovered_s",
    "paired_s",
    "delivered_ms_p50",
    "delivered_ms_p99",
    "messages",
    "photo_mb_s",
    "photo_bytes",
)
NOTHING = ("photo_metadata_left", "plaintext_hits")
TRUE = ("ok", "offline_delivered", "killed_and_recovered")


def problems(told: dict[str, object]) -> list[str]:
    """What is wrong with it, in sentences; empty if nothing."""
    found = [
        f"{name} is not a positive number: {told.get(name)!r}"
        for name in NUMBERS
        if not positive(told.get(name))
    ]
    found += [f"{name} is not zero: {told.get(name)!r}" for name in NOTHING if told.get(name) not in (0, [])]
    found += [f"{name} is not true: {told.get(name)!r}" for name in TRUE if told.get(name) is not True]
    return found


def positive(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and value > 0


def main(path: str) -> int:
    text = Path(path).read_text(encoding="utf-8")
    try:
        told = json.loads(text)  # a second object or a stray line on standard output is an error too
    except ValueError as error:
        print(f"demo: standard output is not one JSON object ({error}): {text[:400]!r}")
        return 1
    found = problems(told) if isinstance(told, dict) else ["demo: not an object"]
    print(json.dumps(told, indent=1))
    for sentence in found:
        print("demo:", sentence)
    return 1 if found else 0


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1]))

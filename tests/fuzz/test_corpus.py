"""The fuzzers' corpus, and a short search by hypothesis, in every test run.

The long search is `python -m tests.fuzz.run`.
"""

import ast
import random
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import crypto
from tests.fuzz.run import altered, corpus
from tests.fuzz.targets import TARGETS, feed

REACHED_BY = {"respond": "accept"}
"""Decoders that a target reaches through another."""


@pytest.mark.parametrize("name", TARGETS)
def test_seeds_are_taken_and_the_corpus_ends_well(name: str) -> None:
    seeds = TARGETS[name].seeds()
    assert seeds
    assert any(feed(name, seed) for seed in seeds)
    for data in corpus(name):
        feed(name, data)


@pytest.mark.parametrize("name", TARGETS)
@settings(max_examples=20)
@given(seed=st.integers(0, 2**32), junk=st.binary(max_size=200))
def test_altered_and_random_bytes(name: str, seed: int, junk: bytes) -> None:
    chance = random.Random(seed)
    pool = [*TARGETS[name].seeds(), *corpus(name)]
    feed(name, altered(chance.choice(pool), pool, chance))
    feed(name, junk)


def test_every_decoder_has_a_target() -> None:
    """Functions of `crypto/` that take bytes or text of others and say that they raise `DecodeError` or the like."""
    named = (Path(__file__).parent / "targets.py").read_text(encoding="utf-8")
    refusing = ("`DecodeError`", "`DecryptionFailed`", "`InvalidKey`", "`PairingFailed`")
    missing = []
    for path in Path(crypto.__file__).parent.glob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if not isinstance(node, ast.FunctionDef) or node.name.startswith("_"):
                continue
            text = ast.get_docstring(node) or ""
            takes = {arg.arg for arg in node.args.args} & {
                "data",
                "wire",
                "message",
                "typed",
                "link",
                "sealed",
            }
            if (
                takes
                and any(error in text for error in refusing)
                and REACHED_BY.get(node.name, node.name) not in named
            ):
                missing.append(f"{path.name}:{node.name}")
    assert missing == []

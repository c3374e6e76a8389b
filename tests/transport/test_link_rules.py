"""Properties of the sans-IO pieces: framing, credit, duplicate links, back-off, keep-alive, addresses."""

from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from transport.addresses import MAX_CANDIDATES, candidates, normalised, source_prefix
from transport.errors import FrameError
from transport.events import Address, PeerId
from transport.link import (
    Alarm,
    Backoff,
    CreditLedger,
    FrameSplitter,
    Greeting,
    KeepAlive,
    Kind,
    Rank,
    encode_frame,
    replaces,
)

LIMIT = 1000
frames = st.lists(st.binary(min_size=1, max_size=LIMIT), max_size=20)


@given(frames, st.data())
def test_frames_survive_any_cut(sent: list[bytes], data: st.DataObject) -> None:
    wire = b"".join(encode_frame(frame, LIMIT) for frame in sent)
    cuts = sorted(data.draw(st.lists(st.integers(0, len(wire)), max_size=30)))
    splitter = FrameSplitter(LIMIT)
    got: list[bytes] = []
    for start, end in zip([0, *cuts], [*cuts, len(wire)], strict=True):
        got += splitter.feed(wire[start:end])
        assert splitter.pending_bytes <= LIMIT + 4
    assert got == sent
    assert splitter.pending_bytes == 0


@given(st.binary(max_size=4000))
def test_any_bytes_give_frames_or_frame_error(data: bytes) -> None:
    splitter = FrameSplitter(LIMIT)
    try:
        got = splitter.feed(data)
    except FrameError:
        return
    assert all(0 < len(frame) <= LIMIT for frame in got)
    assert splitter.pending_bytes <= LIMIT + 4


@pytest.mark.parametrize("length", [0, LIMIT + 1, 1 << 31, (1 << 32) - 1])
def test_bad_length_is_refused_before_any_byte_of_the_frame(length: int) -> None:
    with pytest.raises(FrameError):
        FrameSplitter(LIMIT).feed(length.to_bytes(4, "big"))


@pytest.mark.parametrize("frame", [b"", bytes(LIMIT + 1)])
def test_frames_that_the_peer_would_refuse_are_not_sent(frame: bytes) -> None:
    with pytest.raises(FrameError):
        encode_frame(frame, LIMIT)


@given(st.integers(0, (1 << 32) - 1), st.binary(min_size=8, max_size=8))
def test_greeting_round_trip(generation: int, run: bytes) -> None:
    greeting = Greeting(generation, run)
    assert len(greeting.encode()) == Greeting.SIZE_BYTES
    assert Greeting.decode(greeting.encode()) == greeting


@given(st.binary(max_size=40))
def test_other_bytes_are_no_greeting(data: bytes) -> None:
    if len(data) == Greeting.SIZE_BYTES and data.startswith(b"PXL\x01"):
        return
    with pytest.raises(FrameError):
        Greeting.decode(data)


def test_greeting_bytes_are_frozen() -> None:
    assert Greeting(0x01020304, b"12345678").encode() == b"PXL\x01\x01\x02\x03\x0412345678"


# --- credit ---------------------------------------------------------------------------------------------


@given(
    st.lists(
        st.one_of(
            st.tuples(st.sampled_from(Kind), st.integers(1, 500)),
            st.tuples(st.just("consume"), st.integers(0, 2000)),
        ),
        max_size=60,
    )
)
def test_credit_is_exact_in_sum_and_never_ahead(steps: list[tuple[Kind | str, int]]) -> None:
    ledger = CreditLedger()
    delivered = {Kind.FRAME: 0, Kind.BULK: 0}
    bulks = frame_credit = bulk_credit = consumed = 0
    for what, size in steps:
        if isinstance(what, Kind):
            ledger.delivered(what, size)
            delivered[what] += size
            bulks += what is Kind.BULK
        else:
            size = min(size, ledger.unconsumed_bytes)
            frame_bytes, whole_bulks = ledger.consumed(size)
            consumed += size
            frame_credit += frame_bytes
            bulk_credit += whole_bulks
        assert ledger.unconsumed_bytes == sum(delivered.values()) - consumed
        assert frame_credit <= delivered[Kind.FRAME]
        assert bulk_credit <= bulks
    frame_bytes, whole_bulks = ledger.consumed(ledger.unconsumed_bytes)
    assert (frame_credit + frame_bytes, bulk_credit + whole_bulks) == (delivered[Kind.FRAME], bulks)


def test_more_credit_than_was_delivered_is_a_bug() -> None:
    ledger = CreditLedger()
    ledger.delivered(Kind.FRAME, 5)
    with pytest.raises(ValueError, match="consumed"):
        ledger.consumed(6)


# --- one link per pair ------------------------------------------------------------------------------------

A, B = PeerId(b"a" * 32), PeerId(b"b" * 32)


@st.composite
def dials(draw: st.DrawFn) -> list[tuple[int, bool]]:
    """Links of one pair within one run of both programs: (generation, dialled by A). As in life, one side never
    uses a generation twice."""
    made = draw(st.lists(st.tuples(st.integers(1, 6), st.booleans()), min_size=1, max_size=6, unique=True))
    return list(made)


@given(dials(), st.randoms(use_true_random=False))
def test_both_sides_keep_the_same_link_whatever_the_order(
    links: list[tuple[int, bool]], random: Random
) -> None:
    kept = []
    for own, other in ((A, B), (B, A)):
        order = links.copy()
        random.shuffle(order)
        best: tuple[tuple[int, bool], Rank] | None = None
        for number, link in enumerate(order):
            generation, by_a = link
            rank = Rank(generation, by_a == (own == A), b"run", number)
            if best is None or replaces(rank, best[1], own, other):
                best = (link, rank)
        assert best is not None
        kept.append(best[0])
    assert kept[0] == kept[1]


@given(st.integers(1, 5), st.integers(1, 5), st.booleans(), st.booleans())
def test_new_run_of_the_peer_always_wins(old: int, new: int, old_dialled: bool, new_dialled: bool) -> None:
    assert replaces(Rank(new, new_dialled, b"2", 2), Rank(old, old_dialled, b"1", 1), A, B)


def test_simultaneous_dials_keep_the_one_of_the_smaller_id() -> None:
    by_a, by_b = Rank(1, True, b"r", 1), Rank(1, False, b"r", 2)
    assert not replaces(by_b, by_a, A, B)
    assert replaces(by_a, by_b, A, B)


def test_dialling_anew_replaces() -> None:
    assert replaces(Rank(2, False, b"r", 2), Rank(1, True, b"r", 1), A, B)
    assert not replaces(Rank(1, True, b"r", 2), Rank(2, False, b"r", 1), A, B)


# --- time -----------------------------------------------------------------------------------------------------


def test_backoff_grows_to_its_limit_with_jitter_and_resets() -> None:
    backoff = Backoff(Random(1), first_s=1.0, most_s=30.0)
    pauses = [backoff.next_s() for _ in range(40)]
    for index, pause in enumerate(pauses):
        full = min(30.0, 2.0**index)
        assert full / 2 <= pause <= full
    assert len(set(pauses)) == len(pauses)
    backoff.reset()
    assert backoff.next_s() <= 1.0
    again = Backoff(Random(1), first_s=1.0, most_s=30.0)
    assert [again.next_s() for _ in range(40)] == pauses


def test_keep_alive_pings_at_once_then_every_interval_and_doubts_silence_once() -> None:
    keep = KeepAlive(100.0)
    assert keep.tick(100.0) is Alarm.PING
    assert keep.tick(100.1) is Alarm.NOTHING
    assert keep.next_at == 103.0
    assert keep.tick(103.0) is Alarm.DOUBT
    assert keep.tick(103.1) is Alarm.NOTHING
    assert keep.tick(115.0) is Alarm.PING
    keep.answered()
    assert keep.next_at == 130.0
    assert keep.tick(118.1) is Alarm.NOTHING
    keep.probe(119.0)
    assert keep.tick(119.0) is Alarm.PING


# --- addresses --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "host",
    [
        "0.0.0.0", "0.1.2.3", "224.0.0.251", "239.1.1.1", "255.255.255.255", "240.0.0.1", "::", "ff02::fb",
        "fe80::1", "fe80::1%eth0", "::ffff:224.0.0.1", "::ffff:0.0.0.0", "example.org", "", "1.2.3", "127.0.0.1\n",
        "64:ff9b::1",
    ],
)  # fmt: skip
def test_addresses_that_must_not_be_dialled(host: str) -> None:
    assert normalised(Address(host, 4711)) is None


@pytest.mark.parametrize("port", [0, -1, 65536])
def test_ports_that_do_not_exist(port: int) -> None:
    assert normalised(Address("10.0.0.1", port)) is None


def test_one_spelling_each() -> None:
    assert normalised(Address("::ffff:10.0.0.1", 5)) == Address("10.0.0.1", 5)
    assert normalised(Address("FE80:0::1", 5, 3)) == Address("fe80::1", 5, 3)
    assert normalised(Address("fd00::1", 5, 3)) == Address("fd00::1", 5)
    assert normalised(Address("::1", 5)) == Address("::1", 5)


@given(
    st.lists(st.builds(Address, st.text(max_size=20) | st.ip_addresses().map(str), st.integers(-5, 70_000)))
)
def test_candidates_are_few_valid_and_unique(given_addresses: list[Address]) -> None:
    found = candidates(given_addresses)
    assert len(found) <= MAX_CANDIDATES
    assert len(set(found)) == len(found)
    assert all(normalised(address) == address for address in found)


def test_ipv4_comes_first_and_link_local_last() -> None:
    listed = [
        Address("fe80::1", 1, 2),
        Address("fd00::1", 1),
        Address("169.254.1.1", 1),
        Address("10.0.0.1", 1),
    ]
    assert [address.host for address in candidates(listed)] == [
        "10.0.0.1",
        "fd00::1",
        "169.254.1.1",
        "fe80::1",
    ]


def test_one_source_is_one_computer_or_one_ipv6_network() -> None:
    assert source_prefix("::ffff:10.0.0.1") == source_prefix("10.0.0.1")
    assert source_prefix("2001:db8::1") == source_prefix("2001:db8::ffff:2")
    assert source_prefix("2001:db8::1") != source_prefix("2001:db8:0:1::1")

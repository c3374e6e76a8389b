"""Links and enrolment tokens (protocol 2, 11.15; attacks 34, 54)."""

import base64

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crypto.codec import encode
from crypto.crockford import from_bytes, to_bytes
from crypto.errors import DecodeError
from crypto.ids import CircleId, DeviceId
from crypto.invitation import MAX_ADDRESSES, SCHEME, EnrolmentToken, Invitation, Place
from tests.crypto.session_kit import SeededEntropy

CIRCLE, OTHER = CircleId(bytes(range(32))), CircleId(b"o" * 32)
DEVICE = DeviceId(b"d" * 32)
TOKEN = EnrolmentToken.create(CIRCLE, SeededEntropy(b"token"))
PLACES = (Place("192.168.1.20", 47110), Place("fd00::1", 47110))


def test_a_token_comes_back_from_paper() -> None:
    again = EnrolmentToken.parse(TOKEN.text.lower().replace("-", " "))
    assert again == TOKEN
    assert again.public == TOKEN.public
    assert repr(TOKEN) == "EnrolmentToken(<redacted>)"


def test_attack_54_a_token_knows_its_practice() -> None:
    assert TOKEN.opens(CIRCLE)
    assert not TOKEN.opens(OTHER)
    other = EnrolmentToken(TOKEN.secret, OTHER[:16])
    assert other.public != TOKEN.public


def test_every_single_mistyped_symbol_of_a_token_is_noticed() -> None:
    symbols = TOKEN.text.replace("-", "")
    assert len(symbols) == 54
    for place in range(54):
        for wrong in "0123456789ABCDEFGHJKMNPQRSTVWXYZ":
            if wrong != symbols[place]:
                with pytest.raises(DecodeError):
                    EnrolmentToken.parse(symbols[:place] + wrong + symbols[place + 1 :])


@given(st.binary(max_size=40))
def test_bytes_as_symbols(data: bytes) -> None:
    symbols = from_bytes(data)
    assert to_bytes(symbols, len(data)) == data
    with pytest.raises(DecodeError):
        to_bytes(symbols + "0", len(data))


@pytest.mark.parametrize("secret", ["K7QM4TXH9R2B", TOKEN])
@pytest.mark.parametrize("places", [(), PLACES, PLACES[:1] * MAX_ADDRESSES])
def test_a_link_comes_back(secret: str | EnrolmentToken, places: tuple[Place, ...]) -> None:
    invitation = Invitation(secret, DEVICE, places)
    assert invitation.link.startswith(SCHEME)
    assert Invitation.parse(invitation.link) == invitation
    assert Invitation.parse(f" {invitation.link}\n") == invitation


def test_a_link_fits_a_qr_code() -> None:
    """Version 10 with correction M holds 213 bytes."""
    assert len(Invitation("K7QM4TXH9R2B", DEVICE, PLACES).link) < 213


def test_a_link_is_not_shown() -> None:
    assert "K7QM" not in repr(Invitation("K7QM4TXH9R2B", DEVICE))


@pytest.mark.parametrize(
    "secret_and_places",
    [
        ("", ()),
        ("K7QM4TXH9R2", ()),
        ("K7QM4TXH9R2B", (Place("praxis.example", 1),)),
        ("K7QM4TXH9R2B", (Place("fe80::1%eth0", 1),)),
        ("K7QM4TXH9R2B", (Place("10.0.0.1", 0),)),
        ("K7QM4TXH9R2B", (Place("10.0.0.1", 65_536),)),
        ("K7QM4TXH9R2B", (Place("x" * 46, 1),)),
        ("K7QM4TXH9R2B", PLACES[:1] * (MAX_ADDRESSES + 1)),
        (EnrolmentToken(b"short", b"c" * 16), ()),
    ],
)
def test_what_would_not_be_read_is_not_made(
    secret_and_places: tuple[str | EnrolmentToken, tuple[Place, ...]],
) -> None:
    with pytest.raises(DecodeError):
        _ = Invitation(secret_and_places[0], DEVICE, secret_and_places[1]).link


@pytest.mark.parametrize(
    "link", ["", "praxisfunk:", "https://x", "praxisfunk:%%%", "praxisfunk:ä", "praxisfunk:" + "A" * 1100]
)
def test_rubbish_is_no_link(link: str) -> None:
    with pytest.raises(DecodeError):
        Invitation.parse(link)


def test_a_link_holds_a_code_or_a_token_never_both_or_another_version() -> None:
    for body in (
        [1, "K7QM4TXH9R2B", b"t" * 32, DEVICE, []],
        [1, "", b"", DEVICE, []],
        [2, "K7QM4TXH9R2B", b"", DEVICE, []],
        [1, "K7QM4TXH9R2B", b"", DEVICE, [], 1],
        [1, "K7QM4TXH9R2B", b"", b"short", []],
    ):
        with pytest.raises(DecodeError):
            Invitation.parse(SCHEME + base64.urlsafe_b64encode(encode(body)).decode())


@given(st.text(max_size=300))
def test_fuzzed_links_are_refused(text: str) -> None:
    for link in (text, SCHEME + text):
        with pytest.raises(DecodeError):
            Invitation.parse(link)

"""The checks that the transport calls: who is let in, by certificate, server name, protocol and time."""

import pytest

from app.core.admission import Membership
from app.security import DeviceSecurity, pairing_peer
from app.trusted_time import BUILD_S, STEP_S, TrustedTime
from crypto import certificate, tags
from crypto.certificate import TOLERATED_S, VALID_S
from crypto.entropy import SystemEntropy
from crypto.identity import DeviceIdentity
from transport.base import ALPN_MAIN, ALPN_PAIR, ALPN_ROSTER
from transport.errors import PeerRefused
from transport.events import PeerId

NOW_S = BUILD_S + 1000
DAY_S = 86_400
NOW_LATER_S = NOW_S + 300 * DAY_S
FLAT = 5 - NOW_LATER_S
"""A clock that starts at 1970."""
ENTROPY = SystemEntropy()


class World:
    """Two members with one secret, and a stranger."""

    def __init__(self) -> None:
        self.now_s = NOW_S
        self.own, self.peer, self.stranger = (DeviceIdentity.create(ENTROPY) for _ in range(3))
        self.secret = ENTROPY.token(32)
        self.security = DeviceSecurity(ENTROPY, lambda: self.now_s, lambda: self.now_s)
        self.security.update(self.membership(active=True))

    def membership(self, *, active: bool) -> Membership:
        return Membership(
            own=self.own,
            active={self.peer.public.dik: self.peer.device_id} if active else {},
            revoked=frozenset() if active else frozenset({self.peer.public.dik}),
            secrets=(self.secret,),
            shared={self.peer.device_id: self.secret} if active else {},
        )

    def shown_by(self, identity: DeviceIdentity, issued_s: int | None = None) -> bytes:
        return certificate.issue(
            identity, ENTROPY, self.now_s if issued_s is None else issued_s
        ).certificate_der


@pytest.fixture
def world() -> World:
    return World()


def test_a_member_is_named_and_a_stranger_is_refused(world: World) -> None:
    assert world.security.identify(world.shown_by(world.peer), ALPN_MAIN, None) == world.peer.device_id
    with pytest.raises(PeerRefused):
        world.security.identify(world.shown_by(world.stranger), ALPN_MAIN, None)


def test_the_device_that_answers_must_be_the_one_that_was_dialled(world: World) -> None:
    other = PeerId(world.stranger.device_id)
    with pytest.raises(PeerRefused):
        world.security.identify(world.shown_by(world.peer), ALPN_MAIN, other)


def test_a_revoked_device_gets_the_roster_protocol_only(world: World) -> None:
    world.security.update(world.membership(active=False))
    shown = world.shown_by(world.peer)
    with pytest.raises(PeerRefused):
        world.security.identify(shown, ALPN_MAIN, None)
    assert world.security.identify(shown, ALPN_ROSTER, None) == world.peer.public.dik


def test_a_statement_past_expiry_and_tolerance_is_refused(world: World) -> None:
    shown = world.shown_by(world.peer)
    world.now_s += VALID_S + TOLERATED_S
    world.security.identify(shown, ALPN_MAIN, None)
    world.now_s += 1
    with pytest.raises(PeerRefused):
        world.security.identify(shown, ALPN_MAIN, None)


def test_a_server_name_opens_once_and_for_its_target_only(world: World) -> None:
    day = tags.day_of(world.now_s)
    name = tags.server_name(world.secret, day, world.own.device_id, ENTROPY)
    assert world.security.accepts_server_name(name, ALPN_MAIN)
    assert not world.security.accepts_server_name(name, ALPN_MAIN)
    for_another = tags.server_name(world.secret, day, world.peer.device_id, ENTROPY)
    assert not world.security.accepts_server_name(for_another, ALPN_MAIN)
    guessed = tags.server_name(bytes(32), day, world.own.device_id, ENTROPY)
    for wrong in (guessed, None, "", "localhost", "x" * 52, "ü" * 52):
        assert not world.security.accepts_server_name(wrong, ALPN_MAIN)


def test_what_is_sent_as_server_name_is_accepted_there(world: World) -> None:
    there = DeviceSecurity(ENTROPY, lambda: world.now_s, lambda: world.now_s)
    there.update(
        Membership(
            own=world.peer,
            active={world.own.public.dik: world.own.device_id},
            revoked=frozenset(),
            secrets=(world.secret,),
        )
    )
    assert there.accepts_server_name(
        world.security.server_name(PeerId(world.peer.device_id), ALPN_MAIN), ALPN_MAIN
    )


def test_a_colleague_of_another_circle_is_greeted_with_that_circles_secret(world: World) -> None:
    home, other = ENTROPY.token(32), ENTROPY.token(32)
    world.security.update(
        Membership(
            own=world.own,
            active={world.peer.public.dik: world.peer.device_id},
            revoked=frozenset(),
            secrets=(home, other),
            shared={world.peer.device_id: other},
        )
    )
    name = world.security.server_name(PeerId(world.peer.device_id), ALPN_MAIN)
    day = tags.day_of(world.now_s)
    assert tags.server_name_nonce(name, [other], day, world.peer.device_id) is not None
    assert tags.server_name_nonce(name, [home], day, world.peer.device_id) is None


@pytest.mark.parametrize(
    ("away_s", "linked"),
    [(20 * DAY_S, True), (-20 * DAY_S, True), (FLAT, True), (40 * DAY_S, False), (-40 * DAY_S, False)],
)
def test_a_wrong_clock_within_a_month_or_a_flat_battery_cuts_nobody_off(away_s: int, linked: bool) -> None:
    now_s = NOW_LATER_S
    own, peer = DeviceIdentity.create(ENTROPY), DeviceIdentity.create(ENTROPY)
    secret = ENTROPY.token(32)
    # The other one ran yesterday; its clock shows another time today.
    here = DeviceSecurity(ENTROPY, lambda: now_s, lambda: now_s)
    there = DeviceSecurity(ENTROPY, lambda: now_s + away_s, lambda: max(now_s - DAY_S, now_s + away_s))
    for security, of, other in ((here, own, peer), (there, peer, own)):
        members = {other.public.dik: other.device_id}
        security.update(Membership(of, members, frozenset(), (secret,), {other.device_id: secret}))
    for dialler, listener, target, known in ((here, there, peer, own), (there, here, own, peer)):
        name = dialler.server_name(PeerId(target.device_id), ALPN_MAIN)
        assert listener.accepts_server_name(name, ALPN_MAIN) is linked
        if linked:
            shown = dialler.certificate(ALPN_MAIN).certificate_der
            assert listener.identify(shown, ALPN_MAIN, None) == known.device_id


def test_pairing_is_open_only_while_the_dialog_is(world: World) -> None:
    assert not world.security.accepts_alpn(ALPN_PAIR)
    assert not world.security.accepts_server_name("x", ALPN_PAIR)
    with pytest.raises(PeerRefused):
        world.security.certificate(ALPN_PAIR)
    world.security.open_pairing()
    assert world.security.accepts_alpn(ALPN_PAIR)
    first = world.security.certificate(ALPN_PAIR).certificate_der
    world.security.close_pairing()
    assert not world.security.accepts_alpn(ALPN_PAIR)
    world.security.open_pairing()
    assert world.security.certificate(ALPN_PAIR).certificate_der != first
    assert pairing_peer(first) == world.security.identify(first, ALPN_PAIR, None)
    with pytest.raises(PeerRefused):
        world.security.identify(b"no certificate", ALPN_PAIR, None)


def test_before_there_is_a_circle_nobody_comes_in(world: World) -> None:
    fresh = DeviceSecurity(ENTROPY, lambda: world.now_s, lambda: world.now_s)
    assert not fresh.accepts_alpn(ALPN_MAIN)
    assert not fresh.accepts_server_name(None, ALPN_MAIN)
    with pytest.raises(PeerRefused):
        fresh.identify(world.shown_by(world.peer), ALPN_MAIN, None)
    with pytest.raises(PeerRefused):
        fresh.certificate(ALPN_MAIN)


def test_the_own_certificate_is_renewed_in_time(world: World) -> None:
    first = world.security.certificate(ALPN_MAIN).certificate_der
    assert world.security.certificate(ALPN_MAIN).certificate_der == first
    world.now_s += 31 * 86_400
    assert world.security.certificate(ALPN_MAIN).certificate_der != first


class MemoryValues:
    """The `Values` port over a dict."""

    def __init__(self) -> None:
        self.kept: dict[str, bytes] = {}

    def get(self, key: str) -> bytes | None:
        return self.kept.get(key)

    def put(self, key: str, value: bytes | None) -> None:
        if value is None:
            self.kept.pop(key, None)
        else:
            self.kept[key] = value

    def all(self, prefix: str) -> dict[str, bytes]:
        return {key: value for key, value in self.kept.items() if key.startswith(prefix)}


def test_a_clock_set_back_does_not_set_time_back() -> None:
    values = MemoryValues()
    TrustedTime(lambda: BUILD_S + 5000).load(values)
    later = TrustedTime(lambda: BUILD_S - 9_000_000)
    later.load(values)
    assert later.now_s() == BUILD_S + 5000


def test_a_clock_far_ahead_is_believed_only_step_by_step() -> None:
    values = MemoryValues()
    TrustedTime(lambda: BUILD_S + 10 * 365 * 86_400).load(values)
    later = TrustedTime(lambda: BUILD_S)
    later.load(values)
    assert later.now_s() == BUILD_S + STEP_S

"""The checks that the transport calls: certificates, server names and protocols against roster and tag secrets.

Everything here may be called for every stranger's packet, so it works on an immutable `Membership` that the core
hands out after each change, never on the database.
"""

import logging
from collections import OrderedDict
from collections.abc import Callable
from typing import Final

from app.core.admission import Membership
from app.trusted_time import BUILD_S
from crypto import certificate, tags
from crypto.certificate import IssuedCertificate
from crypto.entropy import Entropy
from crypto.errors import CryptoError
from crypto.ids import DeviceId
from transport.base import ALPN_MAIN, ALPN_PAIR, ALPN_ROSTER, Certificate
from transport.errors import PeerRefused
from transport.events import PeerId

log = logging.getLogger(__name__)

_NONCES_KEPT: Final = 16_384
"""Server-name nonces remembered. One dial needs one; a flood of valid ones needs a member's secret."""

_UNKNOWN_PEER: Final = b"pairing:"


def pairing_peer(certificate_der: bytes) -> PeerId:
    """Names the other side of a pairing link: nobody is known yet, so by the key it shows."""
    return PeerId(_UNKNOWN_PEER + certificate.read_anonymous(certificate_der)[-32:])


class DeviceSecurity:
    """`transport.base.LinkSecurity` for one device."""

    def __init__(self, entropy: Entropy, unix_s: Callable[[], int], trusted_s: Callable[[], int]) -> None:
        self._entropy = entropy
        self._unix_s = unix_s
        self._trusted_s = trusted_s
        self._membership: Membership | None = None
        self._issued: IssuedCertificate | None = None
        self._pairing: Certificate | None = None
        self._pairing_open = False
        self._nonces: OrderedDict[bytes, None] = OrderedDict()

    # --- told by the engine -----------------------------------------------------------------------------

    def update(self, membership: Membership | None) -> None:
        """Devices or secrets changed."""
        if membership is not None and self._membership is None:
            self._issued = None
        self._membership = membership

    def open_pairing(self) -> None:
        """Accept the pairing protocol, with a fresh certificate, until `close_pairing`."""
        self._pairing = self._fresh_anonymous()
        self._pairing_open = True

    def close_pairing(self) -> None:
        """No more pairing links; the certificate is forgotten."""
        self._pairing = None
        self._pairing_open = False

    def prepare_joining(self) -> None:
        """A fresh certificate for dialling the pairing protocol; nothing is accepted."""
        self._pairing = self._fresh_anonymous()

    def _fresh_anonymous(self) -> Certificate:
        issued = certificate.anonymous(self._entropy)
        return Certificate(issued.certificate_der, issued.private_key_pkcs8)

    def _now_s(self) -> int:
        """The clock, unless its battery is flat: before this program was built no clock is right."""
        now_s = self._unix_s()
        return now_s if now_s >= BUILD_S else self._trusted_s()

    # --- asked by the transport ---------------------------------------------------------------------------

    @property
    def own_id(self) -> PeerId:
        """This device; empty before there is a circle, when only pairing links exist."""
        return PeerId(self._membership.own.device_id if self._membership else b"")

    def certificate(self, alpn: str) -> Certificate:
        """See `LinkSecurity.certificate`. Raises `PeerRefused` when there is none to show."""
        if alpn == ALPN_PAIR:
            if self._pairing is None:
                raise PeerRefused("no pairing open")
            return self._pairing
        if self._membership is None:
            raise PeerRefused("no circle yet")
        now_s = self._now_s()
        if self._issued is None or certificate.needs_renewal(self._issued.expires_s, now_s):
            self._issued = certificate.issue(self._membership.own, self._entropy, now_s)
        return Certificate(self._issued.certificate_der, self._issued.private_key_pkcs8)

    def accepts_alpn(self, alpn: str) -> bool:
        """See `LinkSecurity.accepts_alpn`."""
        if alpn == ALPN_PAIR:
            return self._pairing_open
        return alpn in (ALPN_MAIN, ALPN_ROSTER) and self._membership is not None

    def server_name(self, peer: PeerId, alpn: str) -> str:
        """See `LinkSecurity.server_name`. A pairing dial sends random characters of the same length."""
        day, device = tags.day_of(self._now_s()), DeviceId(peer)
        secret: bytes | None = None
        if self._membership is not None and alpn != ALPN_PAIR:
            # A colleague of another circle does not know the home's secret, and must not learn that there is one.
            secret = self._membership.shared.get(device)
        return tags.server_name(secret or self._entropy.token(32), day, device, self._entropy)

    def accepts_server_name(self, server_name: str | None, alpn: str) -> bool:
        """See `LinkSecurity.accepts_server_name`."""
        if alpn == ALPN_PAIR:
            return self._pairing_open
        membership = self._membership
        if membership is None or server_name is None:
            return False
        day = tags.day_of(self._now_s())
        own = membership.own.device_id
        nonce = tags.server_name_nonce(server_name, membership.secrets, day, own)
        if nonce is None or nonce in self._nonces:
            return False
        self._nonces[nonce] = None
        while len(self._nonces) > _NONCES_KEPT:
            self._nonces.popitem(last=False)
        return True

    def identify(self, certificate_der: bytes, alpn: str, dialled: PeerId | None) -> PeerId:
        """See `LinkSecurity.identify`."""
        try:
            if alpn == ALPN_PAIR:
                named = pairing_peer(certificate_der)  # also checks form and key type
                return dialled if dialled is not None else named
            claim = certificate.read(certificate_der)
            certificate.check_time(claim.expires_s, self._trusted_s())
        except CryptoError as exc:
            raise PeerRefused(type(exc).__name__) from exc
        membership = self._membership
        if membership is None:
            raise PeerRefused("no circle yet")
        device = membership.active.get(claim.dik)
        if device is not None:
            if dialled is not None and bytes(device) != bytes(dialled):
                raise PeerRefused("another device answered")
            return PeerId(device)
        if alpn == ALPN_ROSTER:
            # Unknown or revoked here: may only exchange statements (section 11.3). Named by its key, because
            # the device id needs IK, which a statement will bring.
            return dialled if dialled is not None else PeerId(claim.dik)
        raise PeerRefused("not an active device")

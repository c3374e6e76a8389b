"""TLS as this product wants it: one pinned Ed25519 certificate on both sides, checked before anything else.

Protocol sections 7 and 11.3. aioquic can ask for a client certificate only through a private flag, and can
deliver early stream data before its own handshake event, so the checks sit inside the TLS state machine: a
handshake that is refused here never gets the keys that application data needs.
"""

import ssl
from collections.abc import Callable
from typing import Any, Final

from aioquic import tls
from aioquic._buffer import Buffer
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric import ed25519
from cryptography.hazmat.primitives.serialization import load_der_private_key
from cryptography.x509 import load_der_x509_certificate

from transport.base import Certificate, LinkSecurity
from transport.errors import PeerRefused
from transport.events import PeerId

MAX_CERTIFICATE_BYTES: Final = 4096
CIPHER_SUITES: Final = [tls.CipherSuite.AES_256_GCM_SHA384, tls.CipherSuite.CHACHA20_POLY1305_SHA256]


class Refused(tls.AlertBadCertificate):
    """One alert for every refusal: the peer does not learn which."""


class PinnedTls(tls.Context):
    """One side of a handshake. `peer` and the two certificates are set when the peer's is proven."""

    def __init__(
        self,
        *,
        security: LinkSecurity,
        alpn: str | None,
        dialled: PeerId | None,
        server_name: str | None,
        on_hello: Callable[[str], None],
    ) -> None:
        """`alpn` None on the accepting side: the hello names it, `on_hello` is told once it may pass."""
        super().__init__(
            is_client=alpn is not None,
            alpn_protocols=[alpn] if alpn is not None else [],
            cipher_suites=CIPHER_SUITES,
            server_name=server_name,
            verify_mode=ssl.CERT_NONE,  # the pin is `identify`, there are no authorities
        )
        self._security = security
        self._dialled = dialled
        self._on_hello = on_hello
        self.alpn = alpn
        self.peer: PeerId | None = None
        self.own_certificate = b""
        self.peer_certificate = b""
        self._request_client_certificate = alpn is None
        self._supported_groups = [tls.Group.X25519]
        self._signature_algorithms = [tls.SignatureAlgorithm.ED25519]
        self._psk_key_exchange_modes = []
        if alpn is not None:
            self._show(security.certificate(alpn))

    def _show(self, certificate: Certificate) -> None:
        private_key = load_der_private_key(certificate.private_key_pkcs8, password=None)
        assert isinstance(private_key, ed25519.Ed25519PrivateKey), "links are Ed25519"
        self.certificate = load_der_x509_certificate(certificate.certificate_der)
        self.certificate_private_key = private_key
        self.own_certificate = certificate.certificate_der

    # --- accepting side -------------------------------------------------------------------------------

    def _server_handle_hello(self, input_buf: Buffer, initial_buf: Buffer, handshake_buf: Buffer) -> None:
        """Nothing, the certificate least of all, leaves before server name and ALPN were accepted."""
        hello = tls.pull_client_hello(Buffer(data=input_buf.data_slice(0, input_buf.capacity)))
        offered = hello.alpn_protocols or []
        if len(offered) != 1 or hello.early_data or hello.pre_shared_key is not None:
            raise Refused
        alpn = offered[0]
        if not self._security.accepts_alpn(alpn):
            raise Refused
        if not self._security.accepts_server_name(hello.server_name, alpn):
            raise Refused
        self.alpn = alpn
        self._alpn_protocols = [alpn]
        self._show(self._security.certificate(alpn))
        self._on_hello(alpn)
        super()._server_handle_hello(input_buf, initial_buf, handshake_buf)

    def _server_handle_certificate(self, input_buf: Buffer) -> None:
        super()._server_handle_certificate(input_buf)
        if self._peer_certificate is None:
            raise Refused  # TLS would go on without one

    def _server_handle_certificate_verify(self, input_buf: Buffer) -> None:
        super()._server_handle_certificate_verify(input_buf)
        self._identify()

    # --- dialling side --------------------------------------------------------------------------------

    def _client_handle_certificate(self, input_buf: Buffer) -> None:
        if self._certificate_request is None:
            raise Refused  # both ends present one
        super()._client_handle_certificate(input_buf)

    def _client_handle_certificate_verify(self, input_buf: Buffer) -> None:
        super()._client_handle_certificate_verify(input_buf)
        self._identify()

    # --- both -----------------------------------------------------------------------------------------

    def _set_peer_certificate(self, certificate: tls.Certificate) -> None:
        if len(certificate.certificates) != 1:
            raise Refused
        der = certificate.certificates[0][0]
        if len(der) > MAX_CERTIFICATE_BYTES:
            raise Refused
        super()._set_peer_certificate(certificate)
        assert self._peer_certificate is not None
        try:
            key: Any = self._peer_certificate.public_key()
        except (UnsupportedAlgorithm, ValueError) as exc:
            raise Refused from exc
        if not isinstance(key, ed25519.Ed25519PublicKey):
            raise Refused
        self.peer_certificate = der

    def _identify(self) -> None:
        """Possession of the key is proven: whose is it?"""
        assert self.alpn is not None
        try:
            self.peer = self._security.identify(self.peer_certificate, self.alpn, self._dialled)
        except PeerRefused as exc:
            raise Refused from exc
        if self._dialled is not None and self.peer != self._dialled:
            raise Refused

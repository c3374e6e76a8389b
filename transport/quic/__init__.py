"""QUIC: the only place that knows aioquic. `QuicTransport` is all that others need."""

from transport.quic.endpoint import QuicTransport

__all__ = ["QuicTransport"]

"""Everything that can go wrong on the way, one tree."""


class TransportError(Exception):
    """The network could not do what was asked."""


class PortInUse(TransportError):
    """Another program uses the UDP port."""


class NetworkUnavailable(TransportError):
    """This computer has no usable network."""


class PeerRefused(TransportError):
    """The other side is not who may be spoken to. A peer never learns why."""


class FrameError(TransportError):
    """A peer sent bytes that are no frame or beyond a limit."""


class DiscoveryError(TransportError):
    """mDNS could not be started."""

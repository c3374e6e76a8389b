"""One UDP socket on the selector loop: reads in batches, sends in batches, never blocks."""

import asyncio
import errno
import logging
import socket
import sys
from collections import deque
from collections.abc import Callable, Iterable
from typing import Any, Final

from transport.errors import NetworkUnavailable, PortInUse, TransportError
from transport.events import Address

logger = logging.getLogger(__name__)

SocketAddress = tuple[Any, ...]
"""As `recvfrom` gives it: (host, port) or (host, port, flow info, scope id)."""
Datagram = tuple[bytes, SocketAddress]

READ_BATCH: Final = 64
_MAX_DATAGRAM_BYTES: Final = 65_535
_SOCKET_BUFFER_BYTES: Final = 4 << 20
_MAX_BACKLOG: Final = 4096
_SIO_UDP_CONNRESET: Final = 0x9800000C
_V4_MAPPED: Final = "::ffff:"


def _prepare_for_windows(sock: socket.socket) -> None:
    """Nobody else may bind the port too, and one peer's "port unreachable" must not fail reads for all.

    Raises OSError. `socket.ioctl` knows three commands only, and this is none of them.
    """
    if sys.platform == "win32":
        import ctypes

        sock.setsockopt(socket.SOL_SOCKET, socket.SO_EXCLUSIVEADDRUSE, 1)
        off, returned = ctypes.c_ulong(0), ctypes.c_ulong()
        control = ctypes.WinDLL("ws2_32").WSAIoctl
        pointer, number = ctypes.c_void_p, ctypes.c_ulong
        control.argtypes = [ctypes.c_size_t, number, pointer, number, pointer, number, pointer, pointer, pointer]
        code = control(
            *(sock.fileno(), _SIO_UDP_CONNRESET, ctypes.byref(off), ctypes.sizeof(off)),
            *(None, 0, ctypes.byref(returned), None, None),
        )
        if code != 0:
            logger.info("reads may fail for unreachable peers: ioctl refused")


class UdpSocket:
    """Dual-stack where the system can, else IPv4. `on_batch` gets everything that one wake-up read."""

    def __init__(self, on_batch: Callable[[list[Datagram]], None]) -> None:
        self._on_batch = on_batch
        self._loop = asyncio.get_running_loop()
        self._socket: socket.socket | None = None
        self._dual_stack = False
        self._backlog: deque[Datagram] = deque()
        self._drained: asyncio.Future[None] | None = None

    def open(self, host: str | None, port: int) -> None:
        """Bind. `host` None: every interface. Raises `PortInUse`, `NetworkUnavailable`, `TransportError`."""
        if host is not None:
            family = socket.AF_INET6 if ":" in host else socket.AF_INET
            self._bind(family, host, port)
        else:
            try:
                self._bind(socket.AF_INET6, "::", port)
            except NetworkUnavailable:
                logger.info("no IPv6 here: IPv4 only")
                self._bind(socket.AF_INET, "0.0.0.0", port)  # noqa: S104
        assert self._socket is not None
        self._loop.add_reader(self._socket.fileno(), self._on_readable)

    def _bind(self, family: socket.AddressFamily, host: str, port: int) -> None:
        try:
            sock = socket.socket(family, socket.SOCK_DGRAM)
        except OSError as exc:
            raise NetworkUnavailable(f"no socket: {exc.strerror}") from exc
        try:
            sock.setblocking(False)
            if family == socket.AF_INET6:
                sock.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 0)
            for option in (socket.SO_RCVBUF, socket.SO_SNDBUF):
                sock.setsockopt(socket.SOL_SOCKET, option, _SOCKET_BUFFER_BYTES)
            if sys.platform == "win32":
                _prepare_for_windows(sock)
            sock.bind((host, port))
        except OSError as exc:
            sock.close()
            if exc.errno in (errno.EADDRINUSE, errno.EACCES, 10048, 10013):
                raise PortInUse(f"UDP port {port} is taken") from exc
            if exc.errno in (errno.EADDRNOTAVAIL, errno.EAFNOSUPPORT, errno.ENOPROTOOPT):
                raise NetworkUnavailable(f"address not available: {exc.strerror}") from exc
            raise TransportError(f"cannot bind: {exc.strerror}") from exc
        self._socket = sock
        self._dual_stack = family == socket.AF_INET6

    @property
    def port(self) -> int:
        """The bound port."""
        assert self._socket is not None
        return int(self._socket.getsockname()[1])

    def to_socket(self, address: Address) -> SocketAddress | None:
        """How this socket spells an address, None if it cannot reach that family."""
        if self._dual_stack:
            host = address.host if ":" in address.host else _V4_MAPPED + address.host
            return (host, address.port, 0, address.scope_id)
        return None if ":" in address.host else (address.host, address.port)

    @staticmethod
    def from_socket(address: SocketAddress) -> Address:
        """The plain address behind a socket's spelling."""
        host = str(address[0]).partition("%")[0]
        if host.startswith(_V4_MAPPED):
            return Address(host.removeprefix(_V4_MAPPED), address[1])
        return Address(host, address[1], address[3] if len(address) > 3 else 0)

    def local_address_towards(self, address: SocketAddress) -> str | None:
        """The own IP address that the system would use towards `address`; None: no route. Sends nothing."""
        family = socket.AF_INET6 if len(address) == 4 else socket.AF_INET
        with socket.socket(family, socket.SOCK_DGRAM) as probe:
            try:
                probe.connect(address)
                return str(probe.getsockname()[0])
            except OSError:
                return None

    def _on_readable(self) -> None:
        sock = self._socket
        if sock is None:
            return
        batch: list[Datagram] = []
        receive = sock.recvfrom
        for _ in range(READ_BATCH):
            try:
                batch.append(receive(_MAX_DATAGRAM_BYTES))
            except (BlockingIOError, InterruptedError):
                break
            except OSError as exc:
                # An ICMP error of some earlier datagram: the socket itself goes on.
                logger.debug("read: %s", errno.errorcode.get(exc.errno or 0, "?"))
                break
        if batch:
            self._on_batch(batch)

    def send(self, datagrams: Iterable[Datagram]) -> None:
        """Send what fits now, keep the rest (bounded) until the socket is writable again."""
        if self._backlog:
            self._keep(datagrams)
            return
        sock = self._socket
        if sock is None:
            return
        iterator = iter(datagrams)
        send = sock.sendto
        for datagram in iterator:
            try:
                send(*datagram)
            except (BlockingIOError, InterruptedError):
                self._keep((datagram, *iterator))
                if not self._backlog:
                    return
                self._loop.add_writer(sock.fileno(), self._on_writable)
                return
            except OSError as exc:
                # No route at the moment, or too big for it: like a lost packet.
                logger.debug("send: %s", errno.errorcode.get(exc.errno or 0, "?"))

    def _keep(self, datagrams: Iterable[Datagram]) -> None:
        for datagram in datagrams:
            if len(self._backlog) >= _MAX_BACKLOG:
                return  # like a full queue on the way: QUIC sends it again
            self._backlog.append(datagram)

    def _on_writable(self) -> None:
        sock = self._socket
        if sock is None:
            return
        self._loop.remove_writer(sock.fileno())
        backlog, self._backlog = self._backlog, deque()
        self.send(backlog)
        if not self._backlog and self._drained is not None and not self._drained.done():
            self._drained.set_result(None)

    async def drain(self) -> None:
        """Returns when everything given to `send` has left."""
        while self._backlog and self._socket is not None:
            self._drained = self._loop.create_future()
            await self._drained

    def close(self) -> None:
        """Give the port back."""
        sock, self._socket = self._socket, None
        if sock is None:
            return
        self._loop.remove_reader(sock.fileno())
        self._loop.remove_writer(sock.fileno())
        sock.close()
        self._backlog.clear()
        if self._drained is not None and not self._drained.done():
            self._drained.set_result(None)

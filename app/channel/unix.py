"""The channel as a Unix socket: mode 0600, in a folder of mode 0700, and the kernel says whose process it is."""

import asyncio
import contextlib
import hashlib
import logging
import os
import socket
import stat
import struct
import sys
import tempfile
from functools import partial
from pathlib import Path
from typing import Final

from app.channel.errors import (
    ChannelBroken,
    ChannelBusy,
    ChannelError,
    ChannelInUse,
    ChannelRefused,
    ChannelTimeout,
    NotRunning,
)
from app.channel.streams import Serve
from app.paths import ProfilePaths

if sys.platform == "win32":
    raise ImportError("use app.channel.windows")

log = logging.getLogger(__name__)

MAX_SOCKET_PATH: Final = 100
"""`sun_path` holds 108 bytes on Linux, 104 elsewhere, the closing zero included."""
CLOSE_TIMEOUT_S: Final = 1.0
ACCEPT_PAUSE_S: Final = 1.0
SEND_TIMEOUT_S: Final = 30.0
_LOCAL_PEERCRED: Final = 1
_SOL_LOCAL: Final = 0


def socket_path(profile: Path) -> Path:
    """In the profile folder; where that path is too long for a socket, in a short folder of this user's."""
    path = ProfilePaths(profile.absolute()).channel
    if len(os.fsencode(path)) <= MAX_SOCKET_PATH:
        return path
    name = hashlib.sha256(os.fsencode(profile.resolve())).hexdigest()[:24]
    folder = os.environ.get("XDG_RUNTIME_DIR", "")
    if not folder.startswith("/") or len(folder) > MAX_SOCKET_PATH - 40:
        folder = tempfile.gettempdir() if len(tempfile.gettempdir()) <= MAX_SOCKET_PATH - 50 else "/tmp"  # noqa: S108
    return Path(folder) / f"praxisfunk-{os.geteuid()}" / name


def own_folder(folder: Path) -> None:
    """Make it with mode 0700, or see to it that it is ours and has it. Raises `ChannelRefused`."""
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        found = folder.lstat()
        if not stat.S_ISDIR(found.st_mode) or found.st_uid != os.geteuid():
            raise ChannelRefused("the channel's folder belongs to another user")
        if stat.S_IMODE(found.st_mode) != 0o700:
            folder.chmod(0o700)
    except OSError as exc:
        raise ChannelRefused(f"the channel's folder cannot be used: errno {exc.errno}") from exc


def peer_user(connection: socket.socket) -> int:
    """The user id of the process at the other end, from the kernel. Raises `OSError`."""
    if sys.platform == "linux":
        raw = connection.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, struct.calcsize("3i"))
        return int(struct.unpack("3i", raw)[1])  # struct ucred: pid, uid, gid
    else:
        raw = connection.getsockopt(_SOL_LOCAL, _LOCAL_PEERCRED, 256)
        return int(struct.unpack_from("II", raw)[1])  # struct xucred: version, uid, groups


def is_own(connection: socket.socket) -> bool:
    """Whether the other end is a process of this user."""
    try:
        return peer_user(connection) == os.geteuid()
    except OSError:
        return False


class UnixStream:
    """The client's end."""

    def __init__(self, profile: Path, timeout_s: float) -> None:
        """Raises `NotRunning`, `ChannelBusy`, `ChannelRefused`."""
        self._socket = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self._socket.settimeout(timeout_s)
        try:
            self._socket.connect(str(socket_path(profile)))
        except (FileNotFoundError, ConnectionRefusedError) as exc:
            self._socket.close()
            raise NotRunning("nobody listens") from exc
        except PermissionError as exc:
            self._socket.close()
            raise ChannelRefused("it belongs to another user") from exc
        except (TimeoutError, BlockingIOError) as exc:
            self._socket.close()
            raise ChannelBusy("no room in the queue") from exc
        except OSError as exc:
            self._socket.close()
            raise ChannelError(f"errno {exc.errno}") from exc
        if not is_own(self._socket):
            self._socket.close()
            raise ChannelRefused("another user listens there")

    def receive(self, max_bytes: int, timeout_s: float | None) -> bytes:
        try:
            self._socket.settimeout(timeout_s)  # fails too where another thread closed it
            return self._socket.recv(max_bytes)
        except (TimeoutError, BlockingIOError) as exc:
            raise ChannelTimeout("no answer") from exc
        except OSError as exc:
            raise ChannelBroken(f"errno {exc.errno}") from exc

    def send(self, data: bytes) -> None:
        try:
            self._socket.settimeout(SEND_TIMEOUT_S)
            self._socket.sendall(data)
        except OSError as exc:
            raise ChannelBroken(f"errno {exc.errno}") from exc

    def close(self) -> None:
        with contextlib.suppress(OSError):
            self._socket.shutdown(socket.SHUT_RDWR)  # wakes a thread that waits in `receive`
        self._socket.close()


class UnixPipe:
    """The server's end of one connection."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._reader = reader
        self._writer = writer

    async def read(self, size_bytes: int) -> bytes:
        try:
            return await self._reader.readexactly(size_bytes)
        except ConnectionError as exc:
            raise EOFError from exc

    async def write(self, data: bytes) -> None:
        self._writer.write(data)
        await self._writer.drain()

    async def close(self) -> None:
        self._writer.close()
        try:
            await asyncio.wait_for(self._writer.wait_closed(), CLOSE_TIMEOUT_S)
        except (OSError, TimeoutError, asyncio.CancelledError):  # gone, does not read, or we are in a hurry
            self._writer.transport.abort()


class UnixListener:
    """The server's door. It accepts by itself: `asyncio.Server` can lose a connection accepted while it closes."""

    def __init__(self, profile: Path) -> None:
        self._path = socket_path(profile)
        self._listening: socket.socket | None = None
        self._connections: set[asyncio.Task[None]] = set()

    async def start(self, serve: Serve) -> None:
        own_folder(self._path.parent)
        self._remove_stale()
        self._listening = self._bound()
        asyncio.get_running_loop().add_reader(self._listening, self._accept, self._listening, serve)

    async def stop(self) -> None:
        if self._listening is None:
            return
        asyncio.get_running_loop().remove_reader(self._listening)
        self._listening.close()
        self._listening = None
        with contextlib.suppress(OSError):
            self._path.unlink()
        for task in self._connections:
            task.cancel()
        await asyncio.gather(*self._connections, return_exceptions=True)

    def _accept(self, listening: socket.socket, serve: Serve) -> None:
        """One client of those that wait."""
        try:
            connection, _ = listening.accept()
        except BlockingIOError:
            return
        except OSError as exc:  # most likely no file descriptor is left: try again a little later
            log.warning("local channel: a client could not be accepted: errno %s", exc.errno)
            loop = asyncio.get_running_loop()
            loop.remove_reader(listening)
            loop.call_later(ACCEPT_PAUSE_S, self._resume, listening, serve)
            return
        connection.setblocking(False)
        task = asyncio.create_task(self._connected(connection, serve))
        self._connections.add(task)
        task.add_done_callback(partial(self._ended, connection))

    def _resume(self, listening: socket.socket, serve: Serve) -> None:
        if listening is self._listening:
            asyncio.get_running_loop().add_reader(listening, self._accept, listening, serve)

    async def _connected(self, connection: socket.socket, serve: Serve) -> None:
        if not is_own(connection):
            log.warning("local channel: a process of another user was refused")
            return
        reader, writer = await asyncio.open_unix_connection(sock=connection)
        pipe = UnixPipe(reader, writer)
        try:
            await serve(pipe)
        finally:
            await pipe.close()

    def _ended(self, connection: socket.socket, task: asyncio.Task[None]) -> None:
        """Also when the task was cancelled before its first step."""
        self._connections.discard(task)
        connection.close()

    def _remove_stale(self) -> None:
        """A socket file outlives its process. Raises `ChannelInUse` if somebody answers on it."""
        if not self._path.is_socket():
            return
        probe = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        try:
            probe.settimeout(1.0)
            probe.connect(str(self._path))
        except (ConnectionRefusedError, FileNotFoundError):
            with contextlib.suppress(FileNotFoundError):
                self._path.unlink()
        except OSError as exc:
            raise ChannelInUse("somebody is slow to answer there") from exc
        else:
            raise ChannelInUse("another instance answers there")
        finally:
            probe.close()

    def _bound(self) -> socket.socket:
        """A listening socket of mode 0600. The folder's mode keeps others out before the `chmod`."""
        listening = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        try:
            listening.bind(str(self._path))
            self._path.chmod(0o600)
            listening.listen()
            listening.setblocking(False)
        except OSError as exc:
            listening.close()
            raise ChannelError(f"the channel cannot be opened: errno {exc.errno}") from exc
        return listening

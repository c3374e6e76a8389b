"""The channel as a Windows named pipe that only this user's processes on this computer can open.

Standard library alone: `_winapi` for overlapped input and output, as `multiprocessing` uses it, and `ctypes` for the
security descriptor and the owner of the other process. The loop cannot wait for pipes (it is a selector loop,
because UDP needs one), so each connection has a reading and a writing thread.
"""

import asyncio
import contextlib
import hashlib
import logging
import os
import sys
import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any, Final

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

if sys.platform == "win32":
    import _winapi
    import ctypes
    from ctypes import wintypes

    log = logging.getLogger(__name__)

    INSTANCES: Final = 20
    """A little more than the server's limit of clients, so that one too many is told so."""
    BUFFER_BYTES: Final = 64 << 10
    _FIRST_INSTANCE: Final = 0x00080000
    _REJECT_REMOTE: Final = 0x00000008
    _OVERLAPPED: Final = 0x40000000
    _IDENTIFICATION_ONLY: Final = 0x00110000  # SECURITY_SQOS_PRESENT | SECURITY_IDENTIFICATION
    _TOKEN_QUERY: Final = 0x0008
    _TOKEN_USER: Final = 1
    _QUERY_LIMITED: Final = 0x1000
    _GONE: Final = (109, 232, 233, 995, 6)  # broken, closing, not connected, aborted, handle closed

    _kernel32 = ctypes.WinDLL("kernel32", use_last_error=True)
    _advapi32 = ctypes.WinDLL("advapi32", use_last_error=True)
    _kernel32.OpenProcess.restype = wintypes.HANDLE
    _kernel32.GetCurrentProcess.restype = wintypes.HANDLE
    _kernel32.CreateEventW.restype = wintypes.HANDLE
    _kernel32.SetEvent.argtypes = [wintypes.HANDLE]
    _kernel32.CancelIoEx.argtypes = [wintypes.HANDLE, ctypes.c_void_p]
    _kernel32.LocalFree.argtypes = [wintypes.HLOCAL]
    _kernel32.CloseHandle.argtypes = [wintypes.HANDLE]
    _kernel32.GetNamedPipeServerProcessId.argtypes = [wintypes.HANDLE, ctypes.POINTER(wintypes.ULONG)]
    _advapi32.OpenProcessToken.argtypes = [wintypes.HANDLE, wintypes.DWORD, ctypes.POINTER(wintypes.HANDLE)]
    _advapi32.GetTokenInformation.argtypes = [
        wintypes.HANDLE,
        ctypes.c_int,
        ctypes.c_void_p,
        wintypes.DWORD,
        ctypes.POINTER(wintypes.DWORD),
    ]
    _advapi32.ConvertSidToStringSidW.argtypes = [ctypes.c_void_p, ctypes.POINTER(wintypes.LPWSTR)]
    _advapi32.ConvertStringSecurityDescriptorToSecurityDescriptorW.argtypes = [
        wintypes.LPCWSTR,
        wintypes.DWORD,
        ctypes.POINTER(ctypes.c_void_p),
        ctypes.c_void_p,
    ]

    class _SecurityAttributes(ctypes.Structure):
        _fields_ = (
            ("length", wintypes.DWORD),
            ("descriptor", ctypes.c_void_p),
            ("inherit", wintypes.BOOL),
        )

    def user_of(process: int) -> str:
        """The SID string of a process's user. Raises `OSError`."""
        token = wintypes.HANDLE()
        if not _advapi32.OpenProcessToken(process, _TOKEN_QUERY, ctypes.byref(token)):
            raise ctypes.WinError(ctypes.get_last_error())
        try:
            needed = wintypes.DWORD()
            _advapi32.GetTokenInformation(token, _TOKEN_USER, None, 0, ctypes.byref(needed))
            room = ctypes.create_string_buffer(needed.value)
            if not _advapi32.GetTokenInformation(token, _TOKEN_USER, room, needed, ctypes.byref(needed)):
                raise ctypes.WinError(ctypes.get_last_error())
            sid = ctypes.cast(room, ctypes.POINTER(ctypes.c_void_p))[0]  # TOKEN_USER begins with the pointer
            text = wintypes.LPWSTR()
            if not _advapi32.ConvertSidToStringSidW(sid, ctypes.byref(text)):
                raise ctypes.WinError(ctypes.get_last_error())
            try:
                return str(text.value)
            finally:
                _kernel32.LocalFree(text)
        finally:
            _kernel32.CloseHandle(token)

    def own_user() -> str:
        """The SID string of this process's user."""
        return user_of(_kernel32.GetCurrentProcess())

    def pipe_name(profile: Path) -> str:
        """One name per user and profile folder, however the folder is spelled."""
        folder = os.path.normcase(os.path.realpath(profile))
        digest = hashlib.sha256(f"{own_user()}\0{folder}".encode("utf-8", "surrogatepass")).hexdigest()
        return rf"\\.\pipe\praxisfunk-{digest[:32]}"

    class _Security:
        """Security attributes that let this user in and nobody else: a protected list with one entry."""

        def __init__(self) -> None:
            self._descriptor = ctypes.c_void_p()
            rule = f"D:P(A;;GA;;;{own_user()})"
            made = _advapi32.ConvertStringSecurityDescriptorToSecurityDescriptorW(
                rule, 1, ctypes.byref(self._descriptor), None
            )
            if not made:
                raise ctypes.WinError(ctypes.get_last_error())
            self._attributes = _SecurityAttributes(
                ctypes.sizeof(_SecurityAttributes), self._descriptor, False
            )

        @property
        def address(self) -> int:
            return ctypes.addressof(self._attributes)

        def close(self) -> None:
            _kernel32.LocalFree(self._descriptor)

    def _finish(started: tuple[Any, int], timeout_s: float | None) -> tuple[Any, int]:
        """Wait for an overlapped operation; it and its bytes. Raises `TimeoutError` (cancelled then), `OSError`."""
        overlapped, error = started
        if error == _winapi.ERROR_IO_PENDING:
            wait_ms = _winapi.INFINITE if timeout_s is None else max(0, int(timeout_s * 1000))
            if _winapi.WaitForMultipleObjects([overlapped.event], False, wait_ms) != _winapi.WAIT_OBJECT_0:
                overlapped.cancel()
                with contextlib.suppress(OSError):
                    overlapped.GetOverlappedResult(True)
                raise TimeoutError
        count, error = overlapped.GetOverlappedResult(True)
        if error not in (0, _winapi.ERROR_MORE_DATA):
            raise OSError(0, "pipe", None, error)
        return overlapped, count

    def _read(handle: int, max_bytes: int, timeout_s: float | None) -> bytes:
        """At least one byte, b"" at the end."""
        try:
            done, _ = _finish(_winapi.ReadFile(handle, max_bytes, overlapped=True), timeout_s)
        except TimeoutError:
            raise
        except OSError as exc:
            if exc.winerror in _GONE:
                return b""
            raise
        return bytes(done.getbuffer() or b"")

    def _write(handle: int, data: bytes, timeout_s: float | None) -> None:
        view = memoryview(data)
        while view:
            piece = bytes(view[:BUFFER_BYTES])
            _, written = _finish(_winapi.WriteFile(handle, piece, overlapped=True), timeout_s)
            view = view[written:]

    class PipeStream:
        """The client's end."""

        def __init__(self, profile: Path, timeout_s: float) -> None:
            """Raises `NotRunning`, `ChannelBusy`, `ChannelRefused`."""
            name = pipe_name(profile)
            try:
                _winapi.WaitNamedPipe(name, max(1, int(timeout_s * 1000)))
                self._handle = _winapi.CreateFile(
                    name,
                    _winapi.GENERIC_READ | _winapi.GENERIC_WRITE,
                    0,
                    _winapi.NULL,
                    _winapi.OPEN_EXISTING,
                    _OVERLAPPED | _IDENTIFICATION_ONLY,  # the server cannot act in this user's name
                    _winapi.NULL,
                )
            except FileNotFoundError as exc:
                raise NotRunning("nobody listens") from exc
            except PermissionError as exc:
                raise ChannelRefused("it belongs to another user") from exc
            except OSError as exc:
                raise ChannelBusy("no room in the queue") from exc
            if not self._server_is_own():
                self.close()
                raise ChannelRefused("another user listens there")

        def _server_is_own(self) -> bool:
            """Somebody else could have taken the name first."""
            number = wintypes.ULONG()
            if not _kernel32.GetNamedPipeServerProcessId(self._handle, ctypes.byref(number)):
                return False
            process = _kernel32.OpenProcess(_QUERY_LIMITED, False, number.value)
            if not process:
                return False
            try:
                return user_of(process) == own_user()
            except OSError:
                return False
            finally:
                _kernel32.CloseHandle(process)

        def receive(self, max_bytes: int, timeout_s: float | None) -> bytes:
            try:
                return _read(self._handle, max_bytes, timeout_s)
            except TimeoutError as exc:
                raise ChannelTimeout("no answer") from exc
            except OSError as exc:
                raise ChannelBroken(f"error {exc.winerror}") from exc

        def send(self, data: bytes) -> None:
            try:
                _write(self._handle, data, 30.0)
            except OSError as exc:
                raise ChannelBroken(f"error {exc.winerror}") from exc

        def close(self) -> None:
            handle, self._handle = self._handle, 0
            if handle:
                _kernel32.CancelIoEx(handle, None)
                _winapi.CloseHandle(handle)

    class ServerPipe:
        """The server's end of one connection."""

        def __init__(self, handle: int, workers: ThreadPoolExecutor) -> None:
            self._handle = handle
            self._workers = workers
            self._loop = asyncio.get_running_loop()
            self._kept = b""

        async def read(self, size_bytes: int) -> bytes:
            while len(self._kept) < size_bytes:
                fresh = await self._loop.run_in_executor(
                    self._workers, _read, self._handle, BUFFER_BYTES, None
                )
                if not fresh:
                    raise EOFError
                self._kept += fresh
            wanted, self._kept = self._kept[:size_bytes], self._kept[size_bytes:]
            return wanted

        async def write(self, data: bytes) -> None:
            await self._loop.run_in_executor(self._workers, _write, self._handle, data, 30.0)

        async def close(self) -> None:
            """Ends a read that waits in a worker. What was written is in the client's buffer already."""
            handle, self._handle = self._handle, 0
            if handle:
                _kernel32.CancelIoEx(handle, None)
                _winapi.CloseHandle(handle)

    class PipeListener:
        """The server's door: one thread waits for clients."""

        def __init__(self, profile: Path) -> None:
            self._name = pipe_name(profile)
            self._security = _Security()
            self._stop = int(_kernel32.CreateEventW(None, True, False, None))
            self._workers = ThreadPoolExecutor(2 * INSTANCES, thread_name_prefix="channel")
            self._thread: threading.Thread | None = None
            self._connections: set[asyncio.Task[None]] = set()

        async def start(self, serve: Serve) -> None:
            loop = asyncio.get_running_loop()
            try:
                first = self._instance(first=True)  # fails if anybody holds the name already
            except PermissionError as exc:
                raise ChannelInUse("another instance answers there") from exc
            except OSError as exc:
                raise ChannelError(f"the channel cannot be opened: error {exc.winerror}") from exc

            async def connected(handle: int) -> None:
                pipe = ServerPipe(handle, self._workers)
                try:
                    await serve(pipe)
                finally:
                    await pipe.close()

            def begin(handle: int) -> None:
                task = loop.create_task(connected(handle))
                self._connections.add(task)
                task.add_done_callback(self._connections.discard)

            def accept(handle: int) -> None:
                while self._accept(handle):
                    loop.call_soon_threadsafe(begin, handle)
                    try:
                        handle = self._instance(first=False)
                    except OSError as exc:
                        log.error("the local channel ended: error %s", exc.winerror)
                        return
                _winapi.CloseHandle(handle)

            self._thread = threading.Thread(target=accept, args=(first,), name="channel-accept", daemon=True)
            self._thread.start()

        async def stop(self) -> None:
            _kernel32.SetEvent(self._stop)
            if self._thread is not None:
                await asyncio.get_running_loop().run_in_executor(None, self._thread.join)
            for task in list(self._connections):
                task.cancel()
            await asyncio.gather(*self._connections, return_exceptions=True)
            self._workers.shutdown(wait=False, cancel_futures=True)
            self._security.close()

        def _instance(self, *, first: bool) -> int:
            """One more end of the pipe, readable and writable by this user alone, not over the network."""
            mode = (
                _winapi.PIPE_ACCESS_DUPLEX | _winapi.FILE_FLAG_OVERLAPPED | (_FIRST_INSTANCE if first else 0)
            )
            handle: int = _winapi.CreateNamedPipe(
                self._name,
                mode,
                _REJECT_REMOTE,  # bytes, blocking
                INSTANCES,
                BUFFER_BYTES,
                BUFFER_BYTES,
                0,
                self._security.address,
            )
            return handle

        def _accept(self, handle: int) -> bool:
            """Wait for a client on this end. False when the listener stops."""
            overlapped = _winapi.ConnectNamedPipe(handle, overlapped=True)
            found = _winapi.WaitForMultipleObjects([overlapped.event, self._stop], False, _winapi.INFINITE)
            if found != _winapi.WAIT_OBJECT_0:
                overlapped.cancel()
                with contextlib.suppress(OSError):
                    overlapped.GetOverlappedResult(True)
                return False
            _, error = overlapped.GetOverlappedResult(True)
            return bool(error == 0)

"""The local channel over a real socket: who is heard, what is answered, how much anybody can make it hold."""

import asyncio
import contextlib
import errno
import os
import socket
import stat
import struct
import sys
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any, get_args, get_origin

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.channel import client as client_module
from app.channel import server
from app.channel.client import ChannelClient
from app.channel.errors import (
    ChannelBroken,
    ChannelBusy,
    ChannelError,
    ChannelInUse,
    ChannelRefused,
    ChannelTimeout,
    NotRunning,
)
from app.channel.frames import (
    MAX_REQUEST_BYTES,
    Answer,
    Ask,
    Hello,
    Missed,
    Subscribe,
    from_client,
    from_server,
    pack,
)
from app.core import requests, views
from app.core.events import MessageArrived, PeopleChanged, WindowRequested
from app.core.requests import AnyRequest
from app.core.views import AnyView, Done, Failure, MessageKind
from crypto.ids import ContentId, ConversationId
from tests.app.channel.instance import READY, Instance

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="the pipe of Windows has its own file")
if sys.platform != "win32":
    from app.channel import unix

ARRIVED = MessageArrived(
    conversation=ConversationId(bytes(32)),
    message=ContentId(bytes(32)),
    title="Labor",
    author_name="Anna",
    text="Bitte ansehen",
    kind=MessageKind.TEXT,
)


@pytest.fixture
def instance(tmp_path: Path) -> Iterator[Instance]:
    running = Instance(tmp_path / "profile")
    running.start()
    try:
        yield running
    finally:
        running.end()


def raw(profile: Path) -> socket.socket:
    """A client that keeps to no rules."""
    connection = socket.socket(socket.AF_UNIX)
    connection.settimeout(10)
    connection.connect(str(unix.socket_path(profile)))
    return connection


def read_all(connection: socket.socket) -> bytes:
    data = b""
    while piece := connection.recv(1 << 16):
        data += piece
    return data


# --- asking -------------------------------------------------------------------------------------------------


def test_a_request_is_answered(instance: Instance) -> None:
    with ChannelClient.connect(instance.profile) as client:
        assert client.ask(requests.GetStatus()) == READY
        request = requests.SendText(conversation=ConversationId(b"c" * 32), text="Grüße")
        client.ask(request)
    assert instance.seen == [requests.GetStatus(), request]


def test_every_request_and_view_travels_unchanged() -> None:
    ask = Ask(7, requests.Join(code="K7QM", person_name="Anna", role="MFA", device_name="Empfang"))
    assert from_client(pack(ask, MAX_REQUEST_BYTES)[4:]) == ask
    for view in (READY, Failure(code="locked", detail={"n": 1}), views.Settings(values={"a": b"\x00"})):
        assert from_server(pack(Answer(1, view), MAX_REQUEST_BYTES)[4:]) == Answer(1, view)


def test_no_instance_is_said(tmp_path: Path) -> None:
    with pytest.raises(NotRunning):
        ChannelClient.connect(tmp_path)


def test_a_socket_left_behind_is_no_instance_and_is_replaced(tmp_path: Path) -> None:
    left = socket.socket(socket.AF_UNIX)
    left.bind(str(unix.socket_path(tmp_path)))
    left.close()
    with pytest.raises(NotRunning):
        ChannelClient.connect(tmp_path)
    running = Instance(tmp_path)
    running.start()
    try:
        with ChannelClient.connect(tmp_path) as client:
            assert client.ask(requests.GetStatus()) == READY
    finally:
        running.end()
    assert not unix.socket_path(tmp_path).exists()


def test_a_second_instance_does_not_take_the_channel_away(instance: Instance) -> None:
    second = Instance(instance.profile)
    with pytest.raises(ChannelInUse):
        second.start()
    second.end()
    with ChannelClient.connect(instance.profile) as client:
        assert client.ask(requests.GetStatus()) == READY


def test_several_clients_at_once(instance: Instance) -> None:
    clients = [ChannelClient.connect(instance.profile) for _ in range(5)]
    for client in clients:
        assert client.ask(requests.GetStatus()) == READY
        client.close()


def test_the_last_answer_leaves_before_the_door_closes(instance: Instance) -> None:
    async def stop_soon(request: AnyRequest) -> AnyView:
        asyncio.get_running_loop().call_soon(lambda: asyncio.ensure_future(instance.server.stop()))
        return Done()

    instance.answer = stop_soon
    with ChannelClient.connect(instance.profile) as client:
        assert client.ask(requests.Quit()) == Done()
        with pytest.raises(ChannelBusy):
            client.next_event(10)


@pytest.mark.expect_log("SendText failed with ValueError")
def test_a_bug_behind_a_request_ends_neither_channel_nor_instance(
    instance: Instance, caplog: pytest.LogCaptureFixture
) -> None:
    async def fail(request: AnyRequest) -> AnyView:
        raise ValueError("Erika Muster")

    instance.answer = fail
    with ChannelClient.connect(instance.profile) as client:
        request = requests.SendText(conversation=ConversationId(bytes(32)), text="x")
        assert client.ask(request) == Failure(code="internal")
        assert client.ask(request) == Failure(code="internal")
    assert "Erika" not in caplog.text


def test_no_answer_in_time_is_said(instance: Instance) -> None:
    never = asyncio.Event()

    async def wait(request: AnyRequest) -> AnyView:
        await never.wait()
        return Done()

    instance.answer = wait
    with ChannelClient.connect(instance.profile) as client, pytest.raises(ChannelTimeout):
        client.ask(requests.GetStatus(), timeout_s=0.05)


def test_another_version_is_noticed_before_anything_is_asked(
    instance: Instance, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(client_module, "VERSION", 2)
    with pytest.raises(ChannelBroken, match="version"):
        ChannelClient.connect(instance.profile)
    assert instance.seen == []


# --- who is heard -------------------------------------------------------------------------------------------


def test_folder_and_socket_are_this_users_alone(instance: Instance) -> None:
    path = unix.socket_path(instance.profile)
    assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_an_open_folder_is_closed(tmp_path: Path) -> None:
    folder = tmp_path / "open"
    folder.mkdir(mode=0o755)
    folder.chmod(0o755)
    unix.own_folder(folder)
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700


def test_a_link_instead_of_the_folder_is_refused(tmp_path: Path) -> None:
    (tmp_path / "real").mkdir()
    (tmp_path / "link").symlink_to(tmp_path / "real")
    with pytest.raises(ChannelRefused):
        unix.own_folder(tmp_path / "link")


def test_a_folder_of_another_user_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "geteuid", lambda: tmp_path.stat().st_uid + 1)
    with pytest.raises(ChannelRefused):
        unix.own_folder(tmp_path)


@pytest.mark.expect_log("process of another user was refused")
def test_another_users_process_hears_nothing(instance: Instance, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(unix, "peer_user", lambda _: os.geteuid() + 1)
    with raw(instance.profile) as stranger, contextlib.suppress(ConnectionError):
        stranger.sendall(pack(Ask(1, requests.GetStatus()), MAX_REQUEST_BYTES))
        assert read_all(stranger) == b""
    with pytest.raises(ChannelRefused):
        ChannelClient.connect(instance.profile)
    assert instance.seen == []


@pytest.mark.skipif(sys.platform != "linux", reason="SO_PEERCRED")
def test_the_kernel_says_whose_process_it_is() -> None:
    one, other = socket.socketpair(socket.AF_UNIX)
    with one, other:
        assert unix.peer_user(one) == os.getuid()
        assert unix.is_own(one)
    with socket.socket(socket.AF_INET) as not_local:
        assert not unix.is_own(not_local)


def test_a_profile_path_too_long_for_a_socket_works(tmp_path: Path) -> None:
    profile = tmp_path / ("x" * 120) / ("ü" * 60)
    path = unix.socket_path(profile)
    assert len(os.fsencode(path)) <= unix.MAX_SOCKET_PATH
    assert path != unix.socket_path(profile.with_name("other"))
    running = Instance(profile)
    running.start()
    try:
        with ChannelClient.connect(profile) as client:
            assert client.ask(requests.GetStatus()) == READY
        assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700
    finally:
        running.end()


# --- while locked -------------------------------------------------------------------------------------------

ANSWERED_WHILE_LOCKED = {"GetStatus", "Unlock", "ShowWindow", "Quit"}


def sample(kind: Any) -> object:
    """Any value of the type of a required field."""
    plain = getattr(kind, "__supertype__", kind)  # a typed id is bytes
    if plain is bytes:
        return bytes(32)
    if get_origin(plain) is tuple:
        return ()
    return None if get_args(plain) else plain()


@pytest.mark.parametrize("name", sorted(cls.__name__ for cls in requests.AnyRequest.__args__))
def test_while_locked_only_the_lock_screen_is_answered(name: str, instance: Instance) -> None:
    cls = getattr(requests, name)
    fields = msgspec.structs.fields(cls)
    request = cls(**{field.name: sample(field.type) for field in fields if field.required})
    instance.locked = True
    with ChannelClient.connect(instance.profile) as client:
        expected = READY if name in ANSWERED_WHILE_LOCKED else Failure(code="locked")
        assert client.ask(request) == expected
    assert len(instance.seen) == (name in ANSWERED_WHILE_LOCKED)


def test_while_locked_no_content_is_told(instance: Instance) -> None:
    with ChannelClient.connect(instance.profile) as client:
        client.subscribe()
        instance.locked = True
        instance.publish(ARRIVED, PeopleChanged(), WindowRequested())
        assert client.next_event(10) == WindowRequested()
        instance.locked = False
        instance.publish(ARRIVED)
        assert client.next_event(10) == ARRIVED


# --- events -------------------------------------------------------------------------------------------------


def test_events_come_in_order_and_only_to_subscribers(instance: Instance) -> None:
    with ChannelClient.connect(instance.profile) as watcher, ChannelClient.connect(instance.profile) as other:
        watcher.subscribe()
        other.ask(requests.GetStatus())
        instance.publish(PeopleChanged(), ARRIVED)
        assert watcher.ask(requests.GetStatus()) == READY  # an answer among events
        assert [watcher.next_event(10), watcher.next_event(10)] == [PeopleChanged(), ARRIVED]
        assert watcher.next_event(0.01) is None
        assert other.next_event(0.01) is None


def test_subscribing_twice_tells_once(instance: Instance) -> None:
    with ChannelClient.connect(instance.profile) as client:
        client.subscribe()
        client.subscribe()
        instance.publish(PeopleChanged())
        assert client.next_event(10) == PeopleChanged()
        assert client.next_event(0.01) is None


def test_closing_wakes_a_thread_that_waits_for_events(instance: Instance) -> None:
    client = ChannelClient.connect(instance.profile)
    told: list[object] = []
    came = threading.Event()
    events = client.events()

    def listen() -> None:
        with contextlib.suppress(ChannelError):
            for event in events:
                told.append(event)
                came.set()

    thread = threading.Thread(target=listen)
    thread.start()
    instance.publish(PeopleChanged())
    assert came.wait(10)
    client.close()
    thread.join(10)
    assert not thread.is_alive() and told == [PeopleChanged()]


def test_who_reads_too_slowly_misses_the_oldest_and_is_told(instance: Instance) -> None:
    many = server.MAX_EVENTS_WAITING + 50
    with ChannelClient.connect(instance.profile) as client:
        client.subscribe()
        instance.publish(*[PeopleChanged()] * many)
        told = []
        while sum(event.count if isinstance(event, Missed) else 1 for event in told) < many:
            event = client.next_event(10)
            assert event is not None
            told.append(event)
    missed = [event for event in told if isinstance(event, Missed)]
    assert missed and sum(event.count for event in missed) == 50
    assert len(told) - len(missed) == server.MAX_EVENTS_WAITING


# --- hostile clients ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "data",
    [
        struct.pack(">I", MAX_REQUEST_BYTES + 1),
        struct.pack(">I", 0xFFFFFFFF),
        struct.pack(">I", 0),
        struct.pack(">I", 3) + b"\xc1\xc1\xc1",
        struct.pack(">I", 1) + b"\x90",
        pack(Hello(1, "x"), MAX_REQUEST_BYTES),
        pack(Answer(1, Done()), MAX_REQUEST_BYTES),
        struct.pack(">I", 22) + b"\x80\x04\x95cposix\nsystem\n.....",  # a pickle
        struct.pack(">I", 200_001) + b"\x91" * 200_001,  # nested without end
    ],
    ids=["long", "longest", "empty", "no-msgpack", "no-fields", "hello", "answer", "pickle", "deep"],
)
def test_what_is_no_request_ends_the_connection_and_nothing_else(data: bytes, instance: Instance) -> None:
    with raw(instance.profile) as hostile:
        hostile.sendall(data)
        told = read_all(hostile)
    assert isinstance(from_server(told[4:]), Hello)  # the greeting, then the end: no reason is given
    with ChannelClient.connect(instance.profile) as client:
        assert client.ask(requests.GetStatus()) == READY


def test_a_client_that_stops_within_a_frame_is_cut_off(
    instance: Instance, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(server, "BODY_TIMEOUT_S", 0.05)
    with raw(instance.profile) as slow:
        slow.sendall(struct.pack(">I", 100) + b"half")
        assert len(read_all(slow)) < 100


def test_clients_are_counted(instance: Instance) -> None:
    held = [ChannelClient.connect(instance.profile) for _ in range(server.MAX_CLIENTS)]
    with pytest.raises(ChannelBusy):
        ChannelClient.connect(instance.profile)
    for client in held:
        assert client.ask(requests.GetStatus()) == READY
        client.close()


@pytest.mark.expect_log("could not be accepted: errno 24")
def test_a_lack_of_descriptors_passes(instance: Instance, monkeypatch: pytest.MonkeyPatch) -> None:
    """The door neither closes for ever nor spins while none is left."""
    monkeypatch.setattr(unix, "ACCEPT_PAUSE_S", 0.01)
    real, failures = socket.socket.accept, []

    def accept(listening: socket.socket) -> tuple[socket.socket, object]:
        if len(failures) < 3:
            failures.append(listening)
            raise OSError(errno.EMFILE, "Too many open files")
        return real(listening)

    monkeypatch.setattr(socket.socket, "accept", accept)
    with ChannelClient.connect(instance.profile) as client:
        assert client.ask(requests.GetStatus()) == READY
    assert len(failures) == 3


def test_a_reply_beyond_the_limit_is_a_failure(instance: Instance, monkeypatch: pytest.MonkeyPatch) -> None:
    async def large(request: AnyRequest) -> AnyView:
        return views.Settings(values={"a": bytes(2000)})

    instance.answer = large
    monkeypatch.setattr(server, "MAX_REPLY_BYTES", 1000)
    with ChannelClient.connect(instance.profile) as client:
        assert client.ask(requests.GetSettings()) == Failure(code="channel.too_large")


def test_a_whole_photo_travels(instance: Instance) -> None:
    async def photo(request: AnyRequest) -> AnyView:
        return views.PhotoData(message=ContentId(bytes(32)), data=bytes(20_000_000), media_type="image/jpeg")

    instance.answer = photo
    with ChannelClient.connect(instance.profile) as client:
        answer = client.ask(requests.LoadPhoto(message=ContentId(bytes(32))))
        assert isinstance(answer, views.PhotoData) and len(answer.data) == 20_000_000


def test_a_request_beyond_the_limit_is_not_sent(instance: Instance) -> None:
    with ChannelClient.connect(instance.profile) as client, pytest.raises(ChannelBroken):
        client.ask(
            requests.SendText(conversation=ConversationId(bytes(32)), text="x" * (MAX_REQUEST_BYTES + 1))
        )
    assert instance.seen == []


@given(st.binary(max_size=200))
def test_bytes_are_a_frame_or_broken(data: bytes) -> None:
    for decode in (from_client, from_server):
        with contextlib.suppress(ChannelBroken):
            decode(data)


def test_subscribe_frames_are_exact() -> None:
    """A frame with a field too many is of another version, and refused."""
    good = pack(Subscribe(1), MAX_REQUEST_BYTES)[4:]
    assert from_client(good) == Subscribe(1)
    with pytest.raises(ChannelBroken):
        from_client(b"\x93" + good[1:] + b"\x00")

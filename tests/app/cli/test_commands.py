"""Every command against a scripted instance over the real channel: what it asks, prints, and ends with."""

import io
import json
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from msgspec.structs import replace

from app import __version__
from app.cli import Code, StartOptions, main
from app.cli.commands import COMMANDS
from app.cli.parser import make_parser
from app.cli.texts import _TEXTS, Texts, language_of
from app.core import requests, views
from app.core.events import (
    Joined,
    JoinFailed,
    JoinProgress,
    MessagesChanged,
    PairingAsked,
    PairingFinished,
    PairingTried,
    PeopleChanged,
    PracticeSeen,
)
from app.core.requests import AnyRequest
from app.core.views import AnyView, Done, Failure, Mark, MessageKind, Phase, Reach, Section
from app.ui import error_text
from crypto.ids import ContentId, ConversationId, PersonId
from tests.app.channel.instance import Instance

pytestmark = pytest.mark.skipif(
    sys.platform == "win32", reason="the scripted instance listens on a Unix socket"
)

ANNA, WEBER, MEIER = (PersonId(bytes([n]) * 16) for n in (1, 2, 3))
DIRECT, GROUP = ConversationId(b"\xd1" * 32), ConversationId(b"\x91" * 32)
MESSAGE = ContentId(b"\x0c" * 32)


def person(id_: PersonId, name: str, **more: Any) -> views.PersonRow:
    values = {"role": "MFA", "own": False, "admin": False, "revoked": False, **more}
    return views.PersonRow(
        person=id_,
        name=name,
        external=False,
        inbox=False,
        reach=Reach.REACHABLE,
        devices=(),
        avatar=0,
        **values,
    )


def conversation(id_: ConversationId, title: str, who: PersonId | None) -> views.ConversationRow:
    return views.ConversationRow(
        conversation=id_,
        section=Section.GROUP if who is None else Section.PERSON,
        title=title,
        person=who,
        avatar=0,
        reach=Reach.OFFLINE,
        role=None,
        preview="",
        preview_author=None,
        preview_kind=None,
        preview_own=False,
        preview_mark=Mark.NONE,
        last_ms=1772356500000,
        unread=2,
        draft="",
        external=False,
        left=False,
        revoked=False,
        members=3,
    )


def message(text: str, **more: Any) -> views.MessageRow:
    values = {"own": True, "mark": Mark.WAITING, "kind": MessageKind.TEXT, "author_name": "Anna", **more}
    return views.MessageRow(
        message=MESSAGE,
        conversation=DIRECT,
        author=ANNA,
        author_avatar=0,
        text=text,
        sent_ms=1772356500000,
        clock_wrong=False,
        mark_reason=None,
        waiting_for=("Dr. Weber",),
        **values,
    )


BLOB = views.BlobView(state=views.TransferState.COMPLETE, size_bytes=1234, done_bytes=1234)
PHOTO = views.PhotoView(thumbnail=bytes(1000), width_px=40, height_px=30, captured_ms=None, blob=BLOB)
ROWS = (
    message("Bitte ansehen"),
    message("Wunde", kind=MessageKind.PHOTO, photo=PHOTO),
    message(
        "", kind=MessageKind.FILE, file=views.FileView(name="a.pdf", media_type="application/pdf", blob=BLOB)
    ),
    message("", kind=MessageKind.DELETED),
    message("\x1b]0;böse\x07rot\u202e", own=False, author_name="\x1b[31mMallory"),
)
PEOPLE = views.People(
    rows=(
        person(ANNA, "Anna Lindner", own=True, admin=True),
        person(WEBER, "Dr. Karin Weber"),
        person(MEIER, "Jana Meier", revoked=True),
    )
)
CONVERSATIONS = views.Conversations(
    rows=(
        conversation(DIRECT, "Dr. Karin Weber", WEBER),
        conversation(GROUP, "Labor", None),
        conversation(ConversationId(b"\xd3" * 32), "Jana Meier", MEIER),
    ),
    unread=2,
)
DELIVERED = views.Delivery(
    message=MESSAGE,
    rows=(
        views.DeliveryRow(
            person=WEBER,
            name="",
            avatar=0,
            mark=Mark.SOME,
            devices_total=2,
            devices_reached=1,
            at_ms=1,
            reason=None,
        ),
    ),
)
ANSWERS: dict[type, AnyView] = {
    requests.GetStatus: views.Status(
        phase=Phase.READY, locked=False, has_pin=False, circle_name="Praxis", links=2
    ),
    requests.ListPeople: PEOPLE,
    requests.ListConversations: CONVERSATIONS,
    requests.OpenDirect: CONVERSATIONS.rows[0],
    requests.CreateGroup: CONVERSATIONS.rows[1],
    requests.SendText: views.Sent(message=MESSAGE, conversation=DIRECT),
    requests.SendPhoto: views.Sent(message=MESSAGE, conversation=DIRECT),
    requests.SendFile: views.Sent(message=MESSAGE, conversation=DIRECT),
    requests.GetDelivery: DELIVERED,
    requests.LoadTimeline: views.TimelinePage(
        conversation=DIRECT, rows=ROWS, has_older=False, has_newer=False, first_unread=None, unread=0
    ),
    requests.SearchMessages: views.SearchHits(
        hits=(
            views.SearchHit(
                message=MESSAGE,
                conversation=DIRECT,
                title="Labor",
                author_name="Anna",
                snippet=("eine ", "Wunde", " am Fuß"),
                sent_ms=1772356500000,
                kind=MessageKind.TEXT,
            ),
        ),
        more=False,
    ),
    requests.SaveFile: views.Saved(path="/x/a.pdf"),
    requests.FoundCircle: views.Founded(circle=bytes(32), recovery_code="AAAA-BBBB"),  # type: ignore[arg-type]
    requests.OpenPairing: views.PairingOpened(
        code="K7QM-4TXH-9R2B", valid_until_ms=0, tries_left=100, addresses=("192.0.2.1:47110",)
    ),
    requests.GetConversation: views.ConversationDetails(
        conversation=GROUP,
        section=Section.GROUP,
        title="Labor",
        members=(
            views.Member(
                person=ANNA, name="Anna", role=None, avatar=0, own=True, admin=True, reach=Reach.REACHABLE
            ),
        ),
        own_admin=True,
        photos=(),
        photo_count=0,
    ),
}


class Desk(Instance):
    """Answers from the table; `on` tells events once a request was answered."""

    def __init__(self, profile: Path) -> None:
        super().__init__(profile)
        self.answers = dict(ANSWERS)
        self.on: dict[type, list[Any]] = {}
        self.answer = self._from_table

    async def _from_table(self, request: AnyRequest) -> AnyView:
        for event in self.on.pop(type(request), []):
            self.loop.call_soon(self.server.publish, event)
        return self.answers.get(type(request), Done())

    def asked(self, kind: type) -> list[Any]:
        return [request for request in self.seen if isinstance(request, kind)]


@pytest.fixture
def desk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Desk]:
    monkeypatch.setenv("LC_ALL", "en_US.UTF-8")
    running = Desk(tmp_path / "p")
    running.start()
    try:
        yield running
    finally:
        running.end()


Run = Callable[..., tuple[int, str, str]]


@pytest.fixture
def run(desk: Desk, capsys: pytest.CaptureFixture[str]) -> Run:
    """Run a command of this profile: exit code, standard output, standard error."""

    def call(*argv: str) -> tuple[int, str, str]:
        code = main(["--profile", str(desk.profile), *argv], start=no_start)
        told = capsys.readouterr()
        return code, told.out, told.err

    return call


def no_start(options: StartOptions) -> int:
    pytest.fail("an instance was started")


# --- reading ------------------------------------------------------------------------------------------------


def test_status(run: Run) -> None:
    code, out, _ = run("status")
    assert code == 0 and "ready" in out and "Praxis" in out
    assert json.loads(run("status", "--json")[1])["phase"] == "ready"


def test_people(run: Run) -> None:
    code, out, _ = run("people")
    assert code == 0 and "Anna Lindner" in out.splitlines()[0] and "me, admin" in out and "02020202" in out
    told = json.loads(run("--json", "people")[1])
    assert told["type"] == "People" and told["rows"][1]["person"] == WEBER.hex()


def test_history(run: Run, desk: Desk) -> None:
    code, out, _ = run("history", "weber", "--limit", "20")
    assert code == 0
    assert "Anna: Bitte ansehen  (waiting: Dr. Weber)" in out
    assert "[photo 40x30] Wunde" in out and "[file a.pdf, 1234 bytes]" in out and "[deleted]" in out
    assert desk.asked(requests.LoadTimeline) == [requests.LoadTimeline(conversation=DIRECT, before=20)]
    told = json.loads(run("history", "weber", "--json")[1])
    assert told["rows"][0]["message"] == MESSAGE.hex()
    assert told["rows"][1]["photo"]["thumbnail"] == {"size_bytes": 1000}


def test_what_others_wrote_does_not_steer_the_terminal(run: Run) -> None:
    out = run("history", "weber")[1]
    assert "\x1b" not in out and "\x07" not in out and "\u202e" not in out
    assert "rot" in out and "Mallory" in out


def test_search(run: Run, desk: Desk) -> None:
    code, out, _ = run("search", "Wunde", "Fuß", "--in", "labor")
    assert code == 0 and "eine *Wunde* am Fuß" in out
    assert desk.asked(requests.SearchMessages)[0].conversation == GROUP
    assert desk.asked(requests.SearchMessages)[0].text == "Wunde Fuß"


def test_groups(run: Run) -> None:
    code, out, _ = run("groups")
    assert code == 0 and out.startswith("Labor") and "3 members" in out and "Weber" not in out
    assert [row["title"] for row in json.loads(run("groups", "--json")[1])["rows"]] == ["Labor"]


# --- sending ------------------------------------------------------------------------------------------------


def test_send_text(run: Run, desk: Desk) -> None:
    code, out, _ = run("send", "--to", "Dr. Karin Weber", "Bitte", "ansehen")
    assert code == 0 and MESSAGE.hex() in out
    assert desk.asked(requests.OpenDirect) == [requests.OpenDirect(person=WEBER)]
    assert desk.asked(requests.SendText) == [requests.SendText(conversation=DIRECT, text="Bitte ansehen")]


def test_send_from_standard_input(run: Run, desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stdin", io.StringIO("zwei\nZeilen\n"))
    assert run("send", "--to", "labor", "-")[0] == 0
    assert desk.asked(requests.SendText)[0].text == "zwei\nZeilen"
    assert desk.asked(requests.SendText)[0].conversation == GROUP


def test_send_photo_and_file_by_whole_path(
    run: Run, desk: Desk, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.chdir(tmp_path)
    assert (
        run("send", "--to", "weber", "--photo", "wound.jpg", "--file", "a.pdf", "Bitte ansehen", "--json")[0]
        == 0
    )
    photo, file = desk.asked(requests.SendPhoto)[0], desk.asked(requests.SendFile)[0]
    assert (photo.path, photo.caption) == (str(tmp_path / "wound.jpg"), "Bitte ansehen")
    assert file.path == str(tmp_path / "a.pdf")
    assert desk.asked(requests.SendText) == []  # the text went as caption


def test_send_waits_until_it_has_arrived(run: Run, desk: Desk) -> None:
    waiting = views.Delivery(message=MESSAGE, rows=(replace(DELIVERED.rows[0], mark=Mark.WAITING),))
    desk.answers[requests.GetDelivery] = waiting

    async def arrives(request: AnyRequest) -> AnyView:
        if isinstance(request, requests.GetDelivery) and len(desk.asked(requests.GetDelivery)) == 1:
            desk.answers[requests.GetDelivery] = DELIVERED
            desk.loop.call_soon(
                desk.server.publish, MessagesChanged(conversation=DIRECT, messages=(MESSAGE,))
            )
            return waiting
        return desk.answers.get(type(request), Done())

    desk.answer = arrives
    code, out, _ = run("send", "--to", "weber", "--wait", "Hallo", "--json")
    assert code == 0 and json.loads(out)["delivered"] is True
    assert len(desk.asked(requests.GetDelivery)) == 2


def test_send_waits_no_longer_than_it_may(run: Run, desk: Desk) -> None:
    row = replace(DELIVERED.rows[0], mark=Mark.WAITING)
    desk.answers[requests.GetDelivery] = views.Delivery(message=MESSAGE, rows=(row,))
    code, _, err = run("send", "--to", "weber", "--wait", "--timeout", "0.05", "Hallo")
    assert code == Code.TIMEOUT and "in time" in err


def test_send_tells_what_will_not_arrive(run: Run, desk: Desk) -> None:
    row = replace(DELIVERED.rows[0], mark=Mark.FAILED)
    desk.answers[requests.GetDelivery] = views.Delivery(message=MESSAGE, rows=(row,))
    assert run("send", "--to", "weber", "--wait", "Hallo")[0] == Code.REFUSED


def test_nothing_to_send(run: Run, desk: Desk) -> None:
    code, _, err = run("send", "--to", "weber")
    assert code == Code.USAGE and "nothing to send" in err and desk.asked(requests.SendText) == []


def test_names_are_unambiguous_or_nothing_is_sent(run: Run, desk: Desk) -> None:
    code, _, err = run("send", "--to", "Schulz", "x")
    assert code == Code.NO_SUCH_NAME and "Nobody is called “Schulz”" in err
    assert run("send", "--to", "a", "x", "--json")[0] == Code.NO_SUCH_NAME
    assert not desk.asked(requests.SendText)
    assert run("send", "--to", WEBER.hex()[:8], "x")[0] == 0


def test_retry(run: Run, desk: Desk) -> None:
    code, out, _ = run("retry", "--json")
    assert code == 0 and set(json.loads(out)["messages"]) == {MESSAGE.hex()}
    assert run("retry", MESSAGE.hex())[0] == 0
    assert desk.asked(requests.RetryMessage)[-1] == requests.RetryMessage(message=MESSAGE)
    assert run("retry", "zz")[0] == Code.NO_SUCH_NAME


def test_save(run: Run, desk: Desk, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.chdir(tmp_path)
    code, out, _ = run("save", MESSAGE.hex(), "a.pdf")
    assert code == 0 and "/x/a.pdf" in out
    assert desk.asked(requests.SaveFile)[0].path == str(tmp_path / "a.pdf")


# --- groups -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("argv", "request_"),
    [
        (
            ("create", "Labor", "anna", "weber"),
            requests.CreateGroup(circle=None, title="Labor", members=(ANNA, WEBER)),
        ),
        (("add", "labor", "weber"), requests.AddGroupMembers(conversation=GROUP, members=(WEBER,))),
        (("remove", "labor", "weber"), requests.RemoveGroupMember(conversation=GROUP, member=WEBER)),
        (("leave", "labor"), requests.LeaveGroup(conversation=GROUP)),
        (("rename", "labor", "Labor 2"), requests.RenameGroup(conversation=GROUP, title="Labor 2")),
        (("members", "labor"), requests.GetConversation(conversation=GROUP)),
    ],
)
def test_group_acts(run: Run, desk: Desk, argv: tuple[str, ...], request_: AnyRequest) -> None:
    assert run("group", *argv)[0] == 0
    assert desk.seen[-1] == request_


def test_a_person_is_no_group_and_a_removed_one_nobody(run: Run) -> None:
    assert run("group", "leave", "weber")[0] == Code.NO_SUCH_NAME
    assert run("group", "create", "X", "meier")[0] == Code.NO_SUCH_NAME


# --- founding, pairing, joining -----------------------------------------------------------------------------


def test_found(run: Run, desk: Desk) -> None:
    code, out, _ = run(
        "found", "--practice", "Praxis", "--name", "Anna", "--role", "MFA", "--device", "Empfang"
    )
    assert code == 0 and "AAAA-BBBB" in out
    assert desk.seen == [
        requests.FoundCircle(circle_name="Praxis", person_name="Anna", role="MFA", device_name="Empfang")
    ]


ASKED = PairingAsked(person_name="Jana Meier", role="MFA", device_name="Zimmer 2")


def test_pair_accepts_whom_it_was_told_to(run: Run, desk: Desk) -> None:
    desk.on[requests.OpenPairing] = [PairingTried(tries_left=99), ASKED]
    desk.on[requests.ConfirmPairing] = [PairingFinished(person=MEIER, failure=None)]
    code, out, _ = run("pair", "--accept", "jana meier", "--admin", "--json")
    assert code == 0
    told = [json.loads(line)["type"] for line in out.splitlines()]
    assert told == ["PairingOpened", "PairingTried", "PairingAsked", "PairingFinished"]
    assert desk.asked(requests.ConfirmPairing) == [
        requests.ConfirmPairing(person_name="Jana Meier", role="MFA", device_name="Zimmer 2", admin=True)
    ]
    assert not desk.asked(requests.ClosePairing)


@pytest.mark.parametrize("argv", [("--accept", "Dr. Weber"), ()], ids=["another", "nobody-to-ask"])
def test_pair_admits_nobody_else(
    run: Run, desk: Desk, argv: tuple[str, ...], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "stdin", io.StringIO("y\n"))
    desk.on[requests.OpenPairing] = [ASKED]
    code, _, err = run("pair", *argv)
    assert code == Code.REFUSED and err
    assert desk.asked(requests.RejectPairing) and desk.asked(requests.ClosePairing)
    assert not desk.asked(requests.ConfirmPairing)


@pytest.mark.parametrize(("typed", "admitted"), [("y", True), ("n", False), ("", False)])
def test_pair_asks_at_the_terminal(
    run: Run, desk: Desk, monkeypatch: pytest.MonkeyPatch, typed: str, admitted: bool
) -> None:
    terminal = io.StringIO(typed + "\n")
    monkeypatch.setattr(terminal, "isatty", lambda: True)
    monkeypatch.setattr(sys, "stdin", terminal)
    desk.on[requests.OpenPairing] = [ASKED]
    desk.on[requests.ConfirmPairing] = [PairingFinished(person=MEIER, failure=None)]
    code, out, _ = run("pair")
    assert (
        (code == 0) is admitted and "K7QM-4TXH-9R2B" in out and "192.0.2.1:47110" in out and "Zimmer 2" in out
    )
    assert bool(desk.asked(requests.ConfirmPairing)) is admitted


def test_pair_closes_when_its_time_is_over(run: Run, desk: Desk) -> None:
    assert run("pair", "--timeout", "0.05")[0] == Code.TIMEOUT
    assert desk.asked(requests.ClosePairing)


JOIN = ("join", "--code", "K7QM4TXH9R2B", "--name", "Jana", "--role", "MFA", "--device", "Zimmer 2")


def test_join_finds_the_only_practice(run: Run, desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("app.cli.joining.SETTLE_S", 0.01)
    desk.on[requests.StartSearching] = [PracticeSeen(key="k1", name="Praxis Müller")]
    desk.on[requests.Join] = [JoinProgress(step="proving"), Joined(circle_name="Praxis Müller")]
    code, out, err = run(*JOIN)
    assert code == 0 and "Joined: Praxis Müller" in out and "checked" in err
    assert desk.asked(requests.Join)[0].practice == "k1"
    assert desk.asked(requests.StopSearching)


def test_join_by_name_and_by_address(run: Run, desk: Desk) -> None:
    seen = [PracticeSeen(key="k1", name="Praxis A"), PracticeSeen(key="k2", name="Praxis B")]
    desk.on = {requests.StartSearching: list(seen), requests.Join: [Joined(circle_name="B")]}
    assert run(*JOIN, "--practice", "praxis b")[0] == 0
    assert desk.asked(requests.Join)[0].practice == "k2"
    desk.on = {requests.Join: [Joined(circle_name="B")]}
    assert run(*JOIN, "--address", "192.0.2.1:47110")[0] == 0
    assert desk.asked(requests.Join)[1].address == "192.0.2.1:47110"


def test_join_does_not_guess_among_several(run: Run, desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("app.cli.joining.SETTLE_S", 0.05)
    desk.on[requests.StartSearching] = [PracticeSeen(key="k1", name="A"), PracticeSeen(key="k2", name="B")]
    code, _, err = run(*JOIN)
    assert code == Code.NO_SUCH_NAME and "A, B" in err and not desk.asked(requests.Join)


def test_join_says_when_no_practice_is_open(run: Run, desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("app.cli.joining.SEARCH_S", 0.05)
    code, _, err = run(*JOIN)
    assert code == Code.TIMEOUT and "No practice is open" in err


def test_a_failed_join_is_told_and_cancelled(run: Run, desk: Desk) -> None:
    desk.on[requests.Join] = [JoinFailed(failure=Failure(code="pairing_failed", detail={"tries_left": 2}))]
    code, out, _ = run(*JOIN, "--address", "x:1", "--json")
    assert code == Code.REFUSED and json.loads(out.splitlines()[-1])["code"] == "pairing_failed"
    assert desk.asked(requests.CancelJoin)


def test_the_code_may_come_from_standard_input(run: Run, desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stdin", io.StringIO("K7QM-4TXH-9R2B\n"))
    desk.on[requests.Join] = [Joined(circle_name="A")]
    code, out, _ = run("join", "--name", "Jana", "--address", "x:1", "--json")
    assert code == 0 and desk.asked(requests.Join)[0].code == "K7QM-4TXH-9R2B"
    assert [json.loads(line)["type"] for line in out.splitlines()] == ["Joined"]


# --- the instance itself ------------------------------------------------------------------------------------


def test_lock_unlock_quit(run: Run, desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    assert run("lock")[0] == 0
    desk.locked = True
    code, _, err = run("people")
    assert code == Code.LOCKED and "locked" in err
    assert run("status")[0] == 0
    monkeypatch.setattr(sys, "stdin", io.StringIO("2580\n"))
    assert run("unlock")[0] == 0
    assert desk.seen[-1] == requests.Unlock(pin="2580")
    assert run("quit")[0] == 0 and desk.seen[-1] == requests.Quit()


def test_watch(run: Run, desk: Desk) -> None:
    desk.loop.call_soon_threadsafe(desk.loop.call_later, 0.05, desk.server.publish, PeopleChanged())
    code, out, _ = run("watch", "--timeout", "0.3", "--json")
    assert code == 0
    assert [json.loads(line)["type"] for line in out.splitlines()] == ["Watching", "PeopleChanged"]


def test_no_instance(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LC_ALL", "de_DE.UTF-8")
    assert main(["people", "--profile", str(tmp_path)], start=no_start) == Code.NOT_RUNNING
    assert "läuft nicht" in capsys.readouterr().err
    assert main(["people", "--profile", str(tmp_path), "--json"], start=no_start) == Code.NOT_RUNNING
    assert json.loads(capsys.readouterr().out)["code"] == "not_running"
    assert list(tmp_path.iterdir()) == []  # asking makes no profile


def test_version_needs_no_instance(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["version", "--json", "--profile", str(tmp_path)], start=no_start) == 0
    assert json.loads(capsys.readouterr().out)["version"] == __version__


# --- starting -----------------------------------------------------------------------------------------------


def test_without_a_command_an_instance_is_started(tmp_path: Path) -> None:
    started = []

    def start(options: StartOptions) -> int:
        started.append(options)
        return 7

    argv = ["--profile", str(tmp_path), "--headless", "--passphrase-fd", "3", "--port", "4711"]
    assert main([*argv, "--interface", "127.0.0.1", "--interface", "::1"], start) == 7
    assert main(["--profile", str(tmp_path)], start) == 7
    assert started == [
        StartOptions(tmp_path, headless=True, passphrase_fd=3, port=4711, interfaces=("127.0.0.1", "::1")),
        StartOptions(tmp_path, headless=False),
    ]


def test_a_second_start_shows_the_window_of_the_first(run: Run, desk: Desk) -> None:
    code, out, _ = run()
    assert code == 0 and "already" in out and desk.seen == [requests.ShowWindow()]
    code, _, _ = run("--headless")
    assert code == Code.REFUSED and desk.seen == [requests.ShowWindow()]


def test_further_commands_parse_their_own_arguments() -> None:
    seen = []
    code = main(["demo", "--headless", "--json"], no_start, {"demo": lambda argv: seen.append(argv) or 5})
    assert code == 5 and seen == [["--headless", "--json"]]


# --- language, help, texts ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("environment", "language"),
    [
        ({"LANG": "de_DE.UTF-8"}, "de"),
        ({"LANG": "de_AT"}, "de"),
        ({"LC_ALL": "en_GB.UTF-8", "LANG": "de_DE.UTF-8"}, "en"),
        ({"LC_ALL": "", "LC_MESSAGES": "de_CH", "LANG": "C"}, "de"),
        ({}, "en"),
    ],
)
def test_language(environment: dict[str, str], language: str) -> None:
    assert language_of(environment, "linux") == language


@pytest.mark.parametrize("language", ["de", "en"])
@pytest.mark.parametrize("command", [None, *sorted(COMMANDS), "version", "demo"])
def test_help_is_there_in_both_languages(
    language: str, command: str | None, capsys: pytest.CaptureFixture[str]
) -> None:
    parser = make_parser(Texts(language), ["demo"])
    with pytest.raises(SystemExit) as ended:
        parser.parse_args([command, "--help"] if command else ["--help"])
    out = capsys.readouterr().out
    assert ended.value.code == 0 and ("Aufruf: " in out) == (language == "de")


def test_wrong_usage_is_told_and_ends_with_2(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LC_ALL", "de_DE.UTF-8")
    for argv in (
        ["send", "x"],
        ["nonsense"],
        ["--port", "70000"],
        ["history", "a", "--limit", "0"],
        ["group"],
    ):
        with pytest.raises(SystemExit) as ended:
            main(argv, no_start)
        assert ended.value.code == Code.USAGE
        told = capsys.readouterr()
        assert "nicht zu verstehen" in told.err and told.out == ""


def test_every_text_is_there_in_two_languages_with_the_same_placeholders() -> None:
    import string

    for key, (german, english) in {**_TEXTS, **error_text.CATALOGUE}.items():
        assert german and english, key
        fields = [
            {name for _, name, _, _ in string.Formatter().parse(text) if name} for text in (german, english)
        ]
        assert fields[0] == fields[1], key
    for kind, prefix in ((Phase, "status.phase."), (Reach, "reach.")):
        assert all(prefix + value.value in _TEXTS for value in kind)
    assert all(f"mark.{value.value}" in _TEXTS for value in Mark if value is not Mark.NONE)


def test_no_command_takes_a_secret_that_others_could_read() -> None:
    """Everybody on a machine can read the arguments of a process."""
    out = make_parser(Texts("en")).format_help()
    assert "--passphrase " not in out and "--pin" not in out

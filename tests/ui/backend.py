"""A scripted backend in memory: answers like the engine, later and on the window's thread, never inside `ask`."""

from collections.abc import Callable
from typing import Any

import msgspec
from PySide6.QtCore import QObject, QTimer, Signal

from app.core import events, requests, views
from app.core.requests import AnyRequest
from app.core.views import AnyView, Failure, Mark, MessageKind, MessageRow, Section
from crypto.ids import ContentId, ConversationId
from tests.ui import pictures, practice
from tests.ui.practice import Script, Talk

PIN = "2468"
CODE = "K7QM-4TXH-9R2B"


class ScriptedBackend(QObject):
    """`asked` records every request; `refuse` maps a request type to the failure it gets."""

    event = Signal(object)

    def __init__(self, script: Script | None = None, *, phase: views.Phase = views.Phase.READY) -> None:
        super().__init__()
        self.script = script or practice.build()
        self.asked: list[AnyRequest] = []
        self.refuse: dict[type, Failure] = {}
        self.settings: dict[str, bytes] = {"ui.language": b"de", "ui.theme": b"light"}
        self.hold = False
        self.closed = False
        self.waiting = 0
        self._held: list[Callable[[], None]] = []
        own = self.script.people["Anna Lindner"]
        ready = phase is views.Phase.READY
        self.status = views.Status(
            phase=phase, locked=False, has_pin=True, version="0.1.0",
            circle=practice.CIRCLE if ready else None, circle_name="Praxis am Musterplatz" if ready else None,
            person=own.person if ready else None, person_name=own.name if ready else None,
            role=own.role if ready else None, device=own.devices[0].device if ready else None,
            device_name="Empfang 1", admin=ready, admins=2, devices=6 if ready else 1, links=4, port=47110,
        )  # fmt: skip

    # --- the protocol ---------------------------------------------------------------------------------------------

    def ask(self, request: AnyRequest, then: Callable[[AnyView], None] | None = None) -> None:
        self.asked.append(request)
        self.waiting += 1

        def answer() -> None:
            self.waiting -= 1
            if self.closed:
                return
            failure = self.refuse.get(type(request))
            view = failure if failure is not None else self._answer(request)
            if then is not None:
                then(view)

        if self.hold:
            self._held.append(answer)
        else:
            QTimer.singleShot(0, self, answer)

    def release(self) -> None:
        """Answer everything that was held back."""
        self.hold = False
        held, self._held = self._held, []
        for answer in held:
            answer()

    def count(self, kind: type) -> int:
        return sum(isinstance(request, kind) for request in self.asked)

    def last(self, kind: type) -> Any:
        return next(request for request in reversed(self.asked) if isinstance(request, kind))

    def _answer(self, request: AnyRequest) -> AnyView:
        handler = getattr(self, "_on_" + type(request).__name__, None)
        return views.Done() if handler is None else handler(request)

    def change(self, **values: object) -> None:
        self.status = msgspec.structs.replace(self.status, **values)
        self.event.emit(events.StatusChanged(status=self.status))

    # --- profile --------------------------------------------------------------------------------------------------

    def _on_GetStatus(self, _: requests.GetStatus) -> AnyView:
        return self.status

    def _on_FoundCircle(self, request: requests.FoundCircle) -> AnyView:
        self._become(request.circle_name, request.person_name, request.role, request.device_name)
        return views.Founded(circle=practice.CIRCLE, recovery_code="H4KQ-7M2X-9RTB-W3CE-5NYA-8GDP-6JSV-1FZU")

    def _become(self, circle: str, person: str, role: str, device: str) -> None:
        own = self.script.people["Anna Lindner"]
        self.status = msgspec.structs.replace(
            self.status, phase=views.Phase.READY, circle=practice.CIRCLE, circle_name=circle, person=own.person,
            person_name=person, role=role, device_name=device, admin=True,
        )  # fmt: skip

    def joined(self) -> None:
        """The far side admitted this device."""
        join = self.last(requests.Join)
        self._become("Praxis am Musterplatz", join.person_name, join.role, join.device_name)
        self.event.emit(events.Joined(circle_name="Praxis am Musterplatz"))

    def _on_StartSearching(self, _: requests.StartSearching) -> AnyView:
        QTimer.singleShot(0, self, self._seen_practice)
        return views.Done()

    def _seen_practice(self) -> None:
        self.event.emit(events.PracticeSeen(key="a1", name="Praxis am Musterplatz"))

    def _on_OpenProfile(self, request: requests.OpenProfile) -> AnyView:
        if request.passphrase != "korrektes Pferd":
            return Failure(code="wrong_passphrase")
        self.change(phase=views.Phase.READY)
        return views.Done()

    def _on_OpenPairing(self, _: requests.OpenPairing) -> AnyView:
        from app.ui import words

        return views.PairingOpened(
            code=CODE, valid_until_ms=words.now_ms() + 300_000, tries_left=3,
            addresses=("192.168.1.20:47110", "[fd00::1a2b]:47110"),
        )  # fmt: skip

    def _on_Lock(self, _: requests.Lock) -> AnyView:
        self.change(locked=True, unread=sum(talk.unread for talk in self.script.talks))
        return views.Done()

    def _on_Unlock(self, request: requests.Unlock) -> AnyView:
        if request.pin != PIN:
            return Failure(code="wrong_pin", detail={"tries_left": 4})
        self.change(locked=False)
        return views.Done()

    # --- people ---------------------------------------------------------------------------------------------------

    def _on_ListPeople(self, _: requests.ListPeople) -> AnyView:
        return views.People(rows=tuple(self.script.people.values()))

    def _on_SafetyNumber(self, request: requests.SafetyNumber) -> AnyView:
        digits = str(int.from_bytes(request.device, "big"))[:60].rjust(60, "7")
        return views.SafetyNumberView(device=request.device, digits=digits)

    # --- conversations ---------------------------------------------------------------------------------------------

    def talk(self, title: str) -> Talk:
        return next(talk for talk in self.script.talks if talk.title == title)

    def _talk(self, conversation: ConversationId) -> Talk:
        return next(talk for talk in self.script.talks if talk.conversation == conversation)

    def _message(self, message: ContentId) -> tuple[Talk, int]:
        for talk in self.script.talks:
            for place, row in enumerate(talk.messages):
                if row.message == message:
                    return talk, place
        raise KeyError(message)

    def row(self, talk: Talk) -> views.ConversationRow:
        by_id = {row.person: row for row in self.script.people.values()}
        other = by_id.get(talk.person) if talk.person is not None else None
        last = talk.messages[-1] if talk.messages else None
        group = talk.section is Section.GROUP
        author = None
        if last is not None and group and not last.own and last.author_name:
            author = last.author_name.removeprefix("Dr. ").split()[0]
        return views.ConversationRow(
            conversation=talk.conversation, section=talk.section, title=talk.title, person=talk.person,
            avatar=other.avatar if other else 0, reach=other.reach if other else views.Reach.OFFLINE,
            role=other.role if other else None, preview=last.text if last else "", preview_author=author,
            preview_kind=last.kind if last else None, preview_own=bool(last and last.own and not last.notice),
            preview_mark=last.mark if last else Mark.NONE, last_ms=last.sent_ms if last else None,
            unread=talk.unread, draft=talk.draft, external=talk.section is Section.EXTERNAL, left=talk.left,
            revoked=bool(other and other.revoked), members=len(talk.members),
        )  # fmt: skip

    def _on_ListConversations(self, _: requests.ListConversations) -> AnyView:
        rows = tuple(self.row(talk) for talk in self.script.talks)
        return views.Conversations(rows=rows, unread=sum(row.unread for row in rows))

    def _on_OpenDirect(self, request: requests.OpenDirect) -> AnyView:
        return self.row(next(talk for talk in self.script.talks if talk.person == request.person))

    def _on_CreateGroup(self, request: requests.CreateGroup) -> AnyView:
        names = [row.name or "" for row in self.script.people.values() if row.person in request.members]
        talk = self.script.talk(request.title, Section.GROUP, names)
        self.event.emit(events.ConversationsChanged())
        return self.row(talk)

    def _on_GetConversation(self, request: requests.GetConversation) -> AnyView:
        talk = self._talk(request.conversation)
        by_id = {row.person: row for row in self.script.people.values()}
        members = tuple(
            views.Member(
                person=one, name=by_id[one].name, role=by_id[one].role, avatar=by_id[one].avatar,
                own=by_id[one].own, admin=one in talk.admins, reach=by_id[one].reach,
            )
            for one in talk.members
        )  # fmt: skip
        photos = [row for row in reversed(talk.messages[-5_000:]) if row.photo is not None]
        return views.ConversationDetails(
            conversation=talk.conversation, section=talk.section, title=talk.title, members=members,
            own_admin=True, photo_count=len(photos),
            photos=tuple(
                views.PhotoRef(message=row.message, thumbnail=row.photo.thumbnail, sent_ms=row.sent_ms)
                for row in photos[:12]
                if row.photo
            ),
        )  # fmt: skip

    def _on_LoadTimeline(self, request: requests.LoadTimeline) -> AnyView:
        talk = self._talk(request.conversation)
        rows, count = talk.messages, len(talk.messages)
        if request.anchor is None:
            low, high = max(0, count - request.before), count
        else:
            place = next((at for at, row in enumerate(rows) if row.message == request.anchor), count)
            low, high = max(0, place - request.before), min(count, place + 1 + request.after)
        unread = [row for row in rows if not row.own][-talk.unread :] if talk.unread else []
        return views.TimelinePage(
            conversation=talk.conversation, rows=tuple(rows[low:high]), has_older=low > 0, has_newer=high < count,
            first_unread=unread[0].message if unread else None, unread=talk.unread,
        )  # fmt: skip

    def _on_SearchMessages(self, request: requests.SearchMessages) -> AnyView:
        hits = []
        needle = request.text.casefold()
        for talk in self.script.talks:
            if request.conversation is not None and talk.conversation != request.conversation:
                continue
            for row in reversed(talk.messages):
                at = row.text.casefold().find(needle)
                if at >= 0 and len(hits) < request.limit:
                    end = at + len(needle)
                    hits.append(
                        views.SearchHit(
                            message=row.message, conversation=talk.conversation, title=talk.title,
                            author_name=row.author_name, sent_ms=row.sent_ms, kind=row.kind,
                            snippet=(row.text[max(0, at - 18) : at], row.text[at:end], row.text[end : end + 60]),
                        )
                    )  # fmt: skip
        return views.SearchHits(hits=tuple(hits), more=False)

    def _on_MarkRead(self, request: requests.MarkRead) -> AnyView:
        talk = self._talk(request.conversation)
        if talk.unread and (request.up_to is None or request.up_to == talk.messages[-1].message):
            talk.unread = 0
            self.event.emit(events.ConversationsChanged(conversations=(talk.conversation,)))
        return views.Done()

    def _on_SaveDraft(self, request: requests.SaveDraft) -> AnyView:
        self._talk(request.conversation).draft = request.text
        self.event.emit(events.ConversationsChanged(conversations=(request.conversation,)))
        return views.Done()

    # --- messages ---------------------------------------------------------------------------------------------------

    def arrive(self, talk: Talk, who: str, text: str, **more: object) -> MessageRow:
        """A colleague's message comes in."""
        last = talk.messages[-1].sent_ms + 1000 if talk.messages else practice.NOW_MS
        row = self.script.say(talk, who, last, text, **more)
        talk.unread += 1
        self.event.emit(events.MessageStored(conversation=talk.conversation, message=row.message, own=False))
        self.event.emit(
            events.MessageArrived(
                conversation=talk.conversation, message=row.message, title=talk.title, author_name=row.author_name,
                text=text, kind=row.kind,
            )
        )  # fmt: skip
        return row

    def _sent(self, conversation: ConversationId, text: str, **more: object) -> AnyView:
        from app.ui import words

        talk = self._talk(conversation)
        row = self.script.say(talk, "Anna Lindner", words.now_ms(), text, mark=Mark.WAITING, **more)
        talk.unread = 0
        self.event.emit(events.MessageStored(conversation=conversation, message=row.message, own=True))
        return views.Sent(message=row.message, conversation=conversation)

    def _on_SendText(self, request: requests.SendText) -> AnyView:
        quote = None
        if request.reply_to is not None:
            talk, place = self._message(request.reply_to)
            quote = practice.quote(talk.messages[place])
        return self._sent(request.conversation, request.text, quote=quote)

    def _on_SendPhoto(self, request: requests.SendPhoto) -> AnyView:
        return self._sent(
            request.conversation, request.caption, kind=MessageKind.PHOTO, photo=self.script.photo()
        )

    def _on_GetDelivery(self, request: requests.GetDelivery) -> AnyView:
        names = (("Dr. Karin Weber", Mark.ALL, 2, 2), ("Tarik Sahin", Mark.SOME, 1, 2),
                 ("Dr. Paul Brandt", Mark.COURIER, 0, 1))  # fmt: skip
        rows = tuple(
            views.DeliveryRow(
                person=self.script.people[name].person, name=name, avatar=self.script.people[name].avatar,
                mark=mark, devices_total=total, devices_reached=reached,
                at_ms=practice.at(0, "09:36") if reached else None, reason=None,
            )
            for name, mark, reached, total in names
        )  # fmt: skip
        return views.Delivery(message=request.message, rows=rows)

    def mark(self, row: MessageRow, mark: Mark) -> None:
        """A delivery state changes."""
        talk, place = self._message(row.message)
        talk.messages[place] = msgspec.structs.replace(talk.messages[place], mark=mark)
        self.event.emit(events.MessagesChanged(conversation=talk.conversation, messages=(row.message,)))

    def _on_DiscardMessage(self, request: requests.DiscardMessage) -> AnyView:
        talk, place = self._message(request.message)
        del talk.messages[place]
        self.event.emit(events.TimelineChanged(conversation=talk.conversation))
        return views.Done()

    def _on_LoadPhoto(self, request: requests.LoadPhoto) -> AnyView:
        talk, place = self._message(request.message)
        photo = talk.messages[place].photo
        if photo is None or photo.blob.state is not views.TransferState.COMPLETE:
            return Failure(code="not_here_yet")
        return views.PhotoData(
            message=request.message, data=pictures.jpeg(pictures.wound()), media_type="image/jpeg"
        )

    def _on_SaveFile(self, request: requests.SaveFile) -> AnyView:
        return views.Saved(path=request.path)

    # --- settings -----------------------------------------------------------------------------------------------------

    def _on_GetSettings(self, request: requests.GetSettings) -> AnyView:
        return views.Settings(
            values={key: value for key, value in self.settings.items() if key.startswith(request.prefix)}
        )

    def _on_PutSetting(self, request: requests.PutSetting) -> AnyView:
        if request.value is None:
            self.settings.pop(request.key, None)
        else:
            self.settings[request.key] = request.value
        return views.Done()

"""From an input to its handler. What a peer sends is judged here: one bad frame costs it the link."""

import logging

from app.core import (
    actions,
    conversations,
    delivery,
    founding,
    group_actions,
    hello,
    membership,
    people,
    queries,
    reach,
    receive,
    requests,
    rosters,
    transfers,
    views,
)
from app.core import wire as w
from app.core.handled import QUERIES
from app.core.refused import Refused
from app.core.views import AnyView
from app.core.wire import CloseCode
from app.core.work import Link, Work
from crypto.errors import DecodeError
from crypto.ids import BlobId, DeviceId, EnvelopeId
from transport.base import ALPN_MAIN, ALPN_ROSTER
from transport.events import DialFailed, DownReason, LinkDown, LinkId, LinkUp

log = logging.getLogger(__name__)


# --- requests -----------------------------------------------------------------------------------------


def request(work: Work, asked: requests.Request) -> AnyView:
    """Raises `Refused`."""
    match asked:
        case requests.GetStatus():
            return people.status(work)
        case requests.FoundCircle():
            return founding.found(work, asked)
        case requests.PutSetting():
            return actions.put_setting(work, asked)
        case requests.GetSettings() if work.cache.directory is None:
            found = work.tx.values.all(f"setting/{asked.prefix}")
            return views.Settings(values={key[len("setting/") :]: value for key, value in found.items()})
    if type(asked) in QUERIES and work.cache.directory is not None:  # the history of a revoked device stays
        return queries.answer(work.tx, people.snapshot(work), asked)
    people.ready(work)
    return _about_messages(work, asked)


def _about_messages(work: Work, asked: requests.Request) -> AnyView:
    match asked:
        case requests.SendText():
            return actions.send_text(work, asked)
        case requests.MarkRead():
            return actions.mark_read(work, asked)
        case requests.SaveDraft():
            return actions.save_draft(work, asked)
        case requests.RetryMessage():
            return actions.retry(work, asked)
        case requests.DiscardMessage():
            return actions.discard(work, asked)
        case requests.FetchBlob():
            return actions.fetch_blob(work, asked)
        case requests.CancelTransfer():
            return actions.cancel_transfer(work, asked)
        case requests.OpenDirect():
            return _open_direct(work, asked)
        case _:
            return _about_people(work, asked)


def _open_direct(work: Work, asked: requests.OpenDirect) -> AnyView:
    entry = work.directory.persons.get(asked.person)
    if entry is None or asked.person == work.person:
        raise Refused("unknown_person")
    record = conversations.ensure_direct(work, entry.circle, asked.person)
    return queries.conversation_row(work.tx, people.snapshot(work), record)


def _about_people(work: Work, asked: requests.Request) -> AnyView:
    match asked:
        case requests.RevokeDevice():
            return membership.revoke_device(work, asked)
        case requests.RevokePerson():
            return membership.revoke_person(work, asked)
        case requests.SetRole():
            return membership.set_role(work, asked)
        case requests.RenamePerson():
            return membership.rename_person(work, asked)
        case requests.MarkVerified():
            return membership.mark_verified(work, asked)
        case requests.CreateGroup():
            return group_actions.create(work, asked)
        case requests.AddGroupMembers():
            return group_actions.add(work, asked)
        case requests.RemoveGroupMember():
            return group_actions.remove(work, asked)
        case requests.LeaveGroup():
            return group_actions.leave(work, asked)
        case requests.RenameGroup():
            return group_actions.rename(work, asked)
        case _:
            raise TypeError(f"not the core's: {type(asked).__name__}")


# --- links --------------------------------------------------------------------------------------------


def link_up(work: Work, up: LinkUp) -> None:
    """A link of one of the two protocols that the core speaks."""
    if up.alpn == ALPN_MAIN:
        hello.on_up(work, up)
    elif up.alpn == ALPN_ROSTER:
        rosters.on_roster_link(work, up)


def link_down(work: Work, down: LinkDown) -> None:
    """What was on its way there goes to the next link, or stays in the store."""
    link = work.state.links.get(down.link)
    if link is None:
        return
    work.forget(link)
    transfers.advance(work)


def dial_failed(work: Work, failed: DialFailed) -> None:
    """A refused main dial: the other side may not know us yet."""
    if failed.alpn == ALPN_MAIN and failed.reason is DownReason.REFUSED:
        reach.dial_refused(work, DeviceId(failed.peer), failed.addresses)


def send_ready(work: Work, link_id: LinkId) -> None:
    """Room again in a link's queue."""
    link = work.state.links.get(link_id)
    if link is not None:
        delivery.pump(work, link)


def bulk(work: Work, link_id: LinkId, payload: bytes) -> None:
    """A chunk; only greeted main links carry them."""
    link = work.state.links.get(link_id)
    if link is None:
        return
    if not link.greeted:
        work.close(link, CloseCode.PROTOCOL)
    elif not people.is_closed_out(work, link):
        transfers.on_chunk(work, link, payload)


def bulk_done(work: Work, link_id: LinkId, token: int) -> None:
    """A chunk of ours is over there."""
    link = work.state.links.get(link_id)
    if link is not None:
        transfers.on_sent(work, link, token)


# --- frames -------------------------------------------------------------------------------------------


def frame(work: Work, link_id: LinkId, data: bytes) -> None:
    """One control frame. Frames of a link that is gone mean nothing."""
    link = work.state.links.get(link_id)
    if link is None:
        return
    try:
        parsed = w.decode_frame(data)
    except DecodeError:
        log.warning("bad frame of %d bytes from %s", len(data), link.peer[:4].hex())
        work.close(link, CloseCode.PROTOCOL)
        return
    if link.alpn == ALPN_ROSTER:
        rosters.on_roster_frame(work, link, parsed, len(data))
    elif isinstance(parsed, w.Hello):
        hello.on_hello(work, link, parsed)
    elif isinstance(parsed, w.Goodbye):
        rosters.on_goodbye(work, link, parsed)
    elif isinstance(parsed, w.RosterGive):
        rosters.on_give(work, link, parsed)
    elif not link.greeted:
        work.close(link, CloseCode.PROTOCOL)
    elif not people.is_closed_out(work, link):
        _greeted(work, link, parsed)


def _greeted(work: Work, link: Link, parsed: w.AnyFrame) -> None:
    match parsed:
        case w.EnvelopeFrame():
            receive.on_envelope(work, link, parsed)
        case w.Ack():
            delivery.acknowledged(work, link, (EnvelopeId(one) for one in parsed.envelopes))
        case w.Nack():
            delivery.refused(work, link, EnvelopeId(parsed.envelope))
        case w.BlobWant():
            transfers.on_want(work, link, parsed)
        case w.BlobAbsent():
            transfers.on_absent(work, link, BlobId(parsed.blob))
        case w.BlobStop():
            transfers.on_stop(work, link, BlobId(parsed.blob))
        case w.RosterHeads():
            rosters.on_heads(work, link, parsed.circle)
        case w.RosterWant():
            rosters.on_want(work, link, parsed)
        case w.BundleHeads():
            hello.on_bundle_heads(work, link, parsed)
        case w.BundleGive():
            hello.on_bundles(work, link, parsed)
        case w.Gossip():
            reach.on_gossip(work, link, parsed)
        case _:
            work.close(link, CloseCode.PROTOCOL)

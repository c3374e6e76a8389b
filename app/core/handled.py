"""Which requests the core answers, and which of them only read."""

from typing import Final

from app.core import requests

HANDLED: Final[frozenset[type[requests.Request]]] = frozenset(
    {
        requests.GetStatus, requests.FoundCircle, requests.ListPeople, requests.RevokeDevice,
        requests.RevokePerson, requests.SetRole, requests.RenamePerson, requests.SafetyNumber,
        requests.MarkVerified,
        requests.ListConversations, requests.OpenDirect, requests.CreateGroup, requests.AddGroupMembers,
        requests.RemoveGroupMember, requests.LeaveGroup, requests.RenameGroup, requests.GetConversation,
        requests.LoadTimeline, requests.SearchMessages, requests.MarkRead, requests.SaveDraft,
        requests.SendText, requests.RetryMessage, requests.DiscardMessage, requests.GetDelivery,
        requests.FetchBlob,
        requests.CancelTransfer, requests.GetSettings, requests.PutSetting,
    }
)  # fmt: skip
"""What `Messenger.request` answers. The rest is the engine's: lock, pairing, photos, files, window."""

QUERIES: Final[frozenset[type[requests.Request]]] = frozenset(
    {
        requests.ListPeople, requests.SafetyNumber, requests.ListConversations, requests.GetConversation,
        requests.LoadTimeline, requests.SearchMessages, requests.GetDelivery, requests.GetSettings,
    }
)  # fmt: skip
"""Those of them that only read: `queries.answer(tx, people, request)` runs them on a read transaction, on any
thread, with the frozen `Messenger.directory()`."""

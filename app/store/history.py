"""The history port put together from its four parts."""

from app.store.access import Access
from app.store.conversations import StoredConversations
from app.store.deliveries import StoredDeliveries
from app.store.messages import StoredMessages
from app.store.search import StoredSearch


class StoredHistory(StoredConversations, StoredMessages, StoredDeliveries, StoredSearch):
    """Implements `ports.History`."""

    def __init__(self, access: Access) -> None:
        StoredMessages.__init__(self, access)  # the other three only keep `access`, as this one does

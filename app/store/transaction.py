"""One open transaction as typed ports by subject."""

from app.store.access import Access
from app.store.addresses import StoredAddresses
from app.store.blobs import StoredBlobs
from app.store.history import StoredHistory
from app.store.queues import StoredQueues
from app.store.sessions import StoredSessions
from app.store.statements import StoredSecrets, StoredStatements
from app.store.values import StoredValues


class StoreTransaction:
    """Implements `ports.Transaction`. Usable between begin and end of its `with` block only."""

    def __init__(self, access: Access) -> None:
        self.values = StoredValues(access)
        self.statements = StoredStatements(access)
        self.secrets = StoredSecrets(access)
        self.sessions = StoredSessions(access)
        self.history = StoredHistory(access)
        self.queues = StoredQueues(access)
        self.blobs = StoredBlobs(access)
        self.addresses = StoredAddresses(access)

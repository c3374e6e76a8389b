"""Typed identifiers (protocol sections 1, 5, 6, 11). All are raw bytes of a fixed length."""

from typing import Final, NewType

DeviceId = NewType("DeviceId", bytes)
"""32 bytes: SHA-256(DIK || IK)."""
PersonId = NewType("PersonId", bytes)
"""16 random bytes; a human or a role inbox."""
CircleId = NewType("CircleId", bytes)
"""32 bytes: hash of the circle's `found` statement."""
GroupId = NewType("GroupId", bytes)
"""32 bytes: hash of the group's `create` statement."""
StatementHash = NewType("StatementHash", bytes)
"""32 bytes."""
ConversationId = NewType("ConversationId", bytes)
"""32 bytes: derived for a direct conversation, the GroupId for a group."""
ContentId = NewType("ContentId", bytes)
"""32 bytes: SHA-256 under the label PX1/content of the content bytes (section 11.7)."""
EnvelopeId = NewType("EnvelopeId", bytes)
"""16 bytes: SHA-256(ciphertext)[:16] (section 11.8)."""
SessionId = NewType("SessionId", bytes)
"""32 bytes, from the handshake."""
BlobId = NewType("BlobId", bytes)
"""32 bytes: hash of the list of chunk hashes (section 6)."""

DEVICE_ID_BYTES: Final = 32
PERSON_ID_BYTES: Final = 16
HASH_BYTES: Final = 32
ENVELOPE_ID_BYTES: Final = 16

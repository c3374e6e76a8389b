"""Every bound of the messenger core in one place. What a peer can fill has a limit here."""

from typing import Final

from crypto.prekeys import USABLE_S

MINUTE_MS: Final = 60_000
HOUR_MS: Final = 60 * MINUTE_MS
DAY_MS: Final = 24 * HOUR_MS

# --- what people type -------------------------------------------------------------------------------

MAX_TEXT_CHARS: Final = 20_000
MAX_CAPTION_CHARS: Final = 2_000
MAX_NAME_CHARS: Final = 80
MAX_TITLE_CHARS: Final = 80
MAX_DRAFT_CHARS: Final = 20_000
MAX_GROUP_MEMBERS: Final = 200
MAX_PAGE_ROWS: Final = 500
MAX_SEARCH_HITS: Final = 200
MAX_SETTING_BYTES: Final = 64 << 10

# --- content ------------------------------------------------------------------------------------------

MAX_CONTENT_BYTES: Final = 256 << 10
MAX_THUMBNAIL_BYTES: Final = 64 << 10
MAX_FILE_BYTES: Final = 100 << 20
MAX_FILE_NAME_CHARS: Final = 255
MAX_CHUNKS: Final = 512
"""Chunks of one blob: 128 MiB at 256 KiB each, above the largest file and its authentication tags."""
MAX_SEEN: Final = 16
"""Messages that a content names as seen."""
MAX_HEADS: Final = 64
MAX_RECEIPT_IDS: Final = 256
CLOCK_AHEAD_MS: Final = 5 * MINUTE_MS
"""A sender's time counts at most this far ahead of arrival (protocol 10.9)."""
MAX_REORDER_STEPS: Final = 2_000
"""Messages whose place is computed anew when one reference arrives."""

# --- delivery -------------------------------------------------------------------------------------------

ROW_LIFE_MS: Final = 90 * DAY_MS
"""An outbox row ends as "not delivered" (protocol 11.8)."""
ENVELOPE_MEMORY_MS: Final = 60 * DAY_MS
MAX_IN_FLIGHT: Final = 64
"""Envelopes on one link without an acknowledgement."""
MAX_IN_FLIGHT_BYTES: Final = 1 << 20
RESEND_AFTER_MS: Final = 20_000
"""A live link that did not acknowledge for so long gets the same bytes again."""
MAX_HELD: Final = 64
"""Envelopes of unknown senders (protocol 11.5)."""
MAX_UNPLACED: Final = 512
"""Decrypted contents whose author's rights or group are not known yet."""
RESET_EVERY_MS: Final = HOUR_MS
"""At most one new session per peer and hour because of a nack."""
MAX_ABANDONED: Final = 900
"""Rows of one session that ended undelivered before it is replaced (protocol 11.8)."""
MAX_DUE_RECEIPTS: Final = 4_096
"""Messages of one device whose read receipt has not left."""

# --- sessions -------------------------------------------------------------------------------------------

PREKEY_ROTATE_MS: Final = 7 * DAY_MS
PREKEY_KEEP_MS: Final = 45 * DAY_MS
"""A prekey secret's life after its replacement was published (protocol 11.6), at least."""
PREKEY_LIFE_MS: Final = USABLE_S * 1000 + 7 * DAY_MS
"""A prekey secret outlives every bundle that others may still start with: 60 days and a week on the way."""
LOSER_LIFE_MS: Final = 45 * DAY_MS
"""A session that lost the race only receives, for so long (protocol 11.4)."""
MAX_SESSIONS_PER_PEER: Final = 8
MAX_ONETIME: Final = 8
"""One-time prekeys of one contact kept unused."""
MAX_INC_JUMP: Final = 1 << 32

# --- frames ---------------------------------------------------------------------------------------------

MAX_CIRCLES: Final = 16
MAX_GIVE_STATEMENTS: Final = 64
MAX_GIVE_BYTES: Final = 128 << 10
"""One encoded frame of statements and openings: below what a frame of either protocol may have."""
MAX_STATEMENT_BYTES: Final = 8 << 10
"""One statement on the wire with its signatures; the signed bytes alone are at most 4 KiB."""
MAX_OPENINGS: Final = 256
MAX_OPENING_CHARS: Final = 512
MAX_BUNDLES: Final = 64
MAX_BUNDLE_BYTES: Final = 8 << 10
MAX_BUNDLE_HEADS: Final = 2_048
MAX_ACKS: Final = 256
MAX_RANGES: Final = 256
MAX_GOSSIP: Final = 64
MAX_ROSTER_LINK_BYTES: Final = 256 << 10
"""What a device unknown here may give on `ALPN_ROSTER` (protocol 11.3)."""
MAX_HANDOVER_BYTES: Final = 64 << 20
"""What a newcomer takes from the admin who proved the code: any roster that its own limits allow fits (48 MB)."""

# --- transfers --------------------------------------------------------------------------------------------

MAX_CHUNKS_IN_FLIGHT: Final = 8
"""Chunks of all blobs on one link, per direction."""
MAX_WANTS_PER_LINK: Final = 16
"""Blobs that one peer may have asked for and not got yet."""
MAX_FETCHES_PER_LINK: Final = 4
"""Blobs that we ask one peer for at once."""
FETCH_STALL_MS: Final = 30_000

# --- people and network -----------------------------------------------------------------------------------

AWAY_MS: Final = MINUTE_MS
MAX_ADDRESSES: Final = 16
SECRET_LIFE_MS: Final = 400 * DAY_MS
"""Old circle secrets are recognised for so long (protocol 11.13)."""
ROTATE_AFTER_MS: Final = DAY_MS
HOUSEKEEPING_MS: Final = HOUR_MS
MAX_SIGHTINGS: Final = 256
"""mDNS instances remembered at once."""

"""Schema 1.

Notes that hold for all tables:
- STRICT everywhere; fixed-length ids carry a length check, so a swapped column is refused by the schema.
- `ident` gives devices, persons and conversations small numbers: a message row is 80 bytes smaller for it.
- Messages refer to each other by content id, since a reference may arrive before what it names.
- `search.words` holds the folded words, `search.stems` only those stems that differ from their word,
  `search.place` the conversation as one token. The original text is only in `message`.
"""

import apsw

_SCHEMA = """
create table value (
    key text primary key check (length(key) between 1 and 200),
    value blob not null
) strict, without rowid;

create table counter (name text primary key, value integer not null) strict, without rowid;
insert into counter values ('outbox', 0), ('erasure_asked', 0), ('erasure_done', 0);

create table ident (n integer primary key, id blob not null unique) strict;

-- statements ------------------------------------------------------------------------------------------

create table statement (
    n integer primary key,
    hash blob not null unique check (length(hash) = 32),
    chain blob not null check (length(chain) = 32),
    raw blob not null,
    signatures blob not null,
    lamport integer not null
) strict;
create index statement_chain on statement (chain, n);

create table pending_statement (
    hash blob primary key check (length(hash) = 32),
    chain blob not null check (length(chain) = 32),
    wire blob not null,
    received_ms integer not null
) strict;
create index pending_chain on pending_statement (chain);

create table opening (
    commitment blob primary key check (length(commitment) = 32),
    salt blob not null check (length(salt) = 16),
    value text not null
) strict;

create table circle_secret (
    circle blob not null check (length(circle) = 32),
    epoch blob not null check (length(epoch) = 32),
    secret blob not null,
    lamport integer not null,
    received_ms integer not null,
    primary key (circle, epoch)
) strict, without rowid;

-- sessions ----------------------------------------------------------------------------------------------

create table bundle (
    device blob primary key check (length(device) = 32),
    inc integer not null,
    version integer not null,
    raw blob not null
) strict;

create table prekey (
    n integer primary key,
    prekey_id blob not null unique,
    kind text not null check (kind in ('signed', 'kem', 'onetime')),
    secret blob not null,
    created_ms integer not null,
    replaced_ms integer,
    contact blob
) strict;
create index prekey_kind on prekey (kind, created_ms);

create table session (
    n integer primary key,
    session blob not null unique check (length(session) = 32),
    peer blob not null check (length(peer) = 32),
    rank blob not null,
    gen integer not null,
    created_ms integer not null,
    used_ms integer not null,
    sending integer not null check (sending in (0, 1)),
    state blob not null
) strict;
create index session_peer on session (peer, rank);

create table skipped_key (
    n integer primary key autoincrement,
    session blob not null check (length(session) = 32),
    chain blob not null,
    number integer not null,
    key blob not null,
    created_ms integer not null,
    unique (session, chain, number)
) strict;

create table initial (
    header_hash blob primary key check (length(header_hash) = 32),
    session blob not null check (length(session) = 32),
    prekey_id blob not null
) strict, without rowid;
create index initial_prekey on initial (prekey_id);

-- history -----------------------------------------------------------------------------------------------

create table conversation (
    place integer primary key references ident (n),
    circle blob not null check (length(circle) = 32),
    kind text not null check (kind in ('direct', 'group')),
    peer integer references ident (n),
    title text not null,
    created_ms integer not null,
    last_order integer not null,
    last_message blob,
    unread integer not null,
    read_order integer not null,
    draft text not null,
    left integer not null check (left in (0, 1))
) strict;

create table message (
    n integer primary key,
    message blob not null unique check (length(message) = 32),
    place integer not null references ident (n),
    ord integer not null,
    kind text not null,
    author_person integer not null references ident (n),
    author_device integer not null references ident (n),
    own integer not null check (own in (0, 1)),
    state text not null check (state in ('live', 'failed', 'discarded', 'withheld')),
    sent_ms integer not null,
    received_ms integer not null,
    blob blob check (length(blob) = 32),
    reply_to blob check (length(reply_to) = 32),
    text text not null,
    raw blob not null
) strict;
create index message_order on message (place, ord, message);
create index message_kind on message (place, kind, ord);
create index message_blob on message (blob) where blob is not null;
create index message_reply on message (reply_to) where reply_to is not null;

create table reference (
    refers_to blob not null check (length(refers_to) = 32),
    message integer not null references message (n),
    primary key (refers_to, message)
) strict, without rowid;
create index reference_message on reference (message);

create table delivery (
    message integer not null references message (n),
    device integer not null references ident (n),
    person integer not null references ident (n),
    state text not null check (state in ('waiting', 'courier', 'delivered', 'read', 'failed')),
    at_ms integer not null,
    reason text,
    primary key (message, device)
) strict, without rowid;
create index delivery_open on delivery (person, message) where state not in ('delivered', 'read');

create virtual table search using fts5 (
    words, stems, place,
    tokenize = 'ascii', detail = column, columnsize = 0, prefix = '1 2 3'
);
insert into search (search, rank) values ('secure-delete', 1);

-- queues --------------------------------------------------------------------------------------------------

create table content (
    content blob primary key check (length(content) = 32),
    raw blob not null,
    created_ms integer not null
) strict;

create table outbox (
    number integer primary key,
    envelope blob not null unique check (length(envelope) = 16),
    content blob not null check (length(content) = 32),
    device blob not null check (length(device) = 32),
    session blob not null check (length(session) = 32),
    kind text not null check (kind in ('message', 'receipt', 'control')),
    created_ms integer not null,
    tries integer not null,
    next_ms integer not null,
    wire blob not null
) strict;
create index outbox_device on outbox (device, number);
create index outbox_content on outbox (content, kind);

create table seen_envelope (
    envelope blob primary key check (length(envelope) = 16),
    seen_ms integer not null
) strict, without rowid;
create index seen_when on seen_envelope (seen_ms);

create table held (
    n integer primary key,
    envelope blob not null unique check (length(envelope) = 16),
    peer blob not null check (length(peer) = 32),
    wire blob not null,
    received_ms integer not null
) strict;

-- blobs -----------------------------------------------------------------------------------------------------

-- AUTOINCREMENT: the number of a deleted blob must not come back while its chunks wait for deletion.
create table blob (
    n integer primary key autoincrement,
    blob blob not null unique check (length(blob) = 32),
    size_bytes integer not null,
    key blob not null,
    have integer not null,
    state text not null check (state in ('absent', 'wanted', 'complete', 'paused', 'broken')),
    created_ms integer not null
) strict;
create index blob_wanted on blob (created_ms) where state = 'wanted';

create table blob_hashes (
    blob integer primary key references blob (n),
    hashes blob not null check (length(hashes) % 32 = 0)
) strict;

-- id = number of the blob * 2^20 + chunk index
create table chunk (id integer primary key, data blob not null) strict;

create table deletion (blob integer primary key) strict;

-- addresses -------------------------------------------------------------------------------------------------

create table address (
    device blob not null check (length(device) = 32),
    host text not null,
    port integer not null check (port between 0 and 65535),
    scope_id integer not null,
    source text not null check (source in ('worked', 'mdns', 'gossip', 'policy', 'typed')),
    seen_ms integer not null,
    primary key (device, host, port, scope_id)
) strict, without rowid;
"""


def apply(connection: apsw.Connection) -> None:
    """Create everything."""
    connection.execute(_SCHEMA)

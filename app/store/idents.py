"""Small numbers for long ids (devices, persons, conversations) that repeat in many rows."""

from app.store.access import Access


def number_of(access: Access, id: bytes) -> int:
    """The number of an id, given on first use."""
    found = known_number(access, id)
    if found is not None:
        return found
    return access.number("insert into ident (id) values (?) returning n", id)


def known_number(access: Access, id: bytes) -> int | None:
    """The number of an id that was stored before, else None."""
    row = access.row("select n from ident where id = ?", id)
    return row[0] if row else None

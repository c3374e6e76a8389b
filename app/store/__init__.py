"""One encrypted SQLite file per profile: `db` opens it, one file per subject queries it."""

"""The encrypted SQLite file of one profile: opening, migrations, and one file per subject of queries."""

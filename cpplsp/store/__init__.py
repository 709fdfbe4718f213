"""The index on disk: SQLite in WAL mode, written by one connection, one transaction per file."""

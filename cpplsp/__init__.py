"""cpplsp: a C and C++ language server that answers from an SQLite index and keeps a memory budget."""

__version__ = "0.1.0"

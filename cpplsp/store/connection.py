"""Where an index lies, and how it is opened: to read, or by its one writer."""

import contextlib
import errno
import fcntl
import hashlib
import importlib.resources
import os
import re
import sqlite3
import stat

from cpplsp.paths import real_path

SCHEMA_VERSION = 10
"""Raised with every change of ``schema.sql`` or of what its rows mean. An index of another version is made anew."""

_INDEX_NAME = "index.sqlite"
_LOCK_NAME = "writer.lock"
_DAMAGED = "-damaged"


class CacheError(Exception):
    """The cache cannot be used; the text says which folder, why, and what to do."""


class ReadOnlyError(CacheError):
    """There is an index, and its folder cannot be written: it is used as it is."""


class GoneError(CacheError):
    """The index was deleted while it was written; the text says which."""


class LockedError(CacheError):
    """Another process is writing this index; the text says which, as the beginning of a sentence."""


def cache_root(cache_dir: str | None) -> str:
    """The folder of all indexes: as configured, else cpplsp's folder in the user's cache directory."""
    if cache_dir:
        return os.path.abspath(os.path.expanduser(cache_dir))
    import platformdirs  # here: a reader that was given a path does not need it

    return platformdirs.user_cache_dir("cpplsp")


def index_path(root: str, cache_dir: str | None = None, compile_commands_dir: str | None = None) -> str:
    """Path of a project's index: keyed by its root and by what configures its units.

    ``root``: the project's real path. A project read through another compile database has another index.
    """
    key = real_path(root) + "\0" + (real_path(compile_commands_dir) if compile_commands_dir else "")
    name = re.sub(r"[^A-Za-z0-9._-]", "_", os.path.basename(root.rstrip("/")) or "root")[:60]
    digest = hashlib.blake2b(os.fsencode(key), digest_size=6).hexdigest()
    return os.path.join(cache_root(cache_dir), f"{name}-{digest}", _INDEX_NAME)


def open_reader(path: str) -> sqlite3.Connection:
    """A read-only connection: it sees each file's facts as soon as they are committed, never half of them.

    Raises FileNotFoundError where there is no index yet, sqlite3.DatabaseError where it cannot be read, and
    :class:`CacheError` where it is of another schema version.
    """
    if not os.path.exists(path):
        raise FileNotFoundError(path)
    try:
        connection, found = _connect_reader(path, "mode=ro")
    except sqlite3.OperationalError as error:
        if error.sqlite_errorcode & 0xFF not in _NO_LOG or os.access(os.path.dirname(path), os.W_OK):
            raise
        connection, found = _connect_frozen(path)
    try:
        if found != SCHEMA_VERSION:
            raise CacheError(
                f"{path} has schema version {found}, this cpplsp reads {SCHEMA_VERSION}: "
                "`cpplsp --index-only` makes it anew"
            )
    except BaseException:
        connection.close()
        raise
    return connection


_NO_LOG = (sqlite3.SQLITE_CANTOPEN, sqlite3.SQLITE_READONLY)
"""What SQLite says where it would have to make a file beside an index to read it, and cannot."""


def _connect_frozen(path: str) -> tuple[sqlite3.Connection, int]:
    """Read an index in a folder that cannot be written: nobody can change it, so that it needs no log and no locks."""
    if os.path.exists(path + "-wal") and os.path.getsize(path + "-wal"):
        raise CacheError(
            f"{path} cannot be read: its last writer did not close it, and its folder cannot be written. Run "
            "`cpplsp --index-only` on it where it can be, to its end, and ship it then"
        )
    return _connect_reader(path, "immutable=1")


def _connect_reader(path: str, how: str) -> tuple[sqlite3.Connection, int]:
    """A connection that cannot write, and the index's schema version."""
    connection = sqlite3.connect(f"file:{_quote(path)}?{how}", uri=True, check_same_thread=False, timeout=5)
    try:
        connection.execute("PRAGMA query_only = 1")
        return connection, connection.execute("PRAGMA user_version").fetchone()[0]
    except BaseException:
        connection.close()
        raise


def _quote(path: str) -> str:
    return path.replace("%", "%25").replace("?", "%3f").replace("#", "%23")


def file_identity(path: str) -> tuple[int, int] | None:
    """What tells a file from another one that got its name; None where there is none."""
    try:
        found = os.stat(path)
    except OSError:
        return None
    return found.st_dev, found.st_ino


def is_damage(error: sqlite3.DatabaseError) -> bool:
    """Whether an error means that the file is no good, and not that the disk, a lock or a right is in the way."""
    if not isinstance(error, sqlite3.OperationalError):
        return True
    return getattr(error, "sqlite_errorcode", None) == sqlite3.SQLITE_ERROR  # a table is missing


def report_damage(path: str) -> None:
    """Note for the next writer that a reader found an index damaged: a writer itself reads but a part of it."""
    with contextlib.suppress(OSError):
        os.close(os.open(path + _DAMAGED, os.O_WRONLY | os.O_CREAT | os.O_CLOEXEC, 0o600))


def check_reported_damage(path: str) -> None:
    """Look at all of an index, if a reader has found it damaged. Raises sqlite3.DatabaseError if it is.

    By a connection of its own: a writer's holds good copies of bad pages.
    """
    if not os.path.exists(path + _DAMAGED):
        return
    with contextlib.closing(open_reader(path)) as connection:
        found = connection.execute("PRAGMA integrity_check(1)").fetchone()[0]
    if found != "ok":
        raise sqlite3.DatabaseError(found.splitlines()[-1])
    with contextlib.suppress(OSError):
        os.remove(path + _DAMAGED)


_READ_ONLY = (errno.EROFS, errno.EACCES, errno.EPERM)


def _read_only(directory: str, reason: str) -> ReadOnlyError:
    return ReadOnlyError(
        f"the index in {directory} cannot be written ({reason}): it is used as it is, and what changes is not indexed. "
        "Choose another folder with --cache-dir to have it followed"
    )


class WriterLock:
    """Held by the one process that writes an index, while it does; the kernel frees it when that dies, however it dies.

    Raises :class:`LockedError` when another process holds it, :class:`ReadOnlyError` where an index can be read only,
    :class:`CacheError` where it cannot be made for another reason.
    """

    def __init__(self, directory: str):
        self._path = os.path.join(directory, _LOCK_NAME)
        try:
            self._fd = os.open(self._path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        except OSError as error:
            if error.errno in _READ_ONLY and os.path.exists(os.path.join(directory, _INDEX_NAME)):
                raise _read_only(directory, os.strerror(error.errno)) from error
            raise CacheError(
                f"cannot write {self._path}: {error.strerror}. Choose another folder with --cache-dir"
            ) from error
        try:
            fcntl.flock(self._fd, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            holder = os.pread(self._fd, 32, 0).decode(errors="replace").strip()
            os.close(self._fd)
            who = f"process {holder}" if holder else "another process"
            raise LockedError(f"{who} is indexing this project") from None
        if not self.is_in_place():
            os.close(self._fd)
            raise LockedError("another process has just deleted this project's index")
        with contextlib.suppress(OSError):  # on a full disk it is held namelessly
            os.ftruncate(self._fd, 0)
            os.pwrite(self._fd, str(os.getpid()).encode(), 0)

    def is_in_place(self) -> bool:
        """Whether others that want to write meet this very lock: its file was not deleted."""
        found = os.fstat(self._fd)
        return file_identity(self._path) == (found.st_dev, found.st_ino)

    def release(self) -> None:
        """Let another process write."""
        if self._fd >= 0:
            with contextlib.suppress(OSError):
                os.ftruncate(self._fd, 0)  # else who comes next bears this name until it has written its own
            os.close(self._fd)
            self._fd = -1


def make_directory(path: str) -> str:
    """Make the folder of an index, readable by its user only. Raises CacheError."""
    directory = os.path.dirname(path)
    try:
        os.makedirs(directory, mode=0o700, exist_ok=True)
        mode = stat.S_IMODE(os.stat(directory).st_mode)
        # Other people's rights are taken away. One that its user may not write was made so on purpose.
        if mode & 0o077 and os.access(directory, os.W_OK):
            os.chmod(directory, mode & 0o700)
    except OSError as error:
        raise CacheError(
            f"cannot make the cache folder {directory}: {error.strerror}. Choose another one with --cache-dir"
        ) from error
    return directory


def open_writer(path: str) -> tuple[sqlite3.Connection, str]:
    """The writing connection, and why the index had to be made anew ('' when it was good, or is new).

    An index of another schema version, or one that SQLite cannot read, is removed: it is a cache. Raises CacheError
    when the folder cannot be written.
    """
    rebuilt = ""
    if os.path.exists(path):
        try:
            connection = _connect(path)
            found = connection.execute("PRAGMA user_version").fetchone()[0]
            if found == SCHEMA_VERSION:
                connection.execute("SELECT count(*) FROM meta").fetchone()
                return connection, ""
            connection.close()
            rebuilt = (
                f"the index had schema version {found}, this cpplsp writes {SCHEMA_VERSION}" if found else ""
            )
        except sqlite3.DatabaseError as error:
            if not is_damage(error):
                directory = os.path.dirname(path)
                if not os.access(directory, os.W_OK):
                    raise _read_only(directory, "its folder is read-only") from error
                raise CacheError(
                    f"cannot open {path}: {error}. Choose another folder with --cache-dir"
                ) from error
            rebuilt = f"the index at {path} was damaged ({error})"
        remove(path)
    try:
        connection = _connect(path)
        with contextlib.closing(connection.cursor()) as cursor:
            schema = importlib.resources.files("cpplsp.store").joinpath("schema.sql").read_text("utf-8")
            cursor.executescript(f"BEGIN;\n{schema}\nPRAGMA user_version = {SCHEMA_VERSION};\nCOMMIT;")
        os.chmod(path, 0o600)
    except sqlite3.Error as error:
        raise CacheError(f"cannot make {path}: {error}. Choose another folder with --cache-dir") from error
    return connection, rebuilt


def _connect(path: str) -> sqlite3.Connection:
    connection = sqlite3.connect(path, isolation_level=None, check_same_thread=False, timeout=10)
    connection.execute("PRAGMA journal_mode = WAL")
    # In WAL mode NORMAL loses at most the last commits at a power cut, and nothing at a kill -9.
    connection.execute("PRAGMA synchronous = NORMAL")
    connection.execute("PRAGMA cache_size = -8192")
    # 16 MiB of log before it is moved into the index: pages that many files change are moved once, not each time.
    connection.execute("PRAGMA wal_autocheckpoint = 4096")
    return connection


def remove(path: str) -> None:
    """Remove an index with its write-ahead log."""
    for suffix in ("", "-wal", "-shm", _DAMAGED):
        with contextlib.suppress(FileNotFoundError):
            os.remove(path + suffix)

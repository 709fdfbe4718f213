"""Faults that tests inject into workers: the documented seam for "what if a worker dies here?".

``CPPLSP_FAULT`` in the environment of the server names them, separated by ``;``::

    KIND@POINT:NAME[:MARKER]

KIND is ``kill`` (the worker kills itself, as the kernel would when memory is short), ``crash`` (an invalid memory
access in native code), ``hang`` (it sleeps for good), ``spin`` (it computes for good), ``stop`` (it gets SIGSTOP),
``eat`` (it takes memory until somebody ends it) or ``raise`` (a Python exception); POINT is ``start`` (before the unit
is parsed), ``file`` (after its first file was sent) or ``part`` (after the first part of one that has several); NAME is
the base name of the unit's main file, or ``<prelude>`` for the building of any prelude. With MARKER, a path, the fault
strikes once: it makes that file, and is passed over where it is, for the next that is named for that unit.
"""

import ctypes
import os
import signal
import threading
import time

PRELUDE = "<prelude>"


class InjectedError(Exception):
    """A fault of the kind ``raise``."""


class Fault:
    """What is to happen in one unit; nothing, as a rule."""

    AT_START = "start"
    AFTER_FILE = "file"
    AFTER_PART = "part"

    def __init__(self, kind: str = "", point: str = "", marker: str = ""):
        self._kind = kind
        self._point = point
        self._marker = marker

    def strike(self, point: str) -> None:
        """Have the fault, if it belongs here."""
        if point != self._point:
            return
        if self._marker:
            try:
                os.close(os.open(self._marker, os.O_CREAT | os.O_EXCL))
            except FileExistsError:
                return
        if self._kind == "kill":
            os.kill(os.getpid(), signal.SIGKILL)
        elif self._kind == "crash":
            ctypes.string_at(0)
        elif self._kind == "hang":
            threading.Event().wait()
        elif self._kind == "spin":
            while True:
                pass
        elif self._kind == "stop":
            os.kill(os.getpid(), signal.SIGSTOP)
        elif self._kind == "eat":
            _eat()
        elif self._kind == "raise":
            raise InjectedError("as asked for")


def _eat() -> None:
    """Take memory as fast as a parser does, for good."""
    held = []
    while True:
        held.append(b"\1" * (2 << 20))
        time.sleep(0.01)


def fault_in(path: str) -> Fault:
    """The fault that the environment wants for a unit."""
    for wanted in filter(None, os.environ.get("CPPLSP_FAULT", "").split(";")):
        what, _, rest = wanted.partition(":")
        name, _, marker = rest.partition(":")
        kind, _, point = what.partition("@")
        if name == os.path.basename(path) and not (marker and os.path.exists(marker)):
            return Fault(kind, point, marker)
    return Fault()

"""What this process takes of memory, by the operating system's figures, and giving it back."""

import ctypes
import re
import resource
import sys

_FIELD = re.compile(rb"^(\w+):\s+(\d+) kB", re.MULTILINE)


def private_bytes() -> int:
    """Unshared memory of this process now: pages that no other process maps."""
    try:
        with open("/proc/self/smaps_rollup", "rb") as stream:
            fields = dict(_FIELD.findall(stream.read()))
    except OSError:
        return _resident_peak()
    return 1024 * (int(fields.get(b"Private_Dirty", 0)) + int(fields.get(b"Private_Clean", 0)))


class PeakMeter:
    """The highest unshared memory of this process since :meth:`start` (Linux resets its high-water mark for us)."""

    def start(self) -> None:
        """Begin a unit."""
        try:
            with open("/proc/self/clear_refs", "wb") as stream:
                stream.write(b"5")  # proc(5): reset the peak resident set size
        except OSError:
            return

    def read(self) -> tuple[int, int]:
        """Peak since the start (the resident peak, less what is shared), and what is held now."""
        held = private_bytes()
        try:
            with open("/proc/self/status", "rb") as stream:
                fields = dict(_FIELD.findall(stream.read()))
            shared = 1024 * int(fields[b"VmRSS"]) - held
            return max(1024 * int(fields[b"VmHWM"]) - max(shared, 0), 0), held
        except (OSError, KeyError):
            return _resident_peak(), held


def _resident_peak() -> int:
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak if sys.platform == "darwin" else peak * 1024


def give_back() -> None:
    """Return freed memory to the system: glibc keeps it unless told."""
    libc = ctypes.CDLL(None)
    if hasattr(libc, "malloc_trim"):
        libc.malloc_trim(0)

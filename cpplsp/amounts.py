"""Amounts as a person reads them."""


def count_text(number: int, noun: str, plural: str = "") -> str:
    """``1 unit``, ``1,203 units``. ``plural``: where it is more than an s."""
    return f"{number:,} {noun if number == 1 else plural or noun + 's'}"


def bytes_text(number: int) -> str:
    """``312 MiB``, ``4.0 GiB``."""
    if number < 1 << 20:
        return f"{number / (1 << 10):.0f} KiB"
    if number < 1 << 30:
        return f"{number / (1 << 20):.0f} MiB"
    return f"{number / (1 << 30):.1f} GiB"


def mib_text(number: int) -> str:
    """``312``: bytes in MiB, where several stand before one unit."""
    return f"{number / (1 << 20):.0f}"


def clock_text(seconds: float) -> str:
    """``0:07``, ``12:30``, ``3:02:11``."""
    minutes, rest = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02}:{rest:02}" if hours else f"{minutes}:{rest:02}"


def ago_text(seconds: float) -> str:
    """``just now``, ``5 minutes ago``, ``3 hours ago``, ``12 days ago``."""
    for size, noun in ((86_400, "day"), (3_600, "hour"), (60, "minute")):
        if seconds >= size:
            return f"{count_text(int(seconds // size), noun)} ago"
    return "just now"

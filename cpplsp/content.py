"""What identifies a content: of a file, of facts, of arguments."""

import hashlib


def content_hash(content: bytes | memoryview) -> bytes:
    """BLAKE2b, 16 bytes."""
    return hashlib.blake2b(content, digest_size=16).digest()

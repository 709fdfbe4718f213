"""What source text tells by itself: pure functions of bytes, for what the index does not tell."""

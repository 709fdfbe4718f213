"""The protocol: from what a client asks to the question for the index, and from its answer to what the client reads."""

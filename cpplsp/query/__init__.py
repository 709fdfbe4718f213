"""What an index can be asked: named functions over a reading connection that return domain types.

Paths in results are absolute, lines and byte columns 0-based (``facts``). Every answer is ordered, so that asking
twice gives the same. Wrap what belongs to one answer in :func:`query.files.snapshot`: the writer goes on meanwhile.
"""

"""From a folder to what libclang is given: the compile commands of a project, streamed and translated.

A project is data, not code. What stands in its compile database is read and never run: a compiler that it names is
executed only when it is one of the system's own or the person allowed it (``drivers``), and only arguments of
known forms reach libclang (``arguments``).
"""

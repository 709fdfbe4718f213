"""The worker: a process that reads one translation unit at a time with libclang and streams its facts.

Nothing else of cpplsp loads libclang. A worker knows the base modules only: no store, no project.
"""

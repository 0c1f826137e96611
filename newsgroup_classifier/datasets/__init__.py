"""Data sets: one module each, the channel format they are written in, and where files come from.

Training containers import `channels` alone; the loaders need packages that images lack.
"""

GENERATED = "generated sample"  # the source of data that says nothing of real texts

"""Keep a process of many threads and many objects small, and its pauses short."""

import ctypes
import gc
import platform

_M_ARENA_MAX = -8  # of glibc's malloc.h
_ARENAS = 2


def use_few_arenas() -> None:
    """Let all threads allocate from two arenas, on Linux with glibc.

    It has up to eight for each CPU, and each keeps what large requests left in it: 300 MB after
    5,000 malformed requests, where two arenas hold 160 MB.
    """
    if platform.libc_ver()[0] == "glibc":
        ctypes.CDLL(None).mallopt(_M_ARENA_MAX, _ARENAS)


def keep_from_the_collector() -> None:
    """Leave what is loaded by now out of the garbage collector's walks from now on.

    moto holds some 300,000 objects; walking them takes 0.1 s, in the midst of an invocation.
    """
    gc.collect()
    gc.freeze()

"""Find hashed keys among many others, in fewer steps than a binary search."""

from dataclasses import dataclass

import numpy as np

_BITS = 19  # the first bits of a key, which are its row in the table
_LAST = np.uint64(2**64 - 1)


@dataclass(frozen=True)
class KeyTable:
    """Sorted distinct keys (uint64) with one more that ends all searches, and where rows begin."""

    keys: np.ndarray
    begins: np.ndarray

    def find(self, wanted: np.ndarray) -> np.ndarray:
        """Return the places of wanted keys (int32), and the number of keys for missing ones."""
        places = self.begins.take(_rows(wanted))
        found = self.keys.take(places, mode="clip")
        behind = np.flatnonzero(found < wanted)
        while len(behind):
            places[behind] += 1
            found[behind] = self.keys.take(places[behind], mode="clip")
            behind = behind[found[behind] < wanted[behind]]
        places[found != wanted] = len(self.keys) - 1
        return places


def make_key_table(keys: np.ndarray) -> KeyTable:
    """Return the table of sorted distinct keys, which takes 2 MB besides the keys."""
    begins = np.zeros(1 << _BITS, np.int32)
    np.cumsum(np.bincount(_rows(keys), minlength=len(begins))[:-1], out=begins[1:])
    return KeyTable(np.append(keys, _LAST), begins)


def _rows(keys: np.ndarray) -> np.ndarray:
    return (keys >> np.uint64(64 - _BITS)).view(np.int64)

"""Find texts that are nearly the same: MinHash signatures of their characters, in bands.

A signature has the smallest value of several hashes over all windows of a few characters; two
texts agree in about as many values as the share of windows that they have in common (Broder, "On
the resemblance and containment of documents", 1997). Texts that agree in all values of a band are
compared, so the time grows with the number of texts and not of pairs (Leskovec et al., "Mining of
Massive Datasets", chapter 3).
"""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

HASHES, _BANDS = 16, 4
_WINDOW = 5  # characters
_FEWEST = 16  # windows of a text that can be compared
_READ = 2000  # characters of a text
SIMILAR = 0.75  # part of the signature that is equal
_FACTORS = np.random.default_rng(0).integers(2**62, size=HASHES, dtype=np.uint64) * 2 + 1
_BASE = np.uint64(0x9E3779B97F4A7C15)  # splitmix64's constant

Signatures = NDArray[np.uint8]  # n x HASHES
Keys = NDArray[np.uint32]  # of shape (n, _BANDS); a row of zeros is a text without a signature


def signatures_of(texts: Sequence[str]) -> tuple[Signatures, Keys]:
    """Return the signatures of texts, a byte per hash, and their keys for the bands.

    Case and white space make no difference. Only the first 2,000 characters are read, and texts
    that are too short to be compared have only zeros.
    """
    cut = [" ".join(text[:_READ].lower().split()) for text in texts]
    lengths = np.array([len(text) for text in cut])
    signatures = np.zeros((len(texts), HASHES), dtype=np.uint8)
    keys = np.zeros((len(texts), _BANDS), dtype=np.uint32)
    long = np.flatnonzero(lengths >= _FEWEST + _WINDOW - 1)
    if not len(long):
        return signatures, keys
    joined = "".join(cut[place] for place in long)
    codes = np.frombuffer(joined.encode("utf-32-le", "surrogatepass"), dtype=np.uint32)
    windows = np.zeros(len(codes) - _WINDOW + 1, dtype=np.uint64)
    for shift in range(_WINDOW):
        windows = windows * _BASE + codes[shift : len(windows) + shift]
    windows ^= windows >> np.uint64(32)
    ends = np.cumsum(lengths[long])
    starts = ends - lengths[long]
    inside = np.ones(len(windows), dtype=bool)  # windows across two texts are not
    for shift in range(1, _WINDOW):
        inside[ends[:-1] - shift] = False
    windows = windows[inside]
    starts -= (_WINDOW - 1) * np.arange(len(long))
    mixed = np.zeros((len(long), _BANDS), dtype=np.uint64)
    for number, factor in enumerate(_FACTORS):
        smallest = np.minimum.reduceat((windows * factor) >> np.uint64(32), starts)
        signatures[long, number] = smallest
        band = number % _BANDS
        mixed[:, band] = (mixed[:, band] ^ smallest) * _BASE
    keys[long] = mixed >> np.uint64(32)
    return signatures, keys


def clusters_of(signatures: Signatures, keys: Keys) -> NDArray[np.int32]:
    """Return the number of the cluster of each text; texts of a cluster are chains of similar ones.

    A text that is too short, or is similar to no other, is alone in its cluster.
    """
    from scipy.sparse import coo_array
    from scipy.sparse.csgraph import connected_components

    long = np.flatnonzero(keys.any(axis=1)).astype(np.int32)
    pairs = []
    for band in keys.T:
        order = long[np.argsort(band[long], kind="stable")]
        pairs.append(np.stack([order[:-1], order[1:]])[:, band[order[:-1]] == band[order[1:]]])
    left, right = np.concatenate(pairs, axis=1)
    similar = (signatures[left] == signatures[right]).mean(axis=1) >= SIMILAR
    links = coo_array((similar[similar], (left[similar], right[similar])), [len(signatures)] * 2)
    clusters: NDArray[np.int32] = connected_components(links, directed=False)[1]
    return clusters

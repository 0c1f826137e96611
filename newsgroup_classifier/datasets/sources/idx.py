"""Read IDX files, the format of MNIST: a header, then bytes.

offset  bytes          what
0       4              two zero bytes, 8 (for bytes without a sign), the number of axes
4       4 * axes       the length of each axis (big-endian, without a sign)
...     their product  the values
"""

import gzip
import math
import struct
import zlib

import numpy as np
from numpy.typing import NDArray

from newsgroup_classifier.errors import DataErrorFactory

_BYTES = 8
_MOST_AXES = 4


def read_idx(content: bytes, broken: DataErrorFactory) -> NDArray[np.uint8]:
    """Return the array in the bytes of an IDX file; raise what `broken` makes of a reason."""
    if len(content) < 4:
        raise broken(f"it has {len(content)} bytes; expected a header of at least 4")
    zeros, kind, axes = struct.unpack_from(">HBB", content)
    if (zeros, kind) != (0, _BYTES) or not 1 <= axes <= _MOST_AXES:
        raise broken(
            f"it begins with {content[:4].hex(' ')}; expected 00 00 08 and the number of axes, "
            f"1 to {_MOST_AXES}"
        )
    start = 4 + 4 * axes
    if len(content) < start:
        raise broken(f"its header has {len(content)} bytes; expected {start}")
    shape = struct.unpack_from(f">{axes}I", content, 4)
    expected = math.prod(shape)
    if len(content) - start != expected:
        sizes = " x ".join(map(str, shape))
        raise broken(f"it has {len(content) - start} values; expected {sizes} = {expected}")
    return np.frombuffer(content, np.uint8, offset=start).reshape(shape)


def unzip(content: bytes, broken: DataErrorFactory) -> bytes:
    """Return the unpacked bytes of a gzip file; raise what `broken` makes of a reason."""
    try:
        return gzip.decompress(content)
    except (OSError, EOFError, zlib.error) as error:
        raise broken(f"it is no whole gzip file ({error})") from error

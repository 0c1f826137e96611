"""Read IDX files, the format of MNIST: a header followed by bytes.

offset  bytes          content
0       4              two zero bytes, 8 (unsigned bytes), the number of axes
4       4 * axes       the length of each axis (big-endian, unsigned)
...     their product  the values
"""

import gzip
import math
import struct
import zlib

import numpy as np
from numpy.typing import NDArray

from newsgroup_classifier.errors import DataErrorFactory, counted

_BYTES = 8
_MOST_AXES = 4


def read_idx(content: bytes, invalid: DataErrorFactory) -> NDArray[np.uint8]:
    """Return the array of an IDX file; raise what `invalid` makes of the reason if it has none."""
    if len(content) < 4:
        raise invalid(f"it has {counted(len(content), 'byte')}; expected a header of at least 4")
    zeros, kind, axes = struct.unpack_from(">HBB", content)
    if (zeros, kind) != (0, _BYTES) or not 1 <= axes <= _MOST_AXES:
        raise invalid(
            f"it begins with {content[:4].hex(' ')}; expected 00 00 08 and the number of axes, "
            f"1 to {_MOST_AXES}"
        )
    start = 4 + 4 * axes
    if len(content) < start:
        raise invalid(f"its header has {counted(len(content), 'byte')}; expected {start}")
    shape = struct.unpack_from(f">{axes}I", content, 4)
    expected = math.prod(shape)
    if len(content) - start != expected:
        sizes = " x ".join(map(str, shape))
        raise invalid(f"it has {len(content) - start} values; expected {sizes} = {expected}")
    return np.frombuffer(content, np.uint8, offset=start).reshape(shape)


def unzip(content: bytes, invalid: DataErrorFactory) -> bytes:
    """Return the unpacked bytes of a gzip file; raise what `invalid` makes of the reason."""
    try:
        return gzip.decompress(content)
    except (OSError, EOFError, zlib.error) as error:
        raise invalid(f"it is not a complete gzip file ({error})") from error

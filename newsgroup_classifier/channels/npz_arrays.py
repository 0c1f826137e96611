"""Read arrays from an untrusted .npz file: without pickle, and without unpacking a zip bomb."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from newsgroup_classifier.errors import DataErrorFactory, name_list

LARGEST = 2**31  # bytes of an array: two and a half million images


def read_arrays(
    path: Path, names: Sequence[str], invalid: DataErrorFactory, optional: Sequence[str] = ()
) -> dict[str, NDArray[Any]]:
    """Return arrays of a file by name, and the optional ones that it has.

    Raises what `invalid` makes of the reason if the file cannot be used.
    """
    try:
        # Opened here because NumPy does not close files that it finds damaged.
        with path.open("rb") as opened, np.load(opened, allow_pickle=False) as file:
            members = list(file)
            wanted = [name for name in (*names, *optional) if name in members]
            sizes = {name: file.zip.getinfo(f"{name}.npy").file_size for name in wanted}
            large = [f"{name} has {size:,} bytes" for name, size in sizes.items() if size > LARGEST]
            arrays = {} if large else {name: file[name] for name in wanted}
    except Exception as error:  # NumPy parses headers as Python code, and quotes what it reads
        raise invalid(
            f"it is not a complete .npz file without pickles ({type(error).__name__})"
        ) from error
    if large:
        raise invalid(f"its array {large[0]}; expected at most {LARGEST:,}")
    if missing := [name for name in names if name not in arrays]:
        raise invalid(
            f"it has no array {', '.join(missing)}; it has {name_list(members) or 'nothing'}; "
            f"expected {', '.join(names)}"
        )
    return arrays

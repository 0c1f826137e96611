"""The encoders of sagemaker-training, without pickles, because requests are untrusted."""

import io
from typing import Any

import numpy as np
from sagemaker_training import content_types, encoders
from sagemaker_training.encoders import *  # noqa: F403 - of the same names in this module
from sagemaker_training.encoders import decode as decode
from sagemaker_training.encoders import encode as encode


def npy_to_numpy(body: bytes) -> Any:
    """Return the array in a file of NumPy."""
    return np.load(io.BytesIO(body), allow_pickle=False)


encoders._decoders_map[content_types.NPY] = npy_to_numpy

"""Score a channel with the network of an artifact, as TensorFlow Serving runs it."""

from pathlib import Path

import numpy as np
import tensorflow as tf

from newsgroup_classifier.artifacts import SAVED_MODEL, VOCABULARY
from newsgroup_classifier.export.saved_model import DEFAULT, OUTPUT
from newsgroup_classifier.text.encoders import read_encoder
from newsgroup_classifier.training.examples import Examples
from newsgroup_classifier.training.rows import batches

_BATCH = 500


def saved_model_probabilities(folder: Path, examples: Examples) -> np.ndarray:
    """Return the probabilities (n, k) of n examples by the SavedModel of an artifact folder."""
    vocabulary = folder / VOCABULARY
    encoder = read_encoder(vocabulary.read_bytes()) if vocabulary.is_file() else None
    loaded = tf.saved_model.load(str(folder / SAVED_MODEL))  # signatures do not keep it alive
    run, parts = loaded.signatures[DEFAULT], []
    for batch in batches(examples.rows(encoder), _BATCH):
        tensors = {name: tf.constant(array) for name, array in batch.items()}
        parts.append(np.asarray(run(**tensors)[OUTPUT]))
    return np.concatenate(parts)

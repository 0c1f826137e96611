"""Networks for images of 28 by 28 pixels: compiled, untrained Keras models.

The input `pixels` is float32 (n, 28, 28) with values from 0 to 255; scaling is in the model. The
output is a probability for each class.
"""

from collections.abc import Mapping

import keras
from keras import layers

from newsgroup_classifier.hyperparameters import Value
from newsgroup_classifier.recipe import Sizes
from newsgroup_classifier.recipes.headlines import compiled

SIDE = 28
_BLOCKS = 3
_LAYERS = (32, 32)
OPTIMIZERS: dict[str, type[keras.optimizers.Optimizer]] = {
    "adadelta": keras.optimizers.Adadelta,
    "adagrad": keras.optimizers.Adagrad,
    "adam": keras.optimizers.Adam,
    "ftrl": keras.optimizers.Ftrl,
    "sgd": keras.optimizers.SGD,
}


def build_convolutions(hyperparameters: Mapping[str, Value], sizes: Sizes) -> keras.Model:
    """Return three blocks of convolution, pooling and dropout, and a softmax.

    Images are moved a little in training. The optimizer's step rises in the first fifth of all
    steps and falls to nothing with the last.
    """
    pixels = keras.Input((SIDE, SIDE), name="pixels")
    maps = layers.Reshape((SIDE, SIDE, 1))(layers.Rescaling(1 / 255)(pixels))
    shift = int(hyperparameters["shift"]) / SIDE
    if shift:
        moved = layers.RandomTranslation(shift, shift, "constant", "nearest")
        maps = moved(maps)
    for block in range(_BLOCKS):
        filters = int(hyperparameters["filters"]) * 2**block
        # The normalization has a bias of its own.
        maps = layers.Conv2D(filters, 3, padding="same", use_bias=False)(maps)
        maps = layers.ReLU()(layers.BatchNormalization(momentum=0.9)(maps))
        maps = layers.MaxPooling2D()(maps)
        maps = layers.Dropout(float(hyperparameters["dropout"]))(maps)
    output = layers.Dense(sizes.classes, activation="softmax")(layers.Flatten()(maps))
    model = keras.Model({"pixels": pixels}, output)
    return compiled(model, keras.optimizers.Adam(_rise_and_fall(hyperparameters, sizes.steps)))


def _rise_and_fall(
    hyperparameters: Mapping[str, Value], steps: int
) -> keras.optimizers.schedules.LearningRateSchedule:
    highest, every = float(hyperparameters["learning_rate"]), int(hyperparameters["epochs"]) * steps
    rising = max(1, every // 5)
    return keras.optimizers.schedules.CosineDecay(
        highest / 10, max(1, every - rising), warmup_target=highest, warmup_steps=rising
    )


def build_dense_pixels(hyperparameters: Mapping[str, Value], sizes: Sizes) -> keras.Model:
    """Return 784 pixels, two layers of 32 units, and a softmax, under the optimizer asked for."""
    pixels = keras.Input((SIDE, SIDE), name="pixels")
    dense = layers.Flatten()(layers.Rescaling(1 / 255)(pixels))
    for units in _LAYERS:
        dense = layers.Dense(units, activation="relu")(dense)
    model = keras.Model(
        {"pixels": pixels}, layers.Dense(sizes.classes, activation="softmax")(dense)
    )
    optimizer = OPTIMIZERS[str(hyperparameters["optimizer"])]
    return compiled(model, optimizer(learning_rate=float(hyperparameters["learning_rate"])))

"""MNIST digits and QuickDraw sketches: convolutions or dense layers on 28 by 28 pixels.

The input `pixels` is float32 (n, 28, 28) with values from 0 to 255, which the model scales. The
output is a probability per class.
"""

from typing import Any

from newsgroup_classifier.hyperparameters import (
    ChoiceParameter,
    Hyperparameters,
    IntParameter,
    Parameter,
)
from newsgroup_classifier.recipe import Measured, Sizes, TensorFlowRecipe
from newsgroup_classifier.search_space import Choices, Interval, learning_rates
from newsgroup_classifier.shared_hyperparameters import fit_parameters, part_parameter

SIDE = 28
_BLOCKS = 3
_UNITS = (32, 32)
_OPTIMIZERS = {
    "adadelta": "Adadelta",
    "adagrad": "Adagrad",
    "adam": "Adam",
    "ftrl": "Ftrl",
    "sgd": "SGD",
}


def build_convolutions(hyperparameters: Hyperparameters, sizes: Sizes) -> Any:
    """Return three blocks of convolution, pooling and dropout, and a softmax.

    Training images are shifted a little. The step size rises during the first fifth of all steps
    and falls to nothing by the last.
    """
    import keras
    from keras import layers

    from newsgroup_classifier.estimators.keras_layers import compiled

    pixels = keras.Input((SIDE, SIDE), name="pixels")
    maps = layers.Reshape((SIDE, SIDE, 1))(layers.Rescaling(1 / 255)(pixels))
    shift = hyperparameters["shift"] / SIDE
    if shift:
        maps = layers.RandomTranslation(shift, shift, "constant", "nearest")(maps)
    for block in range(_BLOCKS):
        filters = hyperparameters["filters"] * 2**block
        # The normalization has a bias of its own.
        maps = layers.Conv2D(filters, 3, padding="same", use_bias=False)(maps)
        maps = layers.ReLU()(layers.BatchNormalization(momentum=0.9)(maps))
        maps = layers.MaxPooling2D()(maps)
        maps = layers.Dropout(hyperparameters["dropout"])(maps)
    output = layers.Dense(sizes.classes, activation="softmax")(layers.Flatten()(maps))
    model = keras.Model({"pixels": pixels}, output)
    highest, steps = hyperparameters["learning_rate"], hyperparameters["epochs"] * sizes.steps
    rising = max(1, steps // 5)
    schedule = keras.optimizers.schedules.CosineDecay(
        highest / 10, max(1, steps - rising), warmup_target=highest, warmup_steps=rising
    )
    return compiled(model, keras.optimizers.Adam(schedule))


def build_dense(hyperparameters: Hyperparameters, sizes: Sizes) -> Any:
    """Return 784 pixels, two layers of 32 units, and a softmax, for the given optimizer."""
    import keras
    from keras import layers

    from newsgroup_classifier.estimators.keras_layers import compiled

    pixels = keras.Input((SIDE, SIDE), name="pixels")
    dense = layers.Flatten()(layers.Rescaling(1 / 255)(pixels))
    for units in _UNITS:
        dense = layers.Dense(units, activation="relu")(dense)
    output = layers.Dense(sizes.classes, activation="softmax")(dense)
    optimizer = getattr(keras.optimizers, _OPTIMIZERS[hyperparameters["optimizer"]])
    model = keras.Model({"pixels": pixels}, output)
    return compiled(model, optimizer(learning_rate=hyperparameters["learning_rate"]))


def _convolution_parameters(dropout: float) -> tuple[Parameter, ...]:
    return (
        IntParameter("filters", 32, "filters of the first block, doubled by each next", 1, 1000),
        part_parameter("dropout", dropout, "dropout rate after each block"),
        IntParameter("shift", 2, "maximum shift of training images, in pixels", 0, 14),
        *fit_parameters(0.004, batch_size=128, epochs=10, patience=10, validation_split=0.05),
    )


DIGITS = TensorFlowRecipe(
    name="digits-cnn",
    summary="MNIST digits: convolutions, pooling and dropout",
    dataset="mnist",
    accuracy=Measured(0.9945, "test channel"),
    hyperparameters=_convolution_parameters(dropout=0.15),
    space=(learning_rates(0.001, 0.01), Interval("dropout", 0.0, 0.4)),
    network=build_convolutions,
)

DENSE = TensorFlowRecipe(
    name="sketches-dense",
    summary="QuickDraw sketches: dense layers of 32 and 32",
    dataset="quickdraw",
    accuracy=Measured(0.743, "test channel"),
    hyperparameters=(
        ChoiceParameter("optimizer", "adam", "how weights are optimized", tuple(_OPTIMIZERS)),
        *fit_parameters(0.001, batch_size=32, epochs=30, patience=5),
    ),
    space=(learning_rates(0.0003, 0.01), Choices("optimizer", tuple(_OPTIMIZERS))),
    network=build_dense,
)

SKETCHES = TensorFlowRecipe(
    name="sketches-cnn",
    summary="QuickDraw sketches: convolutions, pooling and dropout",
    dataset="quickdraw",
    accuracy=Measured(0.912, "test channel"),
    hyperparameters=_convolution_parameters(dropout=0.25),
    space=(learning_rates(0.001, 0.01), Interval("dropout", 0.1, 0.5)),
    network=build_convolutions,
)

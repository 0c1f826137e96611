"""News headlines, or own texts: word vectors under an LSTM, or the sum of vectors of n-grams.

The input `tokens` is int32 (n, m) with the id 0 for padding, `weights` is float32 (n, m) for the
encoder that weighs, and the output is a probability per class.
"""

from dataclasses import replace
from typing import Any

from newsgroup_classifier.hyperparameters import ChoiceParameter, Hyperparameters, IntParameter
from newsgroup_classifier.recipe import Measured, Sizes, TensorFlowRecipe
from newsgroup_classifier.search_space import LOGARITHMIC, Choices, Interval, learning_rates
from newsgroup_classifier.shared_hyperparameters import BY_GROUP, fit_parameters, part_parameter


def build_sequences(hyperparameters: Hyperparameters) -> Any:
    """Return the unfitted encoder of headlines to sequences of words."""
    from newsgroup_classifier.text.encoders import WordSequences

    size, length = hyperparameters["max_features"], hyperparameters["maxlen"]
    return WordSequences(size, length, hyperparameters["pad"])


def build_lstm(hyperparameters: Hyperparameters, sizes: Sizes) -> Any:
    """Return word vectors, an LSTM over them, and a softmax over its last output."""
    import keras
    from keras import layers

    from newsgroup_classifier.estimators.keras_layers import compiled

    tokens = keras.Input((hyperparameters["maxlen"],), dtype="int32", name="tokens")
    size, masks = hyperparameters["embedding_dim"], hyperparameters["masking"] == "yes"
    vectors = layers.Embedding(sizes.tokens, size, mask_zero=masks)(tokens)
    dropped = hyperparameters["word_dropout"]
    vectors = layers.Dropout(dropped, noise_shape=(None, None, 1))(vectors)
    vectors = layers.SpatialDropout1D(hyperparameters["spatial_dropout"])(vectors)
    lstm = layers.LSTM(
        hyperparameters["units"],
        dropout=hyperparameters["dropout"],
        recurrent_dropout=hyperparameters["recurrent_dropout"],
    )
    reader = layers.Bidirectional(lstm) if hyperparameters["direction"] == "both" else lstm
    state = layers.Dropout(hyperparameters["last_dropout"])(reader(vectors))
    output = layers.Dense(sizes.classes, activation="softmax")(state)
    model = keras.Model({"tokens": tokens}, output)
    return compiled(model, keras.optimizers.Adam(hyperparameters["learning_rate"]))


def build_bags(hyperparameters: Hyperparameters) -> Any:
    """Return the unfitted encoder of headlines to weighted n-grams."""
    from newsgroup_classifier.text.ngram_bags import NgramBags

    names = ("word_ngrams", "character_ngrams", "min_df", "max_features")
    return NgramBags(*(hyperparameters[name] for name in names))


def build_weighted_bag(hyperparameters: Hyperparameters, sizes: Sizes) -> Any:
    """Return a vector per n-gram, their weighted sum as the hidden layer, and a softmax."""
    import keras
    from keras import layers

    from newsgroup_classifier.estimators.keras_layers import WeightedSum, compiled, weighted_inputs

    tokens, weights = weighted_inputs()
    size = hyperparameters["embedding_dim"]
    if size:
        vectors = layers.Embedding(sizes.tokens, size)(tokens)
        summed = layers.ReLU()(WeightedSum()(vectors, weights))
        summed = layers.Dropout(hyperparameters["dropout"])(summed)
        output = layers.Dense(sizes.classes, activation="softmax")(summed)
    else:  # vectors of one number per class: a logistic regression
        embed = layers.Embedding(sizes.tokens, sizes.classes, embeddings_initializer="zeros")
        vectors = embed(tokens)
        output = layers.Softmax()(WeightedSum()(vectors, weights))
    model = keras.Model({"tokens": tokens, "weights": weights}, output)
    return compiled(model, keras.optimizers.Adam(hyperparameters["learning_rate"]))


_BAGS = (
    IntParameter("word_ngrams", 2, "words of the longest word n-gram", 1, 3),
    IntParameter("character_ngrams", 5, "characters of the longest character n-gram", 1, 7),
    IntParameter("min_df", 1, "minimum texts with an n-gram", 1, 1000),
    IntParameter("max_features", 400_000, "maximum n-grams per kind", 1, 5_000_000, was="most"),
    IntParameter("embedding_dim", 16, "size of the hidden layer; 0: none", 0, 1000, was="hidden"),
    part_parameter("dropout", 0.3, "dropout rate of the hidden layer"),
)
_BY_STORY = replace(BY_GROUP, default="yes")
_MEASURED_ON = "5 folds by whole stories"

LSTM = TensorFlowRecipe(
    name="headlines-lstm",
    summary="News headlines: word vectors and an LSTM",
    dataset="uci-news",
    accuracy=Measured(0.863, _MEASURED_ON),
    hyperparameters=(
        ChoiceParameter("balance", "none", "cut classes to the smallest", ("none", "smallest")),
        IntParameter("max_features", 8000, "words of the vocabulary", 2, 1_000_000, was="words"),
        IntParameter("maxlen", 24, "words of a text that are read", 1, 10_000, was="length"),
        ChoiceParameter("pad", "back", "end at which short texts are padded", ("back", "front")),
        ChoiceParameter("masking", "yes", "skip padding", ("yes", "no")),
        IntParameter("embedding_dim", 128, "size of a word's vector", 1, 10_000, was="embedding"),
        ChoiceParameter("direction", "both", "directions the LSTM reads in", ("one", "both")),
        part_parameter("word_dropout", 0.2, "dropout rate of whole words"),
        part_parameter("spatial_dropout", 0.5, "dropout rate of the vectors' features"),
        IntParameter("units", 64, "units of the LSTM", 1, 10_000),
        part_parameter("dropout", 0.2, "dropout rate of the LSTM's inputs"),
        part_parameter("recurrent_dropout", 0.0, "dropout rate of the LSTM's state"),
        part_parameter("last_dropout", 0.3, "dropout rate of the LSTM's output"),
        _BY_STORY,
        *fit_parameters(
            0.001, batch_size=128, epochs=5, patience=2, validation_split=0.02, keep="last"
        ),
    ),
    presets={
        "tuned": {},
        # The notebook's model, with its layers, padding and balancing.
        "tutorial": {
            "balance": "smallest",
            "maxlen": 130,
            "pad": "front",
            "masking": "no",
            "direction": "one",
            "word_dropout": 0.0,
            "last_dropout": 0.0,
            "spatial_dropout": 0.7,
            "dropout": 0.7,
            "recurrent_dropout": 0.7,
            "batch_size": 256,
            "epochs": 10,
            "keep": "best",
            "patience": 7,
            "validation_split": 0.2,
        },
    },
    space=(learning_rates(0.0003, 0.01), Interval("units", 32, 128, LOGARITHMIC, whole=True)),
    encoder=build_sequences,
    network=build_lstm,
    takes_strings=True,
)

FAST = TensorFlowRecipe(
    name="headlines-fast",
    summary="News headlines: vectors of words and characters as n-grams, summed",
    dataset="uci-news",
    accuracy=Measured(0.882, _MEASURED_ON),
    hyperparameters=(
        *_BAGS,
        _BY_STORY,
        *fit_parameters(
            0.006, batch_size=256, epochs=3, patience=1, validation_split=0.02, keep="last"
        ),
    ),
    space=(learning_rates(0.001, 0.03), Choices("embedding_dim", (8, 16, 32))),
    encoder=build_bags,
    network=build_weighted_bag,
    takes_strings=True,
)

NETWORK = replace(
    FAST,
    name="text-network",
    summary="Your own texts: vectors of words and characters as n-grams, summed",
    dataset="",
    accuracy=None,
    hyperparameters=(
        *_BAGS,
        BY_GROUP,
        *fit_parameters(0.006, batch_size=64, epochs=30, patience=3),
    ),
)

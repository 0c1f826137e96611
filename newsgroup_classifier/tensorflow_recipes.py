"""The recipes that train in the TensorFlow container.

It imports no heavy library: a builder imports what it needs when it is called.
"""

from collections.abc import Mapping
from typing import Any

from newsgroup_classifier.hyperparameters import (
    ChoiceParameter,
    FloatParameter,
    IntParameter,
    Parameter,
    Value,
    WholeNumbersParameter,
)
from newsgroup_classifier.recipe import CLASSIFICATION, Recipe, Sizes, Stage
from newsgroup_classifier.search_space import LOGARITHMIC, Choices, Interval


def _sequences(hyperparameters: Mapping[str, Value]) -> Any:
    from newsgroup_classifier.text.word_sequences import WordSequences

    words, length = int(hyperparameters["words"]), int(hyperparameters["length"])
    return WordSequences(words, length, "front" if hyperparameters["pad"] == "front" else "back")


def _bags(hyperparameters: Mapping[str, Value]) -> Any:
    from newsgroup_classifier.text.ngram_bags import NgramBags

    names = ("word_ngrams", "character_ngrams", "min_df", "most")
    return NgramBags(*(int(hyperparameters[name]) for name in names))


def _stems(hyperparameters: Mapping[str, Value]) -> Any:
    from newsgroup_classifier.text.stemmed_tfidf import StemmedTfidf

    return StemmedTfidf(int(hyperparameters["min_df"]), int(hyperparameters["most"]))


def _lstm(hyperparameters: Mapping[str, Value], sizes: Sizes) -> Any:
    from newsgroup_classifier.recipes.headlines import build_lstm

    return build_lstm(hyperparameters, sizes)


def _weighted_bag(hyperparameters: Mapping[str, Value], sizes: Sizes) -> Any:
    from newsgroup_classifier.recipes.headlines import build_weighted_bag

    return build_weighted_bag(hyperparameters, sizes)


def _dense_rows(hyperparameters: Mapping[str, Value], sizes: Sizes) -> Any:
    from newsgroup_classifier.recipes.headlines import build_dense_rows

    return build_dense_rows(hyperparameters, sizes)


def _convolutions(hyperparameters: Mapping[str, Value], sizes: Sizes) -> Any:
    from newsgroup_classifier.recipes.digits_and_sketches import build_convolutions

    return build_convolutions(hyperparameters, sizes)


def _dense_pixels(hyperparameters: Mapping[str, Value], sizes: Sizes) -> Any:
    from newsgroup_classifier.recipes.digits_and_sketches import build_dense_pixels

    return build_dense_pixels(hyperparameters, sizes)


_METRICS = (*CLASSIFICATION, "weighted_precision", "weighted_recall")
_EPOCH_METRICS = ("train:loss", "train:accuracy", "validation:loss", "validation:accuracy")
_SERVED_TEXTS = (
    Stage("encode", "inference_pipeline.encode_texts"),
    Stage("model", "", "tensorflow-serving"),
    Stage("decode", "inference_pipeline.decode_labels"),
)
_SERVED_IMAGES = (Stage("model", "", "tensorflow-serving"),)


def _part(name: str, default: float, about: str) -> FloatParameter:
    """Return a parameter that is a part of something: from 0 to 0.95."""
    return FloatParameter(name, default, about, lowest=0.0, highest=0.95)


def _fitting(
    learning_rate: float, batch_size: int, epochs: int, patience: int, **others: Value
) -> tuple[Parameter, ...]:
    """Return the parameters of every fit, with the defaults of one recipe."""
    share, keep = float(others.get("share", 0.1)), str(others.get("keep", "best"))
    return (
        FloatParameter("learning_rate", learning_rate, "step of the optimizer", above=0.0),
        IntParameter("batch_size", batch_size, "examples of a step", 1, 100_000),
        IntParameter("epochs", epochs, "epochs at most", 1, 10_000),
        ChoiceParameter("keep", keep, "which epoch's weights are kept", ("best", "last")),
        IntParameter("patience", patience, "epochs without a better validation loss", 1, 10_000),
        FloatParameter("min_delta", 0.0001, "by how much a better loss is lower", lowest=0.0),
        FloatParameter(
            "validation_share", share, "part of the train channel", above=0.0, highest=0.5
        ),
        IntParameter("seed", 1, "seed of the split, the weights and the order", 0, 999_999_999),
    )


def _rates(lowest: float, highest: float) -> Interval:
    return Interval("learning_rate", lowest, highest, LOGARITHMIC)


_LSTM = (
    ChoiceParameter("balance", "none", "cut classes to the smallest", ("none", "smallest")),
    IntParameter("words", 8000, "words of the vocabulary, padding among them", 2, 1_000_000),
    IntParameter("length", 24, "words of a text that are read", 1, 10_000),
    ChoiceParameter("pad", "back", "where short texts are filled up", ("back", "front")),
    ChoiceParameter("masking", "yes", "whether padding is passed over", ("yes", "no")),
    IntParameter("embedding", 128, "size of a word's vector", 1, 10_000),
    ChoiceParameter("direction", "both", "from where the LSTM reads", ("one", "both")),
    _part("word_dropout", 0.2, "part of the words left out"),
    _part("spatial_dropout", 0.5, "part of the vectors' features left out"),
    IntParameter("units", 64, "units of the LSTM", 1, 10_000),
    _part("dropout", 0.2, "part of the LSTM's inputs left out"),
    _part("recurrent_dropout", 0.0, "part of the LSTM's state left out"),
    _part("last_dropout", 0.3, "part of the LSTM's output left out"),
    *_fitting(0.001, batch_size=128, epochs=5, patience=2, share=0.02, keep="last"),
)
# The notebook's model, with the layers, the padding and the balancing it had.
_LSTM_TUTORIAL: dict[str, Value] = {
    "balance": "smallest",
    "length": 130,
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
    "validation_share": 0.2,
}
_WEIGHTED_BAG = (
    IntParameter("word_ngrams", 2, "words of the longest word n-gram", 1, 3),
    IntParameter("character_ngrams", 5, "characters of the longest character n-gram", 1, 7),
    IntParameter("min_df", 1, "texts that an n-gram must be in", 1, 1000),
    IntParameter("most", 400_000, "n-grams of a kind at most", 1, 5_000_000),
    IntParameter("hidden", 16, "size of an n-gram's vector; 0: no hidden layer", 0, 1000),
    _part("dropout", 0.3, "part of the hidden layer left out"),
    *_fitting(0.006, batch_size=256, epochs=3, patience=1, share=0.02, keep="last"),
)
_DENSE_ROWS = (
    IntParameter("min_df", 1, "comments that a stem must be in", 1, 1000),
    IntParameter("most", 20_000, "stems at most", 1, 100_000),
    _part("dropout", 0.5, "part of each hidden layer left out, and half of it of the stems"),
    ChoiceParameter("search", "none", "whether epochs and batch are searched", ("none", "grid")),
    WholeNumbersParameter("search_epochs", "2,5,10", "epochs of the grid", 1, 1000),
    WholeNumbersParameter("search_batches", "10,32,128", "batch sizes of the grid", 1, 10_000),
    IntParameter("folds", 3, "folds of the search", 2, 20),
    *_fitting(0.001, batch_size=64, epochs=8, patience=3),
)


def _convolutions_of(dropout: float) -> tuple[Parameter, ...]:
    return (
        IntParameter("filters", 32, "filters of the first convolution; each next: twice", 1, 1000),
        _part("dropout", dropout, "part left out after each block"),
        IntParameter("shift", 2, "pixels that training images are moved by, at most", 0, 14),
        *_fitting(0.004, batch_size=128, epochs=10, patience=10, share=0.05),
    )


_OPTIMIZERS = ("adadelta", "adagrad", "adam", "ftrl", "sgd")
_DENSE_PIXELS = (
    ChoiceParameter("optimizer", "adam", "how weights are changed", _OPTIMIZERS),
    *_fitting(0.001, batch_size=32, epochs=30, patience=5),
)

TENSORFLOW_RECIPES = (
    Recipe(
        name="headlines-lstm",
        summary="News headlines: word vectors and an LSTM",
        dataset="uci-news",
        framework="tensorflow",
        hyperparameters=_LSTM,
        stages=_SERVED_TEXTS,
        metrics=_METRICS,
        presets={"tuned": {}, "tutorial": _LSTM_TUTORIAL},
        grouped=True,
        encoder=_sequences,
        network=_lstm,
        takes_strings=True,
        space=(_rates(0.0003, 0.01), Interval("units", 32, 128, LOGARITHMIC, whole=True)),
        epoch_metrics=_EPOCH_METRICS,
    ),
    Recipe(
        name="headlines-fast",
        summary="News headlines: vectors of words and characters as n-grams, summed",
        dataset="uci-news",
        framework="tensorflow",
        hyperparameters=_WEIGHTED_BAG,
        stages=_SERVED_TEXTS,
        metrics=_METRICS,
        grouped=True,
        encoder=_bags,
        network=_weighted_bag,
        takes_strings=True,
        space=(_rates(0.001, 0.03), Choices("hidden", (8, 16, 32))),
        epoch_metrics=_EPOCH_METRICS,
    ),
    Recipe(
        name="comments-dense",
        summary="Reddit comments: TF-IDF of stems and dense layers of 250 and 100",
        dataset="reddit-comments",
        framework="tensorflow",
        hyperparameters=_DENSE_ROWS,
        stages=_SERVED_TEXTS,
        metrics=_METRICS,
        packages=("snowballstemmer",),
        encoder=_stems,
        network=_dense_rows,
        vendored=("snowballstemmer",),
        space=(_rates(0.0003, 0.01), Interval("dropout", 0.2, 0.7)),
        epoch_metrics=_EPOCH_METRICS,
    ),
    Recipe(
        name="digits-cnn",
        summary="MNIST digits: convolutions, pooling and dropout",
        dataset="mnist",
        framework="tensorflow",
        hyperparameters=_convolutions_of(dropout=0.15),
        stages=_SERVED_IMAGES,
        metrics=_METRICS,
        inputs="images",
        network=_convolutions,
        space=(_rates(0.001, 0.01), Interval("dropout", 0.0, 0.4)),
        epoch_metrics=_EPOCH_METRICS,
    ),
    Recipe(
        name="sketches-dense",
        summary="QuickDraw sketches: dense layers of 32 and 32",
        dataset="quickdraw",
        framework="tensorflow",
        hyperparameters=_DENSE_PIXELS,
        stages=_SERVED_IMAGES,
        metrics=_METRICS,
        inputs="images",
        network=_dense_pixels,
        space=(_rates(0.0003, 0.01), Choices("optimizer", _OPTIMIZERS)),
        epoch_metrics=_EPOCH_METRICS,
    ),
    Recipe(
        name="sketches-cnn",
        summary="QuickDraw sketches: convolutions, pooling and dropout",
        dataset="quickdraw",
        framework="tensorflow",
        hyperparameters=_convolutions_of(dropout=0.25),
        stages=_SERVED_IMAGES,
        metrics=_METRICS,
        inputs="images",
        network=_convolutions,
        space=(_rates(0.001, 0.01), Interval("dropout", 0.1, 0.5)),
        epoch_metrics=_EPOCH_METRICS,
    ),
)

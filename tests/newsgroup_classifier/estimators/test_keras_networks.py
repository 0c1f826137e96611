"""Networks learn, and a SavedModel gives what they give, from numbers, strings and PNG files."""

import io
import os

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from newsgroup_classifier.errors import ArtifactError, DataError, TrainingError
from newsgroup_classifier.hyperparameters import parse_hyperparameters
from newsgroup_classifier.recipe import Sizes
from newsgroup_classifier.recipes.catalogue import RECIPES, preset_values
from newsgroup_classifier.text.encoders import WordSequences
from newsgroup_classifier.text.ngram_bags import NgramBags
from newsgroup_classifier.text.word_splitting import split_words
from newsgroup_classifier.training.examples import Examples, Labeled
from tests.newsgroup_classifier.estimators.networks import FIT, NETWORKS, learnable, small
from tests.newsgroup_classifier.keras_modules import (
    cluster,
    fitting,
    keras,
    needs_tensorflow,
    saved_model,
    searching,
    text_graph,
    tf,
)

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")
pytestmark = needs_tensorflow
TEXTS = ["Stocks rise, markets cheer", "The moon is pale!", "", "ΟΔΟΣ ΑΣ.", "a\0b stocks", "'n' a"]


def alone():
    """Return the cluster of a job with one instance."""
    return cluster.Cluster(1, 0, tf.distribute.get_strategy())


class NoCheckpoints:
    """Checkpoints that are never saved."""

    def read(self, like):
        return None, []

    def write(self, state):
        pass


@pytest.mark.parametrize(
    "name",
    [
        pytest.param(name, marks=[pytest.mark.slow] * (name != "headlines-fast"))
        for name in NETWORKS
    ],
)
def test_network_of_each_recipe_overfits_one_batch(name):
    recipe, hyperparameters = RECIPES[name], small(name)
    examples = learnable(recipe.inputs)
    encoder = recipe.encoder(hyperparameters).fit(examples.texts) if recipe.encoder else None
    batch = Labeled(examples.rows(encoder), examples.labels)
    keras.utils.set_random_seed(1)
    model = recipe.network(hyperparameters, Sizes(encoder.size if encoder else 0, 3, steps=1))
    fitting.Fit(model, FIT, alone()).run(batch, batch, NoCheckpoints())
    probabilities = fitting.predict(model, batch.rows)
    assert probabilities.sum(axis=1) == pytest.approx(1, abs=1e-5)
    assert (probabilities.argmax(axis=1) == examples.labels).all()


@pytest.mark.slow
def test_grid_search_returns_every_point_of_its_grid_best_first():
    recipe, examples = RECIPES["comments-dense"], learnable("texts")
    overrides = {"search_epochs": "1,40", "search_batches": "3,9", "folds": "3", "dropout": "0"}
    hyperparameters = parse_hyperparameters(overrides, recipe.hyperparameters)
    encoder = recipe.encoder(hyperparameters).fit(examples.texts)
    train = Labeled(examples.rows(encoder), examples.labels)
    assert searching.dense_rows(train, encoder.size).sum(axis=1) == pytest.approx(
        train.rows.take(np.arange(9))["weights"].sum(axis=1)
    )
    table = searching.search_grid(
        recipe.search_network, hyperparameters, train, Sizes(encoder.size, 3, 1)
    )
    pairs = {(row["epochs"], row["batch_size"]) for row in table}
    assert pairs == {(1, 3), (1, 9), (40, 3), (40, 9)}
    accuracies = [row["accuracy"] for row in table]
    assert accuracies == sorted(accuracies, reverse=True)
    assert table[0]["epochs"] == 40
    assert accuracies[0] == 1


def test_grid_search_with_more_folds_than_rows_of_a_label_is_refused():
    recipe, examples = RECIPES["comments-dense"], learnable("texts")
    hyperparameters = parse_hyperparameters({"folds": "4"}, recipe.hyperparameters)
    encoder = recipe.encoder(hyperparameters).fit(examples.texts)
    train = Labeled(examples.rows(encoder), examples.labels)
    with pytest.raises(DataError, match="a label has 3 rows to train on, and the search has 4 fo"):
        searching.search_grid(
            recipe.search_network, hyperparameters, train, Sizes(encoder.size, 3, 1)
        )


@pytest.mark.parametrize("content", ['{"job": {}, "table": []}', "[" * 99999, "[1]", "", "{}"])
def test_a_damaged_table_of_a_search_is_ignored(content, tmp_path):
    path = tmp_path / "search.json"
    path.write_text(content)
    assert searching.read_search(path, {}) is None
    searching.write_search(path, {}, [{"epochs": 2}])
    assert searching.read_search(path, {}) == [{"epochs": 2}]


def test_lstm_of_the_tutorial_preset_has_the_layers_of_the_notebook():
    recipe = RECIPES["headlines-lstm"]
    model = recipe.network(preset_values(recipe, "tutorial"), Sizes(8000, 4, 1))
    shapes = [tuple(weight.shape) for weight in model.weights if "seed" not in weight.path]
    assert shapes == [(8000, 128), (128, 256), (64, 256), (256,), (64, 4), (4,)]
    dropped = [layer.rate for layer in model.layers if hasattr(layer, "rate")]
    assert dropped == [0.0, 0.7, 0.0]
    lstm = next(layer for layer in model.layers if hasattr(layer, "recurrent_dropout"))
    assert (lstm.dropout, lstm.recurrent_dropout) == (0.7, 0.7)
    embedding = next(layer for layer in model.layers if hasattr(layer, "mask_zero"))
    assert not embedding.mask_zero
    assert type(model.optimizer).__name__ == "Adam"
    assert float(model.optimizer.learning_rate.numpy()) == pytest.approx(0.001)


@pytest.mark.parametrize("optimizer", ["adadelta", "adagrad", "adam", "ftrl", "sgd"])
def test_sketches_dense_has_784_32_32_10_units_and_the_requested_optimizer(optimizer):
    recipe = RECIPES["sketches-dense"]
    overrides = {"optimizer": optimizer, "learning_rate": "0.25"}
    model = recipe.network(
        parse_hyperparameters(overrides, recipe.hyperparameters), Sizes(0, 10, 1)
    )
    shapes = [tuple(weight.shape) for weight in model.weights]
    assert shapes == [(784, 32), (32,), (32, 32), (32,), (32, 10), (10,)]
    assert type(model.optimizer).__name__.lower() == optimizer
    assert float(model.optimizer.learning_rate.numpy()) == 0.25


@pytest.mark.parametrize("regularizer", [None, "l2", "l1"])
@pytest.mark.parametrize("loss", ["sparse_categorical_crossentropy", "object"])
def test_a_step_equals_that_of_keras_with_a_loss_object_and_with_regularizers(loss, regularizer):
    rows = np.random.default_rng(0).normal(size=(8, 3)).astype("float32")
    labels = (rows[:, 0] > 0).astype("int64")
    if loss == "object":
        loss = keras.losses.SparseCategoricalCrossentropy()

    def network():
        keras.utils.set_random_seed(1)
        inputs = keras.Input((3,), name="rows")
        dense = keras.layers.Dense(2, activation="softmax", kernel_regularizer=regularizer)
        model = keras.Model({"rows": inputs}, dense(inputs))
        model.compile(keras.optimizers.SGD(1.0), loss=loss)
        return model

    model, other = network(), network()
    losses, right = fitting.Steps(model, alone().strategy).train({"rows": rows}, labels, 8.0)
    history = other.fit({"rows": rows}, labels, batch_size=8, verbose=0).history
    assert model.get_weights()[0] == pytest.approx(other.get_weights()[0], abs=1e-6)
    if regularizer is None:
        assert float(losses) / 8 == pytest.approx(history["loss"][0], rel=1e-5)
    assert 0 < right < 8


def test_steps_with_fewer_rows_than_workers_are_refused_instead_of_all_skipped():
    recipe = RECIPES["sketches-dense"]
    model, workers = recipe.network(recipe.defaults, Sizes(0, 3, 1)), 3
    fit = fitting.Fit(model, FIT, cluster.Cluster(workers, 0, alone().strategy))
    assert [rows for _, rows in fit._parts(np.arange(8), 3)] == [3, 3]
    with pytest.raises(TrainingError, match=r"batch_size is 2, .*are 8, .*has 3 instances"):
        fit._parts(np.arange(8), 2)
    with pytest.raises(TrainingError, match=r"batch_size is 9, .*are 2, .*has 3 instances"):
        fit._parts(np.arange(2), 9)


def test_error_about_another_worker_has_its_reason_but_not_the_stack_of_the_graph():
    message = "Graph execution error:\n\nDetected at node X defined at (most recent call last):\n"
    message = f"{message}<stack traces unavailable>\nCollective ops is aborted by: Socket closed"
    with (
        pytest.raises(TrainingError, match=r"\(TensorFlow: Collective ops is aborted by: Socket"),
        cluster.lost_worker_errors(cluster.Cluster(2, 0, alone().strategy)),
    ):
        raise tf.errors.UnavailableError(None, None, message)


@pytest.fixture(scope="module")
def graph_words():
    """Return split_words as a graph of one text."""
    graph = tf.function(text_graph.split_words, [tf.TensorSpec([None], tf.string)])
    return lambda text: [word.decode() for word in graph(tf.constant([text])).to_list()[0]]


@pytest.mark.slow
@given(text=st.text(st.characters(max_codepoint=0x24FF, exclude_categories=["Cs"]), max_size=30))
@settings(max_examples=150)
def test_graph_splits_any_text_into_the_same_words_as_python(graph_words, text):
    assert graph_words(text) == split_words(text)


@pytest.mark.parametrize("text", [*TEXTS, "\0\0 \uffff\0\uffff0\uffff1", "\u2029x\x1cY", "ǅ İ"])
def test_graph_splits_unusual_texts_into_the_same_words_as_python(graph_words, text):
    assert graph_words(text) == split_words(text)


@pytest.mark.parametrize(
    "encoder",
    [
        WordSequences(6, 3, "back"),
        WordSequences(6, 3, "front"),
        WordSequences(99, 9, "front"),
        NgramBags(2, 4),
        NgramBags(1, 0),
        NgramBags(3, 2, min_df=2),
    ],
    ids=lambda encoder: f"{encoder.kind}-{vars(encoder)}",
)
def test_graph_of_an_encoder_returns_the_same_as_the_encoder(encoder):
    encoder.fit(TEXTS + TEXTS[:3])
    texts = [*TEXTS, "stocks stocks the moon stocks pale rise", "unknown"]
    outputs = text_graph.text_graph(encoder).inputs(tf.constant(texts))
    for name, expected in encoder.transform(texts).items():
        array = outputs[name].numpy()
        assert array.dtype == expected.dtype
        assert np.pad(array, [(0, 0), (0, expected.shape[1] - array.shape[1])]) == pytest.approx(
            expected, abs=1e-7
        )


def test_graph_refuses_more_texts_than_fit_in_memory_when_they_are_padded():
    graph = text_graph.text_graph(WordSequences(6, 5_000, "back").fit(TEXTS))
    with pytest.raises(tf.errors.InvalidArgumentError, match="padded to 5000 words, have more"):
        graph.inputs(tf.constant(["a"] * 1_000))


@pytest.fixture(scope="module")
def exported(tmp_path_factory):
    """Export an untrained network for images; give it, its folder and a sample."""
    recipe = RECIPES["digits-cnn"]
    model = recipe.network(small("digits-cnn"), Sizes(0, 3, 1))
    folder = tmp_path_factory.mktemp("export") / "1"
    saved_model.write_saved_model(model, None, folder)
    images = np.random.default_rng(0).integers(0, 256, (5, 28, 28)).astype("uint8")
    sample = saved_model.Sample({"pixels": images.astype("float32")}, images=images)
    return model, folder, sample


def test_saved_model_accepts_pixels_and_png_files_from_pillow(exported):
    model, folder, sample = exported
    expected = fitting.predict(model, Examples(np.zeros(5), (), images=sample.images).rows(None))
    signatures = tf.saved_model.load(str(folder)).signatures
    assert set(signatures) == {"serving_default", "png"}
    files = []
    for image in sample.images:
        file = io.BytesIO()
        Image.fromarray(image).save(file, "PNG")
        files.append(file.getvalue())
    outputs = signatures["png"](png=tf.constant(files))["probabilities"].numpy()
    assert outputs == pytest.approx(expected, abs=1e-6)
    pixels = signatures["serving_default"](pixels=tf.constant(sample.inputs["pixels"]))
    assert pixels["probabilities"].numpy() == pytest.approx(expected, abs=1e-6)


def test_saved_model_with_other_probabilities_is_refused(exported):
    model, folder, sample = exported
    saved_model.check_saved_model(folder, model, sample)
    other = keras.models.clone_model(model)
    with pytest.raises(ArtifactError, match=r"serving_default differ by 0\.\d+ from"):
        saved_model.check_saved_model(folder, other, sample)


def test_saved_model_of_a_sure_network_is_checked_on_the_same_batch(tmp_path):
    recipe = RECIPES["sketches-dense"]
    keras.utils.set_random_seed(1)
    model = recipe.network(recipe.defaults, Sizes(0, 10, 1))
    model.set_weights([5 * weights for weights in model.get_weights()])
    saved_model.write_saved_model(model, None, tmp_path / "1")
    images = np.random.default_rng(0).integers(0, 256, (600, 28, 28)).astype("uint8")
    every, few = (Examples(np.zeros(n), (), images=images[:n]).rows(None) for n in (600, 100))
    probabilities = fitting.predict(model, every)[:100]
    assert np.abs(probabilities - fitting.predict(model, few)).max() > saved_model.TOLERANCE
    sample = saved_model.Sample(few.take(np.arange(100)), images=images[:100])
    saved_model.check_saved_model(tmp_path / "1", model, sample)


@pytest.mark.slow
def test_saved_model_of_texts_accepts_raw_strings(tmp_path):
    recipe, hyperparameters = RECIPES["headlines-fast"], small("headlines-fast")
    encoder = recipe.encoder(hyperparameters).fit(TEXTS)
    model = recipe.network(hyperparameters, Sizes(encoder.size, 4, 1))
    saved_model.write_saved_model(model, encoder, tmp_path / "1")
    inputs = encoder.transform(TEXTS)
    rows = Examples(np.zeros(len(TEXTS)), (), TEXTS).rows(encoder)
    expected = fitting.predict(model, rows)
    saved_model.check_saved_model(tmp_path / "1", model, saved_model.Sample(inputs, TEXTS))
    signature = tf.saved_model.load(str(tmp_path / "1")).signatures["texts"]
    with pytest.raises(tf.errors.InvalidArgumentError, match="or long texts separately"):
        signature(texts=tf.constant(["moon " * 2_000, *TEXTS[:1] * 1_000]))
    one = signature(texts=tf.constant(TEXTS[:1]))["probabilities"].numpy()
    assert one == pytest.approx(expected[:1], abs=1e-6)

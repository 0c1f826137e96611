"""Requests with "explain" get the words for and against each label; others are as before."""

import io
import json
import time

import numpy as np
import pytest
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.neighbors import KNeighborsClassifier
from sklearn.pipeline import make_pipeline

from inference_pipeline import decode_labels, encode_texts, predict, preprocess
from inference_pipeline.content_types import FEATURES
from inference_pipeline.feature_rows import read_features, write_features
from inference_pipeline.stages import carries_rejections
from inference_pipeline.tensorflow_serving.handlers import Handlers
from newsgroup_classifier import artifacts
from newsgroup_classifier.datasets.newsgroups import GROUPS
from newsgroup_classifier.datasets.spooky import AUTHORS, generate_spooky
from newsgroup_classifier.estimators.explaining import explain_texts, measure_of
from newsgroup_classifier.explanations.explanation import explain_by_removal
from newsgroup_classifier.feature_matrix import feature_matrix
from newsgroup_classifier.text.request_bodies import request_type
from tests.inference_pipeline.conftest import ROOT, Served
from tests.inference_pipeline.explaining.asking import JSON, asked
from tests.inference_pipeline.explaining.same_explanations import assert_same
from tests.inference_pipeline.tensorflow_artifact import (
    HEADLINES,
    LABELS,
    answer,
    context,
    fitted_encoder,
    write_artifact,
)

MODEL_INPUTS = "application/x-model-inputs+json"
PROBABILITIES = "application/x-probabilities+json"
SPOOKY = generate_spooky()


def served_pipeline(pipeline, label_names, texts, folder) -> Served:
    """Return the stages of a fitted pipeline."""
    about = {"recipe": "own-model", "label_names": label_names, "hyperparameters": {}}
    about |= {"metrics": {}, "explanations": measure_of(pipeline)}
    objects = {artifacts.PREPROCESS: pipeline[:-1], artifacts.MODEL: pipeline[-1]}
    artifacts.save_artifact(folder, objects, about, ROOT)
    stages = preprocess.model_fn(str(folder)), predict.model_fn(str(folder))
    return Served(pipeline, folder, *stages, texts)


@pytest.fixture(scope="module", params=["linear", "neighbors"])
def stages(request, served, tmp_path_factory) -> Served:
    """Return the stages of a linear model, and of another one."""
    folder = tmp_path_factory.mktemp("explained")
    if request.param == "linear":
        return served_pipeline(served.pipeline, GROUPS, served.posts[:4], folder)
    pipeline = make_pipeline(TfidfVectorizer(), KNeighborsClassifier(3, weights="distance"))
    pipeline.fit(list(SPOOKY.train["data"]), list(SPOOKY.train["label"]))
    return served_pipeline(pipeline, AUTHORS, list(SPOOKY.test["data"])[:4], folder)


def check(predictions, label_names, expected):
    """Assert that predictions have the expected explanations, to 1e-6."""
    for prediction, explanation in zip(predictions, expected, strict=True):
        assert prediction["label"] in label_names
        assert_same(prediction["explanation"], explanation.as_dict(prediction["label"]))


def test_stages_explain_texts_as_the_pipeline_in_memory(stages):
    texts = [*stages.posts, "xqzt !"]
    predictions = stages.predictions(asked(texts), JSON)
    columns = stages.pipeline.predict_proba(texts).argmax(axis=1).tolist()
    check(
        predictions,
        stages.classifier.label_names,
        explain_texts(stages.pipeline, texts, columns, 5),
    )


def test_explanation_changes_nothing_else_in_a_prediction(stages):
    plain = stages.predictions(json.dumps(stages.posts), JSON)
    for one, other in zip(plain, stages.predictions(asked(stages.posts), JSON), strict=True):
        assert list(other) == [*one, "explanation"]
        assert one["label"] == other["label"]
        assert one["probabilities"] == pytest.approx(other["probabilities"], rel=0, abs=1e-12)


def test_explanations_and_most_likely_labels_go_together(stages):
    (prediction,) = stages.predictions(asked(stages.posts[:1], 1, top=2), JSON)
    assert (len(prediction["top"]), len(prediction["explanation"]["words"])) == (2, 1)


def test_artifact_that_does_not_say_how_it_is_explained_is_explained_by_removal(served):
    (prediction,) = served.predictions(asked(served.posts[:1]), JSON)
    assert prediction["explanation"]["measure"] == "probability"


def test_places_count_code_points_of_the_text_as_it_was_sent(served):
    text = "\n\n\n\n\n\U0001f680\U0001f680 the ORBIT"
    (prediction,) = served.predictions(asked([text]), JSON)
    for word in prediction["explanation"]["words"]:
        assert text[word["start"] : word["end"]] == word["text"]
    assert "ORBIT" in [word["text"] for word in prediction["explanation"]["words"]]


class Network:
    """Answers like TensorFlow Serving, with probabilities that depend on the inputs."""

    def __init__(self, encoder):
        self._encoder = encoder

    def probabilities(self, inputs):
        sums = np.array([[float(np.sum(row)) % 7 + 1] for row in inputs["tokens"]])
        odds = np.hstack([np.full_like(sums, 2.0), sums, sums**0.5])
        return odds / odds.sum(axis=1, keepdims=True)

    def predict_proba(self, texts):
        return self.probabilities(self._encoder.transform(texts))

    def post(self, body):
        content = json.loads(body)
        rows = content["instances"]
        if content["signature_name"] != "texts":
            names = rows[0] if isinstance(rows[0], dict) else None
            columns = {name: [row[name] for row in rows] for name in names} if names else None
            found = self.probabilities(columns or {"tokens": rows})
        else:
            found = self.predict_proba(rows)
        return answer(json.dumps({"predictions": found.tolist()}).encode())


def through_network(target, folder, encoder, body):
    """Return the response of a text recipe's pipeline, or of its single container."""
    handlers, network = Handlers(folder), Network(encoder)
    content_type = JSON
    if target == "pipeline":
        request = encode_texts.input_fn(body, JSON)
        found = encode_texts.output_fn(encode_texts.predict_fn(request, encoder), "*/*")
        body, content_type = found
    about = context(content_type, JSON)
    data = body if isinstance(body, bytes) else body.encode()
    sent = handlers.input_handler(io.BytesIO(data), about)
    content, answered = handlers.output_handler(network.post(sent), about)
    if target == "pipeline":
        assert answered == PROBABILITIES
        carried = decode_labels.predict_fn(decode_labels.input_fn(content, answered), LABELS)
        content, _ = decode_labels.output_fn(carried, JSON)
    return json.loads(content)["predictions"]


@pytest.mark.parametrize("kind", ["sequence", "ngrams"])
@pytest.mark.parametrize("target", ["pipeline", "single"])
def test_networks_are_explained_by_what_the_removal_of_a_word_changes(tmp_path, kind, target):
    folder, encoder = write_artifact(tmp_path / "model", kind), fitted_encoder(kind)
    predictions = through_network(target, folder, encoder, asked(HEADLINES))
    network = Network(encoder)
    columns = network.predict_proba(HEADLINES).argmax(axis=1).tolist()
    expected = explain_by_removal(network.predict_proba, HEADLINES, columns, 5)
    check(predictions, LABELS, expected)
    top = predictions[0]["explanation"]
    assert top["measure"] == "probability"


def test_request_without_explanations_does_not_get_those_of_the_one_before(tmp_path):
    folder, encoder = write_artifact(tmp_path / "model", "ngrams"), fitted_encoder("ngrams")
    handlers, network = Handlers(folder), Network(encoder)
    for body, explained in ((asked(HEADLINES), True), (json.dumps(HEADLINES), False)):
        about = context(JSON)
        sent = handlers.input_handler(io.BytesIO(body.encode()), about)
        content, _ = handlers.output_handler(network.post(sent), about)
        predictions = json.loads(content)["predictions"]
        assert [("explanation" in one) for one in predictions] == [explained] * len(HEADLINES)


def test_text_that_looks_like_the_line_of_a_stage_is_a_text(tmp_path):
    handlers = Handlers(write_artifact(tmp_path / "model", "ngrams"))
    text = 'EXPLAIN1{"count": 1}\nflu'
    sent = handlers.input_handler(io.BytesIO(text.encode()), context("text/plain"))
    assert json.loads(sent)["instances"] == [text]


def test_words_of_a_request_are_in_no_log(served, caplog):
    served.predictions(asked(["\n\n\n\n\nDallow\u00e4y orbit"]), JSON)
    served.answer(asked(["Dallow\u00e4y"] * 11), JSON)
    assert "Dallow" not in caplog.text


def test_request_without_explanations_has_the_same_bytes_between_the_stages(served):
    content, _ = served.features(json.dumps(served.posts[:3]), JSON)
    expected = write_features(feature_matrix(served.pipeline[:-1].transform(served.posts[:3])))
    assert content == expected


@carries_rejections
def input_before(body, content_type):
    """Read features as the second stage did when there were no explanations."""
    request_type(content_type, (FEATURES,))
    return predict.Features(*read_features(body))


@carries_rejections
def predict_before(request, model):
    """Write features as the first stage did when there were no explanations."""
    return write_features(feature_matrix(model.transform(request.texts)), request.options)


@pytest.mark.slow
def test_request_without_explanations_is_not_slower(served):
    """Both ways run in turn; the shortest times of each have a ratio of 1 within noise."""
    body = json.dumps(served.posts[:20])
    ways = {
        "now": (preprocess.predict_fn, predict.input_fn),
        "before": (predict_before, input_before),
    }

    def run(transform, read):
        request = preprocess.input_fn(body, JSON)
        features = transform(request, served.transformers)
        return predict.predict_fn(read(features, FEATURES), served.classifier)

    times: dict[str, list[float]] = {name: [] for name in ways}
    for _ in range(300):
        for name, way in ways.items():
            started = time.process_time()
            run(*way)
            times[name].append(time.process_time() - started)
    assert min(times["now"]) / min(times["before"]) < 1.05

"""Endpoints of TensorFlow recipes predict as the network in memory, and refuse invalid input.

There are three kinds: a text recipe with its pipeline, the same with a single container, and an
image recipe with its pipeline.
"""

import csv
import io
import json

import numpy as np
import pytest
from botocore.exceptions import ClientError

from newsgroup_classifier.datasets.mnist import generate_digits
from newsgroup_classifier.datasets.uci_news import LABEL_NAMES, generate_headlines
from newsgroup_classifier.explanations.explanation import explain_by_removal
from tests.end_to_end.tensorflow.tensorflow_models import (
    check_response,
    deploy,
    register,
    untrained,
    write_archive,
)
from tests.inference_pipeline.explaining.same_explanations import assert_same
from tests.inference_pipeline.images.image_files import npy, png, png_of
from tests.scripts.processes import Scripts

pytestmark = pytest.mark.slow

TEXTS, IMAGES = "headlines-fast", "digits-cnn"
HEADLINES = generate_headlines()
TITLES = [*HEADLINES.test["data"][:40], "xqzt", "!", "É" * 30, "a\u0000b", "\U0001f600 news"]
DIGITS = generate_digits().test
JSON, LINES = "application/json", "application/jsonlines"

KINDS = {
    "pipeline": (TEXTS, "pipeline"),
    "single": (TEXTS, "single"),
    "image": (IMAGES, "pipeline"),
}


class Endpoints:
    """The endpoint of each kind, deployed when a test first uses it."""

    def __init__(self, scripts, folder_of):
        self.scripts, self.folder_of = scripts, folder_of
        self.networks, self.deployed = {}, {}
        self.bucket = scripts.run("setup").result["bucket"]

    def __getitem__(self, kind):
        """Return the endpoint of a kind."""
        if kind not in self.deployed:
            recipe, target = KINDS[kind]
            self.deployed[kind] = deploy(self.scripts, recipe, target, self.network(recipe))
        return self.deployed[kind]

    def network(self, recipe):
        """Return the network of a recipe, which is registered once."""
        if recipe not in self.networks:
            texts = list(HEADLINES.train["data"])
            about = (LABEL_NAMES, texts) if recipe == TEXTS else (DIGITS.label_names,)
            self.networks[recipe] = untrained(recipe, *about)
            archive = write_archive(recipe, self.networks[recipe], self.folder_of(recipe))
            register(self.scripts, recipe, archive, self.bucket)
        return self.networks[recipe]


@pytest.fixture(scope="module")
def endpoints(local_aws, own_region, tmp_path_factory):
    """Deploy a text recipe to both of its targets, and an image recipe, at their first use."""
    endpoints = Endpoints(Scripts(local_aws, own_region), tmp_path_factory.mktemp)
    yield endpoints
    for each in endpoints.deployed.values():
        endpoints.scripts.client("sagemaker").delete_endpoint(EndpointName=each.endpoint)


def test_networks_prefer_different_labels_for_different_rows(endpoints):
    for kind, rows in (("single", TITLES), ("image", DIGITS.images)):
        assert len(set(endpoints[kind].network.probabilities(rows).argmax(axis=1))) > 1


def as_csv(texts):
    text = io.StringIO()
    csv.writer(text).writerows([each] for each in texts)
    return text.getvalue()


@pytest.mark.parametrize("kind", ["pipeline", "single"])
@pytest.mark.parametrize(
    ("content_type", "write"),
    [
        (JSON, json.dumps),
        (f"{JSON}; charset=utf-8", lambda texts: json.dumps({"instances": texts})),
        (LINES, lambda texts: "".join(json.dumps(text) + "\n" for text in texts)),
        ("text/csv", as_csv),
    ],
)
def test_endpoint_predicts_headlines_as_the_network_in_memory(endpoints, kind, content_type, write):
    response = endpoints[kind].invoke(write(TITLES).encode(), content_type)
    check_response(endpoints[kind], TITLES, response)


@pytest.mark.parametrize("kind", ["pipeline", "single"])
def test_single_headline_gets_the_same_prediction_as_in_a_batch(endpoints, kind):
    for title in TITLES[:3]:
        check_response(
            endpoints[kind], [title], endpoints[kind].invoke(title.encode(), "text/plain")
        )


@pytest.mark.parametrize("kind", ["pipeline", "single"])
def test_endpoint_explains_headlines_by_what_the_removal_of_a_word_changes(endpoints, kind):
    titles, network = TITLES[:3] + TITLES[-4:], endpoints[kind].network
    columns = network.probabilities(titles).argmax(axis=1).tolist()
    body = json.dumps({"instances": titles, "explain": 3}).encode()
    content = json.loads(endpoints[kind].invoke(body, JSON)["Body"].read())
    expected = explain_by_removal(network.probabilities, titles, columns, 3)
    for prediction, explanation in zip(content["predictions"], expected, strict=True):
        assert_same(prediction["explanation"], explanation.as_dict(prediction["label"]))


def test_endpoint_predicts_images_as_the_network_in_memory(endpoints):
    images = DIGITS.images[:20]
    for array in (images, images.reshape(-1, 784), images.astype(np.float32)):
        check_response(
            endpoints["image"], images, endpoints["image"].invoke(npy(array), "application/x-npy")
        )
    body = json.dumps({"instances": images.tolist()}).encode()
    check_response(endpoints["image"], images, endpoints["image"].invoke(body, JSON))


def test_png_gets_the_prediction_of_its_pixels(endpoints):
    for image in DIGITS.images[:3]:
        in_color = np.repeat(image[:, :, None], 3, axis=2)
        for body in (png(image), png(in_color)):
            check_response(
                endpoints["image"], image[None], endpoints["image"].invoke(body, "image/png")
            )


@pytest.mark.parametrize("kind", KINDS)
def test_response_has_the_type_of_the_accept_header(endpoints, kind):
    body, content_type = (npy(DIGITS.images[:2]), "application/x-npy")
    if kind != "image":
        body, content_type = json.dumps(TITLES[:2]).encode(), JSON
    expected = endpoints[kind].invoke(body, content_type)
    labels = [one["label"] for one in json.loads(expected["Body"].read())["predictions"]]
    for accept, label_of in (
        ("text/csv", lambda line: line.split(",")[0]),
        (LINES, lambda line: json.loads(line)["label"]),
    ):
        response = endpoints[kind].invoke(body, content_type, Accept=accept)
        lines = response["Body"].read().decode().splitlines()
        assert response["ContentType"].partition(";")[0] == accept
        assert [label_of(line) for line in lines] == labels


def refusal(endpoint, body, content_type, **more):
    """Return the status and the parsed body of a request that a container refuses."""
    with pytest.raises(ClientError) as caught:
        endpoint.invoke(body, content_type, **more)
    response = caught.value.response
    assert response["Error"]["Code"] == "ModelError"
    return response["OriginalStatusCode"], json.loads(response["OriginalMessage"])


IMAGE = DIGITS.images[0]
NAN = np.where(IMAGE.max() == IMAGE, np.nan, IMAGE)


@pytest.mark.parametrize("accept", [JSON, "text/csv", LINES])
@pytest.mark.parametrize("kind", ["pipeline", "single"])
@pytest.mark.parametrize(
    ("body", "message"),
    [
        (b"[]", "the request has no texts; expected at least one"),
        (b"null", 'the JSON is null; expected a list of texts or {"instances": [...]}'),
        (b'["a", null]', "item 1 is null; expected a string"),
        (b'["a", 5]', "item 1 is a number; expected a string"),
        (b'["a", NaN]', "item 1 is a number; expected a string"),
        (b'["a", ["b"]]', "item 1 is a list; expected a string"),
        (b'["a", ""]', "item 1 is an empty text; expected at least one word"),
        (b'["a", "\\ud800"]', "item 1 has a lone surrogate (half a character) at index 0"),
    ],
)
def test_invalid_texts_are_a_400_with_the_same_message_from_either_target(
    endpoints, kind, body, message, accept
):
    status, content = refusal(endpoints[kind], body, JSON, Accept=accept)
    assert (status, content["error"]["message"]) == (400, message)
    assert list(content["error"]) == ["code", "message", "accepted", "request_id"]


@pytest.mark.parametrize("accept", [JSON, "text/csv", LINES])
@pytest.mark.parametrize(
    ("body", "content_type", "message"),
    [
        (npy(IMAGE[:27]), "application/x-npy", "the array has the shape (27, 28); expected the"),
        (
            npy(np.int64(IMAGE)),
            "application/x-npy",
            "the array has the dtype int64; expected uint8",
        ),
        (npy(NAN), "application/x-npy", "item 0 row "),
        (b"[]", JSON, "the request has no images; expected at least one"),
        (b"null", JSON, "the JSON is null; expected a list of images or "),
        (json.dumps([[float("nan")] * 784]).encode(), JSON, "item 0 row 0 column 0 is NaN; expec"),
        (b"[null]", JSON, "item 0 is null; expected 28 rows of 28 numbers, or 784 numbers"),
        (json.dumps([["1"] * 784]).encode(), JSON, "item 0 row 0 column 0 is a string; expected"),
        (png(np.zeros((32, 32), np.uint8)), "image/png", "the PNG has 32 x 32 pixels; expected 28"),
        (png_of(color=6), "image/png", "the PNG has 4 channels (color and transparency); expecte"),
    ],
)
def test_invalid_images_are_a_400_with_the_fault(endpoints, body, content_type, message, accept):
    status, content = refusal(endpoints["image"], body, content_type, Accept=accept)
    assert status == 400
    assert content["error"]["message"].startswith(message)
    assert content["error"]["accepted"]["content_types"] == [JSON, "application/x-npy", "image/png"]


@pytest.mark.parametrize("kind", KINDS)
def test_unknown_content_type_is_a_415(endpoints, kind):
    status, content = refusal(endpoints[kind], b"x", "application/xml")
    assert (status, content["error"]["code"]) == (415, "UnsupportedMediaType")


@pytest.mark.parametrize("kind", KINDS)
def test_accept_header_without_a_supported_type_is_a_406(endpoints, kind):
    body, content_type = (
        (npy(IMAGE), "application/x-npy") if kind == "image" else (b"a", "text/plain")
    )
    status, content = refusal(endpoints[kind], body, content_type, Accept="text/html")
    assert (status, content["error"]["code"]) == (406, "UnsupportedMediaType")


@pytest.mark.parametrize(
    ("kind", "body", "content_type"),
    [("single", b"a headline", "text/plain"), ("image", npy(IMAGE), "application/x-npy")],
)
@pytest.mark.parametrize("attribute", ["tfs-model-version=7", "tfs-model-name=another"])
def test_unknown_model_name_or_version_is_a_404(endpoints, kind, body, content_type, attribute):
    status, content = refusal(endpoints[kind], body, content_type, CustomAttributes=attribute)
    assert status == 404
    assert "not found" in json.dumps(content).lower()


@pytest.mark.parametrize(
    "request_body",
    [
        {"signature_name": "missing", "instances": [{"tokens": [1], "weights": [0.5]}]},
        {"instances": [{"tokens": ["one"], "weights": [0.5]}]},
        {"instances": [{"tokens": [1, 2], "weights": [0.5]}]},
        {"instances": []},
        {"instances": None},
        {"instances": [{"tokens": [1], "weights": [None]}]},
        {"instances": [{"tokens": [float("nan")], "weights": [0.5]}]},
        {"instances": [{"tokens": [1.5], "weights": [0.5]}]},
        {"instances": [{"tokens": [1]}]},
    ],
)
def test_inputs_that_the_model_does_not_take_are_a_400_from_tensorflow_serving(
    endpoints, request_body
):
    body = json.dumps(request_body).encode()
    status, content = refusal(endpoints["single"], body, "application/x-model-inputs+json")
    assert status == 400
    assert content["description"]

"""The endpoint's predictions for every test post match those of the model in memory."""

import csv
import io
import json

import pytest

from tests.end_to_end.posts import TOLERANCE, check_predictions, invoke, predictions

_BATCH = 75  # posts per request
WORDLESS = "\n\n\n\n\n123 !?"  # cleaning leaves nothing of it


@pytest.fixture(scope="module")
def endpoint_predictions(release, posts):
    """Return the endpoint's prediction for every test post, from requests with many posts."""
    texts = [post.text for post in posts]
    bodies = (
        json.dumps({"instances": texts[start : start + _BATCH]})
        for start in range(0, len(texts), _BATCH)
    )
    return [one for body in bodies for one in predictions(release, body, "application/json")]


def as_csv(texts):
    text = io.StringIO()
    csv.writer(text).writerows([item] for item in texts)
    return text.getvalue()


def as_json_lines(texts):
    return "".join(json.dumps(text) + "\n" for text in texts)


def test_endpoint_predicts_every_post_as_the_model_in_memory(endpoint_predictions, posts, model):
    check_predictions(endpoint_predictions, [post.text for post in posts], model)


def test_accuracy_of_the_endpoint_is_the_accuracy_that_training_measured(
    release, endpoint_predictions, posts
):
    pairs = zip(endpoint_predictions, posts, strict=True)
    correct = sum(prediction["label"] == post.group for prediction, post in pairs)
    expected = release.train["metrics"]["accuracy"]
    assert correct / len(posts) == pytest.approx(expected, abs=1e-12, rel=0)


@pytest.mark.parametrize(
    ("content_type", "write"),
    [
        ("text/plain", lambda text: text),
        ("text/csv", lambda text: as_csv([text])),
        ("application/jsonlines", lambda text: as_json_lines([text])),
        ("application/json", lambda text: json.dumps([text])),
    ],
)
@pytest.mark.observes("stages-one-row")
def test_single_post_gets_the_same_prediction_in_every_content_type(
    release, endpoint_predictions, posts, content_type, write
):
    step = max(1, len(posts) // 20)
    for index in range(0, len(posts), step):
        (prediction,) = predictions(release, write(posts[index].text), content_type)
        expected = endpoint_predictions[index]
        assert prediction["label"] == expected["label"]
        assert prediction["probabilities"] == pytest.approx(
            expected["probabilities"], abs=TOLERANCE
        )


@pytest.mark.parametrize(
    ("content_type", "write"), [("text/csv", as_csv), ("application/jsonlines", as_json_lines)]
)
def test_many_posts_in_one_request_get_their_predictions_in_order(
    release, endpoint_predictions, posts, content_type, write
):
    body = write([post.text for post in posts[:40]])
    labels = [item["label"] for item in predictions(release, body, content_type)]
    assert labels == [item["label"] for item in endpoint_predictions[:40]]


def test_responses_in_csv_and_json_lines_have_the_same_predictions(
    release, endpoint_predictions, posts
):
    body = json.dumps([post.text for post in posts[:5]])
    response = invoke(release, body, "application/json", Accept="text/csv")
    assert response["ContentType"].startswith("text/csv")
    rows = list(csv.reader(io.StringIO(response["Body"].read().decode())))
    expected = [(item["label"], item["probability"]) for item in endpoint_predictions[:5]]
    assert [(label, pytest.approx(float(value))) for label, value in rows] == expected
    response = invoke(release, body, "application/json", Accept="application/jsonlines")
    assert response["ContentType"].startswith("application/jsonlines")
    lines = [json.loads(line) for line in response["Body"].read().decode().splitlines()]
    assert [(line["label"], pytest.approx(line["probability"])) for line in lines] == expected


@pytest.mark.observes("stages-one-row")
@pytest.mark.parametrize("body", ["a text", "a text\n", '"a text"\r\n'])
def test_csv_with_one_row_gets_one_prediction(release, body):
    (prediction,) = predictions(release, body, "text/csv")
    assert prediction == predictions(release, "a text", "text/plain")[0]


@pytest.mark.observes("stages-wordless")
def test_text_without_words_is_scored_as_by_the_model_in_memory(release, model):
    texts = ["a text", WORDLESS]
    check_predictions(predictions(release, json.dumps(texts), "application/json"), texts, model)

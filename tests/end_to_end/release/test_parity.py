"""The endpoint says of every test post what the model in memory says."""

import csv
import io
import json

import numpy as np
import pytest

from tests.end_to_end.posts import invoke, predictions

_BATCH = 75  # posts in a request
_TOLERANCE = 1e-6


@pytest.fixture(scope="module")
def answers(release, posts):
    """Ask the endpoint about every test post, many in a request."""
    texts = [post.text for post in posts]
    found = []
    for start in range(0, len(texts), _BATCH):
        body = json.dumps({"instances": texts[start : start + _BATCH]})
        found += predictions(release, body, "application/json")
    return found


def in_csv(texts):
    text = io.StringIO()
    csv.writer(text).writerows([item] for item in texts)
    return text.getvalue()


def test_every_label_is_the_model_s(answers, posts, model):
    assert [answer["label"] for answer in answers] == model.labels([post.text for post in posts])


def test_every_probability_is_the_model_s(answers, posts, model):
    expected = model.probabilities([post.text for post in posts])
    rows = [[answer["probabilities"][name] for name in model.label_names] for answer in answers]
    assert np.abs(np.array(rows) - expected).max() <= _TOLERANCE


def test_the_probability_of_an_answer_is_that_of_its_label(answers):
    for answer in answers:
        assert answer["probability"] == answer["probabilities"][answer["label"]]


def test_the_accuracy_of_the_endpoint_is_the_one_training_measured(release, answers, posts):
    right = sum(answer["label"] == post.group for answer, post in zip(answers, posts, strict=True))
    expected = release.train["metrics"]["accuracy"]
    assert right / len(posts) == pytest.approx(expected, abs=1e-12, rel=0)


@pytest.mark.parametrize(
    ("content_type", "write"),
    [
        ("text/plain", lambda text: text),
        ("text/csv", lambda text: in_csv([text])),
        ("application/jsonlines", lambda text: json.dumps(text) + "\n"),
        ("application/json", lambda text: json.dumps([text])),
    ],
)
@pytest.mark.observes("stages-one-row")
def test_a_post_alone_gets_the_same_answer_in_every_content_type(
    release, answers, posts, content_type, write
):
    step = max(1, len(posts) // 20)
    for index in range(0, len(posts), step):
        (answer,) = predictions(release, write(posts[index].text), content_type)
        assert answer["label"] == answers[index]["label"]
        assert answer["probabilities"] == pytest.approx(
            answers[index]["probabilities"], abs=_TOLERANCE
        )


@pytest.mark.parametrize("content_type", ["text/csv", "application/jsonlines"])
def test_many_posts_in_one_request_are_answered_in_order(release, answers, posts, content_type):
    texts = [post.text for post in posts[:40]]
    body = (
        in_csv(texts)
        if content_type == "text/csv"
        else "".join(json.dumps(text) + "\n" for text in texts)
    )
    found = predictions(release, body, content_type)
    assert [item["label"] for item in found] == [item["label"] for item in answers[:40]]


def test_answers_in_csv_and_json_lines_say_the_same(release, answers, posts):
    body = json.dumps([post.text for post in posts[:5]])
    answer = invoke(release, body, "application/json", Accept="text/csv")
    assert answer["ContentType"].startswith("text/csv")
    rows = list(csv.reader(io.StringIO(answer["Body"].read().decode())))
    expected = [(item["label"], item["probability"]) for item in answers[:5]]
    assert [(label, pytest.approx(float(value))) for label, value in rows] == expected
    answer = invoke(release, body, "application/json", Accept="application/jsonlines")
    assert answer["ContentType"].startswith("application/jsonlines")
    lines = [json.loads(line) for line in answer["Body"].read().decode().splitlines()]
    assert [(line["label"], pytest.approx(line["probability"])) for line in lines] == expected

"""scripts.invoke reads texts from all sources, and shows the endpoint's error messages."""

import csv
import io
import json

import pytest

from newsgroup_classifier.datasets.newsgroups import GROUPS
from scripts.invoke import details

HEADER = "From: a@example.com\nSubject: s\nOrganization: o\nLines: 2\n\n"
POSTS = [f'{HEADER}Bela "mida" kore,\nraba dile.\n', f"{HEADER}kari\nmore\n"]
NOTE = "Note: newsgroups-naive-bayes drops the header of a post, its first 5 lines."


def content_of(extension: str) -> str:
    """Return both posts (only the first one in plain text) in the format of an extension."""
    if extension == ".csv":
        text = io.StringIO()
        csv.writer(text).writerows([post] for post in POSTS)
        return text.getvalue()
    if extension == ".json":
        return json.dumps({"instances": POSTS})
    if extension == ".jsonl":
        return "".join(json.dumps(post) + "\n" for post in POSTS)
    return POSTS[0]


def test_details_show_labels_and_posts_as_a_table_of_short_lines():
    prediction = {
        "top": [{"label": "DIY", "probability": 0.5}],
        "neighbors": [{"label": "cars", "distance": 0.25, "text": "long\n" * 40}],
    }
    _, labels, label, posts, post = details(prediction).split("\n")
    assert (labels, posts) == ("  label         probability", "  nearest post  distance")
    assert label == "  DIY           0.5000"
    assert post.startswith("  cars          0.2500  long long ")
    assert post.endswith("...")
    assert len(post) < 100
    assert details({"label": "a", "probabilities": {"a": 1.0}}) == ""


def test_details_show_the_words_of_an_explanation_with_their_signs():
    words = [{"text": "orbit", "contribution": 0.83}, {"text": "the", "contribution": -0.1}]
    lines = details({"explanation": {"measure": "decision", "words": words}}).split("\n")
    assert lines[1:] == [
        "  word   contribution to the decision",
        "  orbit  +0.8300",
        "  the    -0.1000",
    ]


@pytest.fixture(scope="session")
def predictions(release):
    """Return the predictions for both posts."""
    return release.scripts.run(
        "invoke", "--content-type", "application/json", json.dumps(POSTS)
    ).result["predictions"]


def test_prediction_has_a_label_and_every_probability(predictions):
    for prediction in predictions:
        probabilities = prediction["probabilities"]
        assert tuple(probabilities) == GROUPS
        assert sum(probabilities.values()) == pytest.approx(1)
        assert prediction["probability"] == max(probabilities.values())
        assert probabilities[prediction["label"]] == prediction["probability"]


@pytest.mark.parametrize("extension", [".txt", ".csv", ".json", ".jsonl", ".JSON", ""])
def test_file_is_read_by_its_extension(release, predictions, tmp_path, extension):
    path = tmp_path / f"post{extension}"
    path.write_text(content_of(extension.lower()), encoding="utf-8", newline="")
    ended = release.scripts.run("invoke", "--file", str(path))
    expected = predictions[:1] if extension in (".txt", "") else predictions
    assert ended.result == {"predictions": expected}
    assert NOTE not in ended.stderr
    for index, prediction in enumerate(expected):
        best = f"text {index}: {prediction['label']} {prediction['probability']:.3f}, "
        assert best in ended.stderr


@pytest.mark.parametrize("text", [POSTS[0], "-"])
def test_text_is_read_from_the_command_line_or_standard_input(release, predictions, text):
    ended = release.scripts.run("invoke", text, stdin=POSTS[0])
    assert ended.result == {"predictions": predictions[:1]}


@pytest.mark.parametrize("text", ["one line", HEADER.removesuffix("\n")])
def test_text_of_which_nothing_is_left_is_scored_with_a_note(release, text):
    ended = release.scripts.run("invoke", text)
    assert NOTE in ended.stderr
    assert "the prediction is the model's prior" in ended.stderr
    (prediction,) = ended.result["predictions"]
    # The generated sample has the same number of posts per group.
    assert prediction["probability"] == pytest.approx(1 / len(GROUPS))


def test_most_likely_labels_are_returned_along_with_the_note(release):
    ended = release.scripts.run("invoke", "--top", "2", "one line")
    (prediction,) = ended.result["predictions"]
    assert len(prediction["top"]) == 2
    assert NOTE in ended.stderr


@pytest.mark.parametrize(
    ("content_type", "body", "message"),
    [
        ("application/json", '["a", 5]', "(400): item 1 is a number; expected a string"),
        ("application/json", '["a", " "]', "(400): item 1 is an empty text"),
        ("application/json", '["a"', "(400): the body is not JSON"),
        ("application/json", "[]", "(400): the request has no texts"),
        ("text/csv", "a,b", "(400): item 0 has 2 columns"),
        ("image/png", "a", "(415): the content type 'image/png' is not accepted"),
    ],
)
def test_error_of_the_endpoint_is_shown_with_its_message(release, content_type, body, message):
    error = release.scripts.run("invoke", "--content-type", content_type, body).error
    assert error.startswith(f"the endpoint refused the request {message}")


def test_bytes_that_are_not_text_are_refused_with_their_position(release, tmp_path):
    path = tmp_path / "post.txt"
    path.write_bytes(b"caf\xe9")
    error = release.scripts.run("invoke", "--file", str(path)).error
    assert error.startswith(f"{path} is not UTF-8: byte 3 is 0xe9. Pass a file of texts")


def test_request_over_the_size_limit_is_refused_in_one_line(release, tmp_path):
    path = tmp_path / "post.txt"
    path.write_bytes(b"a" * 6_300_000)
    error = release.scripts.run("invoke", "--file", str(path)).error
    assert "the body has 6,300,000 bytes; SageMaker accepts at most 6,291,456" in error

"""invoke: texts from everywhere, and the endpoint's refusals in its own words."""

import csv
import io
import json

import pytest

from newsgroup_classifier.datasets.newsgroups import GROUPS

HEADER = "From: a@example.com\nSubject: s\nOrganization: o\nLines: 2\n\n"
POSTS = [f'{HEADER}Bela "mida" kore,\nraba dile.\n', f"{HEADER}kari\nmore\n"]
NOTE = "Note: newsgroups-naive-bayes drops the header of a post, its first 5 lines."


def written(ending: str) -> str:
    """Return both posts (the first one alone in plain text) as a file of this ending has them."""
    if ending == ".csv":
        text = io.StringIO()
        csv.writer(text).writerows([post] for post in POSTS)
        return text.getvalue()
    if ending == ".json":
        return json.dumps({"instances": POSTS})
    if ending == ".jsonl":
        return "".join(json.dumps(post) + "\n" for post in POSTS)
    return POSTS[0]


@pytest.fixture(scope="session")
def predictions(release):
    """Return what the endpoint says of both posts."""
    return release.scripts.run(
        "invoke", "--content-type", "application/json", json.dumps(POSTS)
    ).result["predictions"]


def test_a_prediction_has_a_label_and_every_probability(predictions):
    for prediction in predictions:
        probabilities = prediction["probabilities"]
        assert tuple(probabilities) == GROUPS
        assert sum(probabilities.values()) == pytest.approx(1)
        assert prediction["probability"] == max(probabilities.values())
        assert probabilities[prediction["label"]] == prediction["probability"]


@pytest.mark.parametrize("ending", [".txt", ".csv", ".json", ".jsonl", ".JSON", ""])
def test_a_file_is_read_by_its_ending(release, predictions, tmp_path, ending):
    path = tmp_path / f"post{ending}"
    path.write_text(written(ending.lower()), encoding="utf-8", newline="")
    ended = release.scripts.run("invoke", "--file", str(path))
    expected = predictions[:1] if ending in (".txt", "") else predictions
    assert ended.result == {"predictions": expected}
    assert NOTE not in ended.stderr
    for index, prediction in enumerate(expected):
        best = f"text {index}: {prediction['label']} {prediction['probability']:.3f}, "
        assert best in ended.stderr


@pytest.mark.parametrize("text", [POSTS[0], "-"])
def test_a_text_is_taken_from_the_command_line_or_from_standard_input(release, predictions, text):
    ended = release.scripts.run("invoke", text, stdin=POSTS[0])
    assert ended.result == {"predictions": predictions[:1]}


@pytest.mark.parametrize("text", ["one line", HEADER.removesuffix("\n")])
def test_a_text_of_which_nothing_is_left_is_noted_and_scored(release, text):
    ended = release.scripts.run("invoke", text)
    assert NOTE in ended.stderr
    assert "the answer is the model's prior" in ended.stderr
    (prediction,) = ended.result["predictions"]
    # The generated sample has as many posts of each group.
    assert prediction["probability"] == pytest.approx(1 / len(GROUPS))


def test_likeliest_labels_of_a_text_are_answered_beside_the_note(release):
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
        ("application/json", "[]", "(400): the request has no text"),
        ("text/csv", "a,b", "(400): item 0 has 2 columns"),
        ("image/png", "a", "(415): the content type 'image/png' is not accepted"),
    ],
)
def test_a_refusal_of_the_endpoint_comes_out_in_its_own_words(release, content_type, body, message):
    error = release.scripts.run("invoke", "--content-type", content_type, body).error
    assert error.startswith(f"the endpoint refused the request {message}")


def test_bytes_that_are_no_text_are_refused_by_their_place(release, tmp_path):
    path = tmp_path / "post.txt"
    path.write_bytes(b"caf\xe9")
    error = release.scripts.run("invoke", "--file", str(path)).error
    assert error == (
        "the endpoint refused the request (400): the body is not UTF-8: byte 3 is 0xe9"
    )


def test_a_request_that_is_too_big_is_refused_in_one_line(release, tmp_path):
    path = tmp_path / "post.txt"
    path.write_bytes(b"a" * 6_300_000)
    error = release.scripts.run("invoke", "--file", str(path)).error
    assert "the body has 6,300,000 bytes; SageMaker takes at most 6,291,456" in error

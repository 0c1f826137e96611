"""What the containers do to requests that rely on their defaults does not happen to ours."""

import json

import pytest

from tests.end_to_end.posts import invoke, predictions

WORDLESS = "\n\n\n\n\n123 !?"  # cleaning leaves nothing of it


@pytest.mark.observes("stages-one-row")
@pytest.mark.parametrize("body", ["a text", "a text\n", '"a text"\r\n'])
def test_one_row_of_csv_is_one_prediction(release, body):
    (prediction,) = predictions(release, body, "text/csv")
    assert prediction == predictions(release, "a text", "text/plain")[0]


@pytest.mark.observes("stages-wordless")
def test_a_text_that_cleans_to_nothing_is_scored_as_the_model_scores_it(release, model):
    found = predictions(release, json.dumps(["a text", WORDLESS]), "application/json")
    assert [item["label"] for item in found] == model.labels(["a text", WORDLESS])
    expected = model.probabilities([WORDLESS])[0]
    row = [found[1]["probabilities"][name] for name in model.label_names]
    assert row == pytest.approx(expected, abs=1e-6)


@pytest.mark.observes("stages-response-type", "stages-accept")
def test_an_answer_in_json_has_no_charset_though_the_request_had_one(release):
    answer = invoke(release, '["a text"]', "application/json; charset=utf-8", Accept="*/*")
    assert answer["ContentType"] == "application/json"

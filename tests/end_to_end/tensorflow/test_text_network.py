"""text-network trains on own texts of any language and predicts the same at both endpoints."""

import json

import pytest

from tests.newsgroup_classifier.datasets.files.own_files import WORDS, write_csv, written_in

RECIPE = "text-network"
pytestmark = pytest.mark.slow


@pytest.mark.parametrize("language", WORDS)
def test_texts_of_a_language_are_classified_alike_at_both_endpoints(scripts, tmp_path, language):
    rows = written_in(language)
    file = write_csv(tmp_path / "tickets.csv", rows)
    recipe = ("--recipe", RECIPE, "--name", language)
    report = scripts.run("upload_data", *recipe, "--file", str(file)).result["report"]
    largest = max(each["share"] for each in report["classes"].values())
    trained = scripts.run("train", *recipe, "--approve", "--no-report").result
    assert trained["metrics"]["accuracy"] > largest + 0.2
    texts = tmp_path / "texts.json"
    texts.write_text(json.dumps([text for text, _ in rows[:30]]), encoding="utf-8")
    answers = []
    for target in ("pipeline", "single"):
        assert scripts.run("deploy", *recipe, "--target", target, "--yes").code == 0
        invoked = scripts.run("invoke", *recipe, "--target", target, "--file", str(texts))
        answers.append(invoked.result["predictions"])
    for one, other in zip(*answers, strict=True):
        assert one["label"] == other["label"]
        assert one["probabilities"] == pytest.approx(other["probabilities"], abs=1e-6)
    assert {one["label"] for one in answers[0]} == set(WORDS[language][1])
    measured = scripts.run("evaluate", *recipe).result["metrics"]
    assert measured["accuracy"] == pytest.approx(trained["metrics"]["accuracy"], abs=1e-9)

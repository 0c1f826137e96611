"""text-network trains on own texts of any language and predicts the same at both endpoints."""

import json

import pytest

from tests.newsgroup_classifier.datasets.files.own_files import WORDS, write_csv, written_in

RECIPE = "text-network"
pytestmark = pytest.mark.slow


def test_texts_of_two_languages_are_classified_alike_at_both_endpoints(scripts, tmp_path):
    languages = [written_in(language) for language in WORDS]
    file = write_csv(tmp_path / "tickets.csv", [row for rows in languages for row in rows])
    recipe = ("--recipe", RECIPE, "--name", "languages")
    report = scripts.run("upload_data", *recipe, "--file", str(file)).result["report"]
    largest = max(each["share"] for each in report["classes"].values())
    trained = scripts.run("train", *recipe, "--approve", "--no-report").result
    assert trained["metrics"]["accuracy"] > largest * len(languages) + 0.2  # of its language
    texts = tmp_path / "texts.json"
    asked = [text for rows in languages for text, _ in rows[:30]]
    texts.write_text(json.dumps(asked), encoding="utf-8")
    answers = []
    for target in ("pipeline", "single"):
        assert scripts.run("deploy", *recipe, "--target", target, "--yes").code == 0
        invoked = scripts.run("invoke", *recipe, "--target", target, "--file", str(texts))
        answers.append(invoked.result["predictions"])
    for one, other in zip(*answers, strict=True):
        assert one["label"] == other["label"]
        assert one["probabilities"] == pytest.approx(other["probabilities"], abs=1e-6)
    for start, (_, classes, _) in zip((0, 30), WORDS.values(), strict=True):
        assert {one["label"] for one in answers[0][start : start + 30]} == set(classes)
    measured = scripts.run("evaluate", *recipe).result["metrics"]
    assert measured["accuracy"] == pytest.approx(trained["metrics"]["accuracy"], abs=1e-9)

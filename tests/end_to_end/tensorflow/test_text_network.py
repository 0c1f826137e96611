"""text-network trains on own texts of any language and predicts the same at both endpoints."""

import json
import random

import pytest

from tests.newsgroup_classifier.datasets.files.own_files import write_csv

RECIPE = "text-network"
WORDS = {
    "german": (
        " ",
        {
            "Abrechnung": ("Rechnung", "Überweisung", "Mahnung", "Gutschrift"),
            "007": ("Drucker", "Bildschirm", "Störung", "Laufwerk"),
            "true": ("Urlaub", "Kündigung", "Gehalt", "Schulung"),
        },
        ("und", "der", "nicht", "für", "bitte", "seit", "gestern", "ich"),
    ),
    "japanese": (
        "",
        {
            "経理": ("請求書", "支払い", "金額", "口座"),
            "故障": ("画面", "印刷機", "通信", "電源"),
            "人事": ("休暇", "契約", "給料", "研修"),
        },
        ("は", "が", "を", "に", "です", "昨日", "から", "お願い"),
    ),
}
pytestmark = pytest.mark.slow


def tickets(language, count=210):
    """Return texts of two words of their class among common ones, and their labels."""
    space, classes, common = WORDS[language]
    rng = random.Random(0)  # noqa: S311 (not for security)
    rows = []
    for number in range(count):
        label = list(classes)[number % len(classes)]
        words = rng.choices(classes[label], k=2) + rng.choices(common, k=rng.randint(3, 7))
        rng.shuffle(words)
        rows.append((space.join(words), label))
    return rows


@pytest.mark.parametrize("language", WORDS)
def test_texts_of_a_language_are_classified_alike_at_both_endpoints(scripts, tmp_path, language):
    rows = tickets(language)
    file = write_csv(tmp_path / "tickets.csv", rows)
    recipe = ("--recipe", RECIPE, "--name", language)
    report = scripts.run("upload_data", *recipe, "--file", str(file)).result["report"]
    largest = max(each["share"] for each in report["classes"].values())
    trained = scripts.run("train", *recipe, "--approve").result
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

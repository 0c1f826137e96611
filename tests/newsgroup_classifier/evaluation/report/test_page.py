"""The report is one page that needs nothing else, legible for any data."""

import base64
import io
import re
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image
from sklearn.metrics import average_precision_score, roc_auc_score

from newsgroup_classifier.evaluation.quality import Suspect
from newsgroup_classifier.evaluation.report.page import render, summarize
from newsgroup_classifier.evaluation.report.tables import MOST_MISTAKES, class_rows, wrong_examples
from newsgroup_classifier.explanations.explanation import DECISION, Explanation, Word
from tests.newsgroup_classifier.evaluation.report.reports import made_evidence, parsed, rendered

HOSTILE = "<script>alert(1)</script>\u202eabc\u200f</td>\x00&amp;\ud800"


@pytest.fixture(scope="module")
def page():
    evidence = made_evidence(3, 200, suspects=[Suspect(7, "class.000", "class.001", 0.01)])
    words = [{"moon": 9, "the": 20}, {"goal": 8, "the": 21}, {"car": 7, "the": 19}]
    history = [
        {
            f"{kind}:{metric}": 0.5
            for kind in ("train", "validation")
            for metric in ("loss", "accuracy")
        }
    ] * 3
    return rendered(
        replace(
            evidence,
            words=words,
            lengths={"train": [10, 200, 3000], "test": [20]},
            sizes={10: 0.5, 100: 0.7},
            history=history,
            saved=2,
            cloud=b"\x89PNG",
        ),
        ["the model is no better"],
    )


def test_report_has_every_section(page):
    text = parsed(page).text
    for heading in (
        *("Metrics", "Training details", "Classes", "Confusion matrix", "Shares of each row"),
        *("ROC, one class against the rest", "Precision and recall, one class against", "Data"),
        *("Calibration:", "Confidence and accuracy", "Learning curve", "Learning curve: loss per"),
        *("Length of the texts", "Word cloud", "Most confident mistakes", "Suspicious labels"),
        *("answerable at 95% accuracy", "expected calibration error", "1,000 resamples"),
        *("largest class:", "Warning: the model is no better"),
    ):
        assert heading in text, heading


def test_report_needs_nothing_but_itself_and_allows_only_its_own_script(page):
    parts = parsed(page)
    for tag, attributes in parts.elements:
        for name in ("src", "href", "xlink:href", "action", "data"):
            assert (attributes.get(name) or "#").startswith(("#", "data:image/png")), (tag, name)
    assert parts.count("script") == 1
    assert not re.search(r"""(url\(|@import)(?!["']?#)""", page)
    policy = dict(_policy(parts))
    assert policy["default-src"] == "'none'"
    assert policy["script-src"].startswith("'sha256-")
    assert policy["img-src"] == "data:"


def _policy(parts):
    (content,) = [
        attributes["content"]
        for _, attributes in parts.elements
        if attributes.get("http-equiv") == "Content-Security-Policy"
    ]
    return [part.strip().split(" ", 1) for part in content.split(";")]


def test_report_lists_the_words_that_set_a_class_apart(page):
    cells = re.findall(r'<td class="text words"><bdi>(.*?)</bdi>', page)
    assert {cell.split(", ")[0] for cell in cells} == {"moon", "goal", "car"}  # and not "the"


@pytest.mark.parametrize("classes", [2, 20, 200])
def test_report_is_legible_with_any_number_of_classes(classes):
    html = rendered(made_evidence(classes, 3000))
    text = parsed(html).text
    assert len(html) < 1_000_000
    assert ("The 40 classes with the lowest F1 of 200" in text) == (classes == 200)
    assert ("The 20 classes with the lowest F1 of 200" in text) == (classes == 200)
    assert ("all others" in text) == (classes == 200)
    assert (f"worst 8 of {classes}" in text) == (classes > 8)
    assert html.count('class="text name"') == 2 * min(classes, 40) + 2 * MOST_MISTAKES


def test_report_of_one_class_in_the_test_channel_says_what_it_lacks():
    evidence = made_evidence(3, 50)
    only = replace(evidence.scores, labels=[1] * 50)
    text = parsed(rendered(replace(evidence, scores=only))).text
    assert "There are no ROC and precision-recall curves" in text
    assert "Calibration:" in text
    assert "There is no learning curve." in text
    assert "No suspicious labels are listed." in text


def test_report_of_two_rows_has_metrics_and_intervals():
    evidence = made_evidence(2, 2)
    scores = replace(evidence.scores, labels=[0, 1], predicted=[0, 0])
    text = parsed(rendered(replace(evidence, scores=scores))).text
    assert "accuracy 0.5000 0.0000 to 1.0000" in text


@pytest.mark.parametrize("broken", [3, 50])
def test_report_of_probabilities_that_are_not_numbers_leaves_them_out(broken):
    evidence = made_evidence(2, 50)
    evidence.scores.probabilities[:broken] = np.nan
    text = parsed(rendered(evidence)).text
    assert f"{broken} of 50 texts have probabilities that are not numbers" in text
    assert ("Calibration:" in text) == (broken == 3)
    assert "nan" not in text


def test_report_escapes_labels_texts_and_words():
    evidence = made_evidence(
        2, 40, texts=[HOSTILE] * 40, words=[{HOSTILE: 5}, {HOSTILE: 3, "b": 2}]
    )
    names = (HOSTILE, "class.001")
    found = Explanation(DECISION, 1.0, 0.0, 0.5, (Word(HOSTILE[:8], 0, 8, 0.5),))
    evidence = replace(
        evidence,
        scores=replace(evidence.scores, label_names=names),
        explain=lambda texts, predicted: [found] * len(texts),
        suspects=[Suspect(1, HOSTILE, HOSTILE, 0.1)],
    )
    html = rendered(evidence, [HOSTILE])
    html.encode("utf-8")
    parts = parsed(html)
    assert parts.count("script") == 1
    assert "\x00" not in html
    assert "<script>alert(1)" in parts.text
    assert parts.count("mark") > 0
    # What turns the direction of writing stays within its element.
    around = set(re.findall(r"<(/?\w+)[^>]*>[^<]*\u202e", html))
    assert around <= {"bdi", "mark", "/mark", "/strong"}


def test_report_cuts_texts_of_a_megabyte():
    html = rendered(made_evidence(2, 60, texts=["word " * 200_000] * 60))
    assert len(html) < 400_000
    assert "word word …" in html


@pytest.mark.parametrize("is_exact", [True, False])
def test_report_explains_the_first_eight_mistakes_and_only_short_ones_word_by_word(is_exact):
    asked = []

    def explain(texts, predicted):
        asked.extend(texts)
        return [Explanation(DECISION, 1.0, 0.0, 0.5, ())] * len(texts)

    texts = [f"{number} " + "long " * 500 * (number % 2) for number in range(200)]
    evidence = made_evidence(2, 200, texts=texts, explain=explain, is_exact=is_exact)
    rendered(evidence)
    mistakes = [texts[number] for number in wrong_examples(evidence)[:MOST_MISTAKES]]
    short = [text for text in mistakes if len(text) <= 2000]
    assert len(short) < len(mistakes)
    assert asked == (mistakes if is_exact else short)[:8]


def test_report_adds_up_the_contributions_of_a_word_and_cuts_a_text_between_words():
    long = "moon and moon\n\n \nmoon " + "night " * 100
    words = (Word("moon", 0, 4, 0.5), Word("moon", 9, 13, 0.25), Word("night", 23, 28, -0.5))
    found = Explanation(DECISION, 1.0, 0.0, 0.5, words)
    evidence = made_evidence(
        2, 40, texts=[long] * 40, explain=lambda texts, predicted: [found] * len(texts)
    )
    html = rendered(evidence)
    assert "<mark>moon</mark> and <mark>moon</mark>\nmoon night" in html
    assert "night …</bdi>" in html
    assert "text, with the words that matter most" in html
    assert "moon +0.75, night -0.50" in parsed(html).text


def test_report_says_why_there_is_no_learning_curve():
    text = parsed(rendered(made_evidence(2, 60, no_sizes="the job reads a stream"))).text
    assert "There is no learning curve: the job reads a stream." in text


def test_report_counts_the_suspicious_labels_that_it_does_not_list():
    suspects = [Suspect(7, "class.000", "class.001", 0.01)] * 209
    text = parsed(rendered(made_evidence(2, 60, suspects=suspects))).text
    assert "209 rows of the train channel may have a wrong label" in text
    assert "The 20 whose labels are the least probable are below;" in text


def test_report_of_a_sample_has_the_metrics_of_all_rows():
    evidence = made_evidence(2, 30)
    scores = replace(evidence.scores, rows=range(0, 60, 2), all_pairs=np.array([[50, 10], [5, 35]]))
    sampled = replace(evidence, scores=scores)
    summary = summarize(sampled)
    assert (summary["examples"], summary["metrics"]["accuracy"]["value"]) == (100, 0.85)
    assert summary["metrics"]["accuracy"]["baseline"] == 0.6
    text = parsed(rendered(sampled)).text
    assert "Test metrics of 100 texts; curves, areas, calibration, and mistakes are those" in text
    assert "a random sample of 30 of them" in text
    assert {row.support for row in class_rows(sampled)} == {60, 40}


def test_calibration_is_that_of_the_predicted_labels():
    evidence = made_evidence(2, 60)
    scores = replace(evidence.scores, predicted=evidence.scores.labels)
    calibration = summarize(replace(evidence, scores=scores))["calibration"]
    assert calibration["answerable_share"] == 1
    least = scores.probabilities[np.arange(60), scores.labels].min()
    assert calibration["threshold"] == pytest.approx(least)


def test_areas_are_those_of_scikit_learn():
    evidence = made_evidence(3, 90)
    rankings = evidence.scores.rankings
    assert list(rankings) == [0, 1, 2]
    for number, ranking in rankings.items():
        positive = np.array(evidence.scores.labels) == number
        column = evidence.scores.probabilities[:, number]
        assert ranking.roc.area == pytest.approx(roc_auc_score(positive, column), abs=1e-12)
        average = average_precision_score(positive, column)
        assert ranking.precision.area == pytest.approx(average, abs=1e-12)


def test_report_without_texts_says_so_and_has_none():
    text = parsed(rendered(made_evidence(2, 60, texts=()))).text
    assert "Texts are omitted." in text
    assert "text 1 of" not in text


def test_report_of_images_has_a_sheet_of_mistakes():
    images = np.arange(60 * 28 * 28, dtype=np.uint32).reshape(60, 28, 28).astype("uint8")
    evidence = made_evidence(3, 60, texts=(), images=images)
    evidence = replace(evidence, scores=replace(evidence.scores, inputs="images"))
    parts = parsed(rendered(evidence))
    wrong = sum(np.array(evidence.scores.labels) != np.array(evidence.scores.predicted))
    assert parts.count("img") == wrong
    assert "Image of row" in {a["alt"][:12] for tag, a in parts.elements if tag == "img"}


@pytest.mark.parametrize(("is_ink", "shade"), [(True, 225), (False, 30)])
def test_light_ink_is_shown_dark_and_an_own_image_as_it_is(is_ink, shade):
    images = np.full((60, 28, 28), 30, np.uint8)
    evidence = made_evidence(3, 60, texts=(), images=images, is_ink=is_ink)
    source = re.search('data:image/png;base64,([^"]+)', rendered(evidence))[1]
    image = Image.open(io.BytesIO(base64.b64decode(source)))
    assert image.getextrema() == (shade, shade)


@settings(max_examples=30, deadline=None)
@given(st.text(), st.text(min_size=1))
def test_any_text_in_a_page_is_shown_as_text(text, name):
    html = render(
        "report.html.j2",
        **{"title": text, "facts": {name: [(text, text)]}},
        **{
            "summary": {
                "metrics": {},
                "examples": 1,
                "calibration": None,
                "largest_class": text,
                "interval": {"level": 0.95, "resamples": 1},
            }
        },
        **{"inputs": "texts", "sample": 1, "invalid": 0, "warnings": [text]},
        **{
            "classes": [],
            "all_classes": 0,
            "rankings": {},
            "width": 1,
            "height": 1,
            "plots": [],
            "has_learning_curve": False,
            "no_sizes": text,
            "largest": 1,
            "words": {},
        },
        **{"matrix": _Empty(), "cloud": "", "mistakes": [], "wrong": 0, "has_texts": True},
        **{"has_images": False, "suspects": [], "all_suspects": 0},
    )
    html.encode("utf-8")
    assert parsed(html).count("script") == 1


class _Empty:
    names, columns, counts, shares = (), (), (), ()

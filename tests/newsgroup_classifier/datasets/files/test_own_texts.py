"""Own texts are split by class or group, and the report names what makes a model look too good."""

import random

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from newsgroup_classifier.datasets.files.report import table_of
from newsgroup_classifier.datasets.splits import draw_test_rows
from newsgroup_classifier.errors import DataError
from tests.newsgroup_classifier.datasets.files.own_files import (
    TICKETS,
    channels,
    prepare,
    rows_of,
    write_csv,
)

WORDS = ["alpha", "beta", "gamma", "delta", "epsilon", *(f"word{number}" for number in range(60))]


def sentence(rng, words=12):
    return " ".join(rng.choices(WORDS, k=words)) + f" {rng.random()}"


def texts(count, seed=0):
    rng = random.Random(seed)  # noqa: S311 (not for security)
    return [sentence(rng) for _ in range(count)]


@settings(max_examples=200, deadline=None)
@given(
    rows=st.lists(st.tuples(st.integers(0, 4), st.integers(0, 30)), min_size=2, max_size=80),
    share=st.sampled_from([0.05, 0.2, 0.5]),
)
def test_split_keeps_groups_whole_and_a_train_row_of_each_class(rows, share):
    labels, groups = (np.array(column) for column in zip(*rows, strict=True))
    drawn = draw_test_rows(labels, groups, share)
    assert not set(groups[drawn]) & set(groups[~drawn])
    assert set(labels[~drawn]) == set(labels)
    limit = sum(max(1, round(share * (labels == label).sum())) for label in set(labels))
    assert drawn.sum() <= limit


@given(sizes=st.lists(st.integers(2, 40), min_size=1, max_size=6))
def test_split_without_groups_has_the_share_of_each_class(sizes):
    labels = np.repeat(np.arange(len(sizes)), sizes)
    drawn = draw_test_rows(labels, np.arange(len(labels)), 0.2)
    expected = [max(1, round(0.2 * size)) for size in sizes]
    assert np.bincount(labels[drawn], minlength=len(sizes)).tolist() == expected


def test_split_is_the_same_every_time_and_part_of_it_is_random(tmp_path):
    path = write_csv(tmp_path / "tickets.csv", [(t, "ab"[n % 2]) for n, t in enumerate(texts(50))])
    own, again = prepare(path), prepare(path)
    assert own.sides.tolist() == again.sides.tolist()
    assert own.sides.tolist() != sorted(own.sides)


def test_rows_of_a_group_are_on_one_side(tmp_path):
    rows = [(text, "ab"[n % 2], f"customer {n // 4}") for n, text in enumerate(texts(80))]
    path = write_csv(tmp_path / "tickets.csv", rows, ("text", "label", "customer"))
    own = prepare(path, group="customer")
    train, test = channels(own, tmp_path)
    assert not set(train.subjects) & set(test.subjects)
    assert len(test.texts) == 16
    assert own.report["grouped"]


@pytest.mark.parametrize("empty", ["", " ", "\t\n"])
def test_rows_with_an_empty_group_are_not_one_group(tmp_path, empty):
    rows = [(text, "ab"[n % 2], empty) for n, text in enumerate(texts(40))]
    path = write_csv(tmp_path / "tickets.csv", rows, ("text", "label", "customer"))
    assert prepare(path, group="customer").report["rows"]["test"] == 8


def test_groups_as_large_as_their_classes_are_refused(tmp_path):
    rows = [(text, "ab"[n % 2], "ab"[n % 2]) for n, text in enumerate(texts(40))]
    path = write_csv(tmp_path / "tickets.csv", rows, ("text", "label", "group"))
    with pytest.raises(DataError, match="column 'group' has groups that are too large to test"):
        prepare(path, group="group")


def test_test_file_is_the_test_channel_with_its_copies(tmp_path):
    train = write_csv(tmp_path / "train.csv", TICKETS * 2)
    test = write_csv(tmp_path / "test.csv", [TICKETS[0], TICKETS[0], ("", "billing")])
    own = prepare(train, test=test)
    assert own.report["rows"] == {"read": 33, "train": 15, "test": 2}
    assert own.report["dropped"] == {"empty_text": 1, "no_label": 0, "duplicate": 15}
    assert own.report["near_duplicates"] == {"test_rows": 2}
    assert "too good; remove such rows from one of the files" in " ".join(own.report["warnings"])
    _, tested = channels(own, tmp_path / "channels")
    assert tested.texts == [TICKETS[0][0]] * 2


def test_class_with_one_row_is_trained_on_if_there_is_a_test_file(tmp_path):
    train = write_csv(tmp_path / "train.csv", [*TICKETS, ("one of a kind", "other")])
    test = write_csv(tmp_path / "test.csv", TICKETS[:3])
    own = prepare(train, test=test)
    assert own.report["classes"]["other"] == {"train": 1, "test": 0, "share": 0.0526}
    with pytest.raises(DataError, match="or pass rows to test with as --test-file"):
        prepare(train)


def test_test_file_without_labels_is_refused(tmp_path):
    test = write_csv(tmp_path / "test.csv", [("a text", ""), ("another text", " ")])
    with pytest.raises(DataError, match=r"test\.csv has no row with a text and a label; expected"):
        prepare(write_csv(tmp_path / "train.csv"), test=test)


def test_dropped_rows_are_counted_by_reason(tmp_path):
    path = write_csv(
        tmp_path / "tickets.csv",
        [*TICKETS, TICKETS[0], ("  \u200b", "billing"), ("text", " "), (TICKETS[0][0], "billing")],
    )
    own = prepare(path)
    assert own.report["dropped"] == {"empty_text": 1, "no_label": 1, "duplicate": 1}
    assert own.report["contradictions"] == {"texts": 1, "rows": [1, 19]}
    assert rows_of(own, tmp_path) == {*TICKETS, (TICKETS[0][0], "billing")}
    assert "1 text occurs under more than one label" in own.report["warnings"][0]


def test_same_text_under_two_labels_is_on_one_side(tmp_path):
    rows = [(text, label) for text in texts(60) for label in "ab"]
    train, test = channels(prepare(write_csv(tmp_path / "tickets.csv", rows)), tmp_path)
    assert not set(train.texts) & set(test.texts)


def test_shares_and_rare_classes_are_reported(tmp_path):
    rows = [(text, "b" if n < 3 else "a") for n, text in enumerate(texts(30))]
    report = prepare(write_csv(tmp_path / "tickets.csv", rows)).report
    assert report["classes"] == {
        "a": {"train": 22, "test": 5, "share": 0.9},
        "b": {"train": 2, "test": 1, "share": 0.1},
    }
    assert report["rare_classes"] == ["b"]
    assert "1 class has fewer than 5 train rows: 'b'" in report["warnings"][0]


def test_scripts_of_letters_and_lengths_are_reported(tmp_path):
    rows = [("abc 123", "x"), ("привет", "y"), ("日本語", "x"), ("ab", "y")]
    report = prepare(write_csv(tmp_path / "tickets.csv", rows), share=0.5).report
    assert report["scripts"] == {"Cyrillic": 0.4286, "Latin": 0.3571, "CJK": 0.2143}
    assert report["lengths"] == {"shortest": 2, "median": 4, "95%": 6, "longest": 7}


def test_near_duplicates_on_both_sides_are_counted_and_a_group_ends_them(tmp_path):
    stories = texts(40)
    rows = [
        (f"{word} {text}", "ab"[n % 2], f"story {n}")
        for n, text in enumerate(stories)
        for word in ("first", "again")
    ]
    path = write_csv(tmp_path / "news.csv", rows, ("text", "label", "story"))
    both = prepare(path).report
    assert 8 <= both["near_duplicates"]["test_rows"] <= 16
    assert "pass --group with a column that such rows share" in " ".join(both["warnings"])
    assert prepare(path, group="story").report["near_duplicates"]["test_rows"] == 0


def test_texts_of_the_same_words_are_no_near_duplicates(tmp_path):
    rows = [(text, "ab"[n % 2]) for n, text in enumerate(texts(2000))]
    report = prepare(write_csv(tmp_path / "tickets.csv", rows)).report
    assert report["near_duplicates"]["test_rows"] == 0


@pytest.mark.parametrize(
    ("repeated", "empty", "warned"),
    [
        (50, 0, ["50 of 100 rows (50%) were dropped (duplicate); check the file and its columns"]),
        (0, 30, ["30 of 80 rows (38%) were dropped (empty text); check the file and its columns"]),
        (12, 0, []),
    ],
)
def test_file_that_loses_many_rows_has_a_warning(tmp_path, repeated, empty, warned):
    rows = [(f"{number} printer {number * 7919}", "ab"[number % 2]) for number in range(50)]
    rows += rows[:repeated] + [("", "a")] * empty
    report = prepare(write_csv(tmp_path / "x.csv", rows)).report
    assert [each for each in report["warnings"] if "dropped" in each] == warned


def test_classes_that_differ_in_case_or_spaces_only_have_a_warning(tmp_path):
    labels = ["Billing", "billing", "billing ", "returns"]
    rows = [(text, labels[number % 4]) for number, text in enumerate(texts(40))]
    warnings = prepare(write_csv(tmp_path / "x.csv", rows)).report["warnings"]
    found = "'Billing', 'billing', 'billing '; write"
    start = "3 classes differ from another one in case or spaces only"
    assert [each[: len(start) + len(found) + 2] for each in warnings if "case" in each] == [
        f"{start}: {found}"
    ]


@pytest.mark.parametrize(
    ("title", "unused", "shown"),
    [
        (
            None,
            ["id", "title"],
            "'id', 'title'; to put titles before the texts, pass --title 'titl",
        ),
        ("title", ["id"], "'id'"),
    ],
)
def test_unused_columns_are_reported_with_the_flag_for_titles(tmp_path, title, unused, shown):
    rows = [(text, "ab"[number % 2], "x", "A") for number, text in enumerate(texts(40))]
    path = write_csv(tmp_path / "x.csv", rows, ("body", "queue", "id", "title"))
    report = prepare(path, title=title).report
    assert report["unused"] == unused
    assert dict(table_of(report))["unused"].startswith(shown)

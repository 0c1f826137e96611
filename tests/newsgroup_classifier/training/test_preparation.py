"""The validation rows are the right share of every class, in whole groups."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from newsgroup_classifier.errors import DataError
from newsgroup_classifier.training.keras.preparation import balanced, split_by_class, split_by_group

LABELS = [0] * 50 + [1] * 30 + [2] * 20


def counts(labels, rows):
    return np.bincount(np.asarray(labels)[rows], minlength=3).tolist()


def test_split_by_class_holds_back_the_same_share_of_each():
    train, held = split_by_class(LABELS, 0.1, seed=1)
    assert counts(LABELS, held) == [5, 3, 2]
    assert sorted([*train, *held]) == list(range(100))


def test_split_by_class_depends_only_on_the_seed():
    first, again, other = (split_by_class(LABELS, 0.2, seed)[1].tolist() for seed in (1, 1, 2))
    assert first == again != other


def test_split_by_class_trains_on_the_only_row_of_a_class():
    train, _ = split_by_class([0, 0, 0, 0, 1], 0.5, seed=0)
    assert 4 in train


def test_split_by_class_of_too_few_rows_says_what_to_do():
    with pytest.raises(DataError, match=r"too few rows \(2\).*change validation_split"):
        split_by_class([0, 1], 0.1, seed=0)


@given(st.lists(st.sampled_from("abcdefgh") | st.just(""), min_size=20, max_size=60))
def test_split_by_group_never_splits_a_group(groups):
    labels = [0] * len(groups)
    try:
        train, held = split_by_group(labels, groups, 0.3, seed=1)
    except DataError:
        return  # too few groups for two parts
    assert sorted([*train, *held]) == list(range(len(groups)))
    assert not {groups[row] for row in train if groups[row]} & {groups[row] for row in held}


def test_split_by_group_holds_back_about_the_share():
    groups = [str(row // 3) for row in range(300)]
    _, held = split_by_group([row % 2 for row in range(300)], groups, 0.2, seed=1)
    assert 58 <= len(held) <= 62


@pytest.mark.parametrize("seed", range(10))
def test_split_by_group_does_not_hold_back_a_group_that_is_larger_than_the_share(seed):
    groups = ["a large one"] * 700 + [str(row // 3) for row in range(300)]
    train, held = split_by_group([row % 2 for row in range(1000)], groups, 0.1, seed)
    assert 98 <= len(held) <= 102
    assert set(range(700)) <= set(train.tolist())


def test_split_by_group_holds_back_the_smallest_group_if_all_are_larger_than_the_share():
    groups = ["b"] * 50 + ["a"] * 30 + ["c"] * 40
    _, held = split_by_group([row % 2 for row in range(120)], groups, 0.1, seed=1)
    assert held.tolist() == list(range(50, 80))


def test_split_by_group_keeps_replies_with_their_subject():
    groups = [("Topic {}", "Re: topic {}")[row % 2].format(row // 2) for row in range(200)]
    _, held = split_by_group([row // 2 % 2 for row in range(200)], groups, 0.2, seed=1)
    assert {row ^ 1 for row in held.tolist()} == set(held.tolist())


def test_split_by_group_of_a_single_group_names_the_groups_and_the_label_without_a_row():
    words = r"few groups \(1 in data_subject\).*: label 0 would have no row to t.* use grouped=no"
    with pytest.raises(DataError, match=words):
        split_by_group([0, 1, 0, 1], ["story"] * 4, 0.2, seed=1)


def test_balanced_cuts_every_class_to_the_size_of_the_smallest():
    assert counts(LABELS, balanced(LABELS, seed=1)) == [20, 20, 20]

"""The test channel is always the same fifth of each label."""

from hypothesis import given
from hypothesis import strategies as st

from newsgroup_classifier.datasets.splits import draw_groups, draw_rows


@given(st.lists(st.integers(0, 3)))
def test_draw_rows_draws_the_same_fifth_of_each_label(labels):
    drawn = draw_rows(labels)
    assert drawn == draw_rows(labels)
    for label in set(labels):
        assert sum(labels[n] == label for n in drawn) == round(labels.count(label) * 0.2)


@given(st.lists(st.tuples(st.integers(0, 3), st.sampled_from("abcdefgh"))))
def test_draw_groups_draws_whole_groups_and_at_most_a_fifth_of_each_label(pairs):
    labels, groups = [label for label, _ in pairs], [f"{label}{group}" for label, group in pairs]
    drawn = draw_groups(labels, groups)
    assert drawn == draw_groups(labels, groups)
    tested = {groups[n] for n in drawn}
    assert drawn == {n for n, group in enumerate(groups) if group in tested}
    for label in set(labels):
        assert sum(labels[n] == label for n in drawn) <= round(labels.count(label) * 0.2)

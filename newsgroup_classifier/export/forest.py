"""Write the trees of a fitted forest as flat arrays."""

from typing import Any

import numpy as np

from newsgroup_classifier.export.npz import smallest


def forest_arrays(forest: Any) -> dict[str, np.ndarray]:
    """Return the nodes of all trees by level; a right child directly follows its left sibling."""
    trees = [_tree(estimator.tree_) for estimator in forest.estimators_]
    sizes = [len(tree["thresholds"]) for tree in trees]
    roots = np.cumsum([0, *sizes[:-1]])
    joined = {name: np.concatenate([tree[name] for tree in trees]) for name in trees[0]}
    joined["children"] = joined["children"] + np.repeat(roots, sizes)
    return {
        "roots": smallest(roots),
        "features": smallest(joined["features"]),
        "thresholds": joined["thresholds"],
        "children": smallest(joined["children"]),
        "leaf_counts": smallest(joined["leaf_counts"]),
    }


def _tree(tree: Any) -> dict[str, np.ndarray]:
    order, children = _level_by_level(tree.children_left, tree.children_right)
    features, thresholds = tree.feature[order], tree.threshold[order]
    ends = tree.children_left[order] < 0
    single = _rounded_down(thresholds)
    single[ends] = np.inf
    features[ends] = 0
    return {
        "features": features,
        "thresholds": single,
        "children": np.array(children),
        "leaf_counts": _leaf_counts(tree, order[ends]),
    }


def _level_by_level(left: np.ndarray, right: np.ndarray) -> tuple[np.ndarray, list[int]]:
    """Return the old numbers of the nodes in their new order, and the left child of each."""
    order, children = [0], []
    for place, node in enumerate(order):  # the list grows during iteration
        if left[node] < 0:
            children.append(place)
        else:
            children.append(len(order))
            order += [int(left[node]), int(right[node])]
    return np.array(order), children


def _rounded_down(thresholds: np.ndarray) -> np.ndarray:
    """Return the greatest single-precision numbers up to the thresholds.

    Trees compare features in single precision, so the decisions stay the same.
    """
    single = thresholds.astype(np.float32)
    above = single.astype(np.float64) > thresholds
    single[above] = np.nextafter(single[above], np.float32(-np.inf))
    return single


def _leaf_counts(tree: Any, leaves: np.ndarray) -> np.ndarray:
    """Return the number of rows of each label in each leaf, whose shares are its votes."""
    shares = tree.value[leaves, 0, :]
    counts = np.rint(shares * tree.weighted_n_node_samples[leaves][:, np.newaxis])
    again = counts / counts.sum(axis=1, keepdims=True)
    if not np.array_equal(again, shares):
        raise ValueError("votes are not shares of whole rows; fit without sample weights")
    return counts.astype(np.int64)

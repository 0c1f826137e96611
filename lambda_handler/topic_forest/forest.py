"""A random forest as flat arrays, traversed by all texts and trees at once.

Node n leads to children[n] if the text's feature is at most the threshold, and to the node after
that one otherwise. A leaf has the threshold infinity and is its own child.
"""

from dataclasses import dataclass

import numpy as np

from lambda_handler.checks import check_length, check_range, get_array
from lambda_handler.errors import ModelError
from lambda_handler.npz import Members

_BATCH = 65_536  # texts times trees per traversal, to bound its memory


@dataclass(frozen=True)
class Forest:
    """Nodes of all trees, and the votes of each leaf as probabilities of shape (leaves, labels)."""

    roots: np.ndarray
    features: np.ndarray
    thresholds: np.ndarray
    children: np.ndarray
    leaves: np.ndarray
    votes: np.ndarray

    def predict_proba(self, rows: np.ndarray) -> np.ndarray:
        """Return the mean vote of the trees on n rows of features, of shape (n, n labels)."""
        rows = rows.astype(np.float32)  # the type of scikit-learn's trees
        step = max(1, _BATCH // len(self.roots))
        return np.concatenate([self._vote(rows[i : i + step]) for i in range(0, len(rows), step)])

    def _vote(self, rows: np.ndarray) -> np.ndarray:
        nodes = np.repeat(self.roots[:, np.newaxis], len(rows), axis=1)
        columns = np.arange(len(rows))
        while True:  # it ends: `load_forest` checks that each node leads to a later one
            right = rows[columns, self.features[nodes]] > self.thresholds[nodes]
            after = self.children[nodes] + right
            if (after == nodes).all():
                return self.votes[self.leaves[nodes]].sum(axis=0) / len(self.roots)
            nodes = after


def load_forest(arrays: Members, features: int, labels: int) -> Forest:
    """Return the forest of a model file; raise ModelError if it is invalid or never ends."""
    roots = get_array(arrays, "roots", "u", 1).astype(np.intp)
    columns = get_array(arrays, "features", "u", 1)
    thresholds = get_array(arrays, "thresholds", "f", 1)
    children = get_array(arrays, "children", "u", 1).astype(np.intp)
    counts = get_array(arrays, "leaf_counts", "u", 2).astype(np.float64)
    size = len(thresholds)
    check_length(len(columns), size, "features")
    check_length(len(children), size, "children")
    check_length(counts.shape[1], labels, "leaf_counts' rows")
    check_range(columns, 0, features - 1, "features")
    check_range(roots, 0, size - 1, "roots")
    check_range(thresholds, -np.inf, np.inf, "thresholds")
    ends = thresholds == np.inf
    here = np.arange(size)
    # Each step leads to a later node, so every traversal ends.
    if not np.where(ends, children == here, (children > here) & (children < size - 1)).all():
        raise ModelError("the model file's children do not lead from each node to later ones")
    check_length(len(counts), int(ends.sum()), "leaf_counts")
    totals = counts.sum(axis=1, keepdims=True)
    if len(roots) == 0 or not totals.all():
        raise ModelError("the model file's forest has no trees, or a leaf without votes")
    leaves = np.cumsum(ends) - ends
    return Forest(roots, columns.astype(np.intp), thresholds, children, leaves, counts / totals)

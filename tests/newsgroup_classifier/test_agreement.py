"""Hyperparameters that contradict each other, or that a recipe ignores, are refused."""

from dataclasses import replace

import pytest

from newsgroup_classifier.agreement import check_agreement
from newsgroup_classifier.errors import HyperparameterError
from newsgroup_classifier.recipe import TensorFlowRecipe
from newsgroup_classifier.recipes.catalogue import RECIPES

DENSE = TensorFlowRecipe.of(RECIPES["comments-dense"])


@pytest.mark.parametrize("search", ["none", "grid"])
def test_network_with_a_search_network_accepts_a_grid(search):
    check_agreement(DENSE, DENSE.defaults | {"search": search})


@pytest.mark.parametrize("search", ["halving", "random"])
def test_search_that_networks_do_not_have_is_refused(search):
    with pytest.raises(HyperparameterError) as caught:
        check_agreement(DENSE, DENSE.defaults | {"search": search})
    assert str(caught.value) == (
        f"hyperparameter search is {search!r}, which the network of comments-dense does not "
        "support; expected none or grid"
    )


def test_grid_of_a_network_without_a_search_network_is_refused():
    other = replace(DENSE, name="other", search_network=None)
    with pytest.raises(HyperparameterError, match="the network of other does not support; expecte"):
        check_agreement(other, other.defaults | {"search": "grid"})
    check_agreement(other, other.defaults)

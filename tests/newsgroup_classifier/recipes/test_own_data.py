"""Recipes that take own data learn texts in another language, with any labels."""

import pytest

from newsgroup_classifier.recipes.catalogue import RECIPES
from tests.newsgroup_classifier.datasets.files.own_files import written_in

TEXTS = [
    recipe
    for recipe in RECIPES.values()
    if recipe.framework == "scikit-learn" and not recipe.own_data_refusal
]
# The embedding of a small set has few words to learn from.
FEWER = {"n_components": 10, "n_estimators": 10}


@pytest.mark.parametrize("recipe", TEXTS, ids=lambda recipe: recipe.name)
def test_recipe_classifies_german_texts_better_than_the_largest_class(recipe):
    rows = written_in("german")
    texts, labels = zip(*rows, strict=True)
    names = sorted(set(labels))
    numbers = [names.index(label) for label in labels]
    fewer = {name: value for name, value in FEWER.items() if name in recipe.defaults}
    if recipe.name == "subreddits-boosting":
        fewer["max_iter"] = 5
    pipeline = recipe.build(recipe.defaults | fewer)
    pipeline.fit(list(texts[:150]), numbers[:150])
    assert (pipeline.predict(list(texts[150:])) == numbers[150:]).mean() > 0.45

"""Texts of any language train a model that is the same at every target."""

from itertools import islice

import numpy as np
import pytest

from lambda_handler.model import load_model
from newsgroup_classifier.recipes.catalogue import RECIPES
from tests.end_to_end.own_data.shipped import check_every_target, ship
from tests.own_files import LANGUAGES, write_csv

# Nothing known, a letter with a combining accent, a family of emoji, and line ends.
_ODD = ["?!", "Cafe\u0301", "👩‍👩‍👧‍👦", "一\r\n二\n\n三", "٣"]


@pytest.mark.parametrize("language", LANGUAGES)
def test_model_of_a_language_beats_its_largest_class_and_is_the_same_in_lambda(language, tmp_path):
    texts, names = zip(*LANGUAGES[language].rows(100), strict=True)
    classes = sorted(set(names))
    labels = [classes.index(name) for name in names]
    recipe = RECIPES["text-linear"]
    pipeline = recipe.build(recipe.defaults).fit(list(texts[:70]), labels[:70])
    assert (pipeline.predict(list(texts[70:])) == labels[70:]).mean() > 0.7  # the largest: 0.5
    about = {"recipe": recipe.name, "label_names": classes, "versions": {}}
    model, asked = load_model(recipe.export(pipeline, about)), [*texts[70:], *_ODD]
    in_memory, served = pipeline.predict_proba(asked), model.predict_proba(asked)
    np.testing.assert_allclose(served, in_memory, rtol=0, atol=1e-6)


@pytest.mark.slow
@pytest.mark.timeout(900)
def test_model_of_all_languages_beats_their_largest_classes_and_is_the_same_everywhere(
    scripts, tmp_path
):
    rows = [language.rows(120) for language in LANGUAGES.values()]
    mixed = [row for each in zip(*rows, strict=True) for row in each]
    path = write_csv(tmp_path / "tickets.csv", mixed, ("body", "queue"))
    shipped = ship(scripts, path, "languages", "--no-report")
    assert shipped.steps["train"]["metrics"]["accuracy"] > 0.7  # the largest of each language: 0.5
    texts = [text for each in rows for text, _ in each[:20]] + _ODD
    answers = iter(check_every_target(shipped, texts, tmp_path))
    for language in LANGUAGES.values():
        labels = {answer["label"] for answer in islice(answers, 20)}
        assert labels == set(language.classes)
    classes = {name for language in LANGUAGES.values() for name in language.classes}
    assert set(next(answers)["probabilities"]) == classes
    # Otherwise its processes would run next to those of other tests.
    assert scripts.run("delete", *shipped.selection).code == 0

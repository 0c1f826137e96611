"""The channels of a recipe depend on its inputs and hyperparameters."""

from newsgroup_classifier.recipes.catalogue import RECIPES
from scripts.jobs.channels import channel_keys, channel_uris, mark_of


def test_vectors_are_a_channel_only_if_they_are_read():
    recipe = RECIPES["subreddits-neighbors"]
    assert not recipe.reads_vectors({"embedding": "learned"})
    assert set(channel_keys(recipe, recipe.reads_vectors({}))) == {"train", "test"}
    keys = channel_keys(recipe, recipe.reads_vectors({"embedding": "vectors"}))
    assert channel_uris("b", keys)["vectors"] == "s3://b/data/subreddits/HASH/vectors/"


def test_only_the_generated_sample_is_marked():
    assert mark_of("generated sample") == " (generated sample)"
    assert mark_of("20news-bydate.tar.gz") == ""

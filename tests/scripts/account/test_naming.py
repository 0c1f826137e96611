"""Names are valid on AWS, unique, and identify their recipes."""

import re

import pytest

from newsgroup_classifier.recipes.catalogue import RECIPES
from scripts.account.naming import (
    TARGETS,
    channel_prefix,
    endpoint_name,
    is_release_of,
    jobs_prefix,
    new_stamp,
    release_name,
)

# The pattern of jobs, models, endpoint configs, endpoints and model package groups.
_AWS_NAME = re.compile(r"[a-zA-Z0-9](-*[a-zA-Z0-9]){0,62}")


@pytest.mark.parametrize("recipe", RECIPES)
def test_names_of_every_recipe_are_valid_on_aws(recipe):
    names = [release_name(recipe, new_stamp()), recipe]
    names += [endpoint_name(recipe, target) for target in TARGETS]
    for name in names:
        assert _AWS_NAME.fullmatch(name)
        assert len(name) <= 63


def test_stamps_of_one_second_differ():
    assert len({new_stamp() for _ in range(200)}) == 200


def test_stamp_is_the_time_and_six_hex_digits():
    assert re.fullmatch(r"20\d{12}-[0-9a-f]{6}", new_stamp())


def test_release_belongs_to_its_recipe():
    assert is_release_of("newsgroups", release_name("newsgroups", new_stamp()))


@pytest.mark.parametrize(
    "name",
    [
        "newsgroups-naive-bayes-20260102030405-00ff00",  # a recipe with the same beginning
        "old-newsgroups-20260102030405-00ff00",
        "newsgroups-20260102030405-00ff00-copy",
        "newsgroups-20260102030405",
        "newsgroups-pipeline",
        "newsgroups",
        "newsgroups-2026010203040-00ff00",
        "newsgroups-20260102030405-00FF00",
    ],
)
def test_name_of_another_form_or_recipe_is_not_a_release(name):
    assert not is_release_of("newsgroups", name)


def test_recipe_name_is_not_a_pattern():
    assert not is_release_of("news.roups", "newsgroups-20260102030405-00ff00")


def test_prefixes_end_with_a_slash():
    assert channel_prefix("20newsgroups") == "data/20newsgroups/"
    assert jobs_prefix("newsgroups") == "jobs/newsgroups/"

"""The flags for posts fit the recipe or are refused; what wrangling dropped is told."""

import argparse

import pytest

from newsgroup_classifier.errors import DataError, DeploymentError
from newsgroup_classifier.recipes.catalogue import RECIPES
from scripts.jobs.post_flags import add_post_arguments, check_post_arguments, draw_posts, load_posts
from scripts.upload_data import channel_uris


def parsed(*given):
    parser = argparse.ArgumentParser()
    parser.add_argument("--generated-sample", action="store_true")
    parser.add_argument("--data-dir")
    add_post_arguments(parser)
    return parser.parse_args(given)


@pytest.mark.parametrize(
    ("recipe", "given", "said"),
    [
        ("newsgroups-naive-bayes", ["--vectors", "x"], "reads no word vectors; --vectors is for"),
        ("subreddits-linear", ["--vectors", "x"], "reads no word vectors; --vectors is for"),
        ("comments-dense", ["--pictures", "x"], "--pictures is for recipes of the data set subr"),
        ("digits-cnn", ["--min-characters", "0"], "--min-characters is for recipes of the data"),
        ("digits-cnn", ["--posts-per-class", "9"], "; digits-cnn is of mnist"),
    ],
)
def test_flag_that_the_recipe_has_no_use_for_is_refused(recipe, given, said):
    with pytest.raises(DeploymentError) as caught:
        check_post_arguments(RECIPES[recipe], parsed(*given))
    assert said in str(caught.value)


def test_flags_of_a_recipe_of_posts_are_taken():
    flags = ["--vectors", "x", "--pictures", "p", "--min-characters", "5", "--posts-per-class", "9"]
    check_post_arguments(RECIPES["subreddits-neighbors"], parsed(*flags))


def test_thresholds_of_the_flags_choose_the_posts_and_a_table_tells_how_many(capsys):
    few = load_posts(parsed("--generated-sample", "--posts-per-class", "5"))
    assert few.wrangling.rare_classes == {}
    assert few.wrangling.kept == 8 * 5
    told = capsys.readouterr().err
    assert "too short" in told
    assert "40 of 8 classes" in told
    all_long = load_posts(parsed("--generated-sample", "--min-characters", "0"))
    assert all_long.wrangling.too_short == 0


def test_thresholds_that_leave_nothing_to_test_with_are_refused():
    with pytest.raises(DataError, match="2 posts a class; expected 0 characters or more and 3"):
        load_posts(parsed("--generated-sample", "--posts-per-class", "2"))


def test_folder_of_pictures_that_cannot_be_made_is_refused(tmp_path):
    dataset = load_posts(parsed("--generated-sample"))
    assert draw_posts(dataset, None) == []
    (tmp_path / "file").write_text("")
    with pytest.raises(DeploymentError, match="expected a folder to write to"):
        draw_posts(dataset, tmp_path / "file")


def test_job_reads_the_vectors_channel_only_if_its_embedding_is_one_of_vectors():
    recipe = RECIPES["subreddits-neighbors"]
    assert set(channel_uris(recipe, "b", {"embedding": "learned"})) == {"train", "test"}
    found = channel_uris(recipe, "b", {"embedding": "vectors"})
    assert found["vectors"] == "s3://b/data/subreddits/vectors/"

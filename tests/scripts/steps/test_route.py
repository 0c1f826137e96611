"""A route has the steps of its target, each with the command line that does the same."""

from newsgroup_classifier.recipes.catalogue import find_recipe
from scripts.account.naming import LAMBDA, PIPELINE
from scripts.steps.route import Job, Route


def job(recipe):
    return Job(recipe=find_recipe(recipe), upload=("--data-dir", "a b"))


def names(route):
    return [step.name for step in route.steps()]


def test_steps_of_frameworks_and_targets_have_different_names():
    routes = [
        Route(job("spooky-ngrams"), PIPELINE),
        Route(job("spooky-ngrams"), LAMBDA),
        Route(job("digits-cnn"), PIPELINE),
    ]
    assert names(routes[2]) == [f"tensorflow {name}" for name in names(routes[0])]
    assert len({name for route in routes for name in names(route)}) == 15


def test_second_route_of_a_job_makes_no_second_model():
    first = Route(job("spooky-ngrams"), PIPELINE)
    second = Route(first.job, LAMBDA, first)
    assert names(first) == ["upload", "train", "approve", "deploy", "invoke"]
    assert names(second) == ["lambda deploy", "lambda invoke"]


def test_each_step_has_its_command_line():
    upload, *_, invoke = Route(job("spooky-ngrams"), LAMBDA).steps()
    recipe = "--recipe spooky-ngrams"
    assert upload.command == f"python -m scripts.upload_data {recipe} --data-dir 'a b'"
    assert invoke.command == f"python -m scripts.invoke {recipe} --target api"

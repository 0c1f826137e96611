"""Imports point one way, and heavy packages stay where they belong."""

import pytest

from tests.project.sources import SITES, Source, imports, sources

OURS = (
    "newsgroup_classifier",
    "inference_pipeline",
    "lambda_handler",
    "scripts",
    "local_aws",
    "tests",
)
ALLOWED = {
    "newsgroup_classifier": {"newsgroup_classifier"},
    "inference_pipeline": {"inference_pipeline", "newsgroup_classifier"},
    "scripts": {"scripts", "newsgroup_classifier", "inference_pipeline", "lambda_handler"},
    "local_aws": {"local_aws"},
    "lambda_handler": {"lambda_handler"},
}
# What serving containers get of the library (newsgroup_classifier.artifacts copies it there).
LIGHT = (
    "newsgroup_classifier.artifacts",
    "newsgroup_classifier.errors",
    "newsgroup_classifier.recommender",
    "newsgroup_classifier.text.encoders",
)
# Where TensorFlow and Keras may be imported: a file, or the begin of the names of several.
KERAS = (
    # The local AWS's model server, a process of its own.
    "local_aws/sagemaker/containers/sites/tensorflow_serving/local_model_server/savedmodels.py",
    "newsgroup_classifier/export/saved_model",
    "newsgroup_classifier/export/text_graph",
    "newsgroup_classifier/estimators/keras_",
    "newsgroup_classifier/recipes/headlines",
    "newsgroup_classifier/recipes/digits_and_sketches",
    "newsgroup_classifier/training/keras/",
)
BOTO3 = ("scripts/account/aws.py", "local_aws/cloud.py", "local_aws/testing.py")


def _ours(source: Source) -> set[str]:
    return {name for name in imports(source) if name.split(".")[0] in OURS}


@pytest.mark.parametrize("source", sources(), ids=lambda source: source.path)
def test_imports_of_a_package_point_one_way(source):
    allowed = ALLOWED.get(source.package)
    if allowed is not None:
        assert {name.split(".")[0] for name in _ours(source)} <= allowed


def test_serving_imports_only_the_light_modules_of_the_library():
    for source in sources():
        if source.package == "inference_pipeline":
            library = {name for name in _ours(source) if name.startswith("newsgroup_classifier.")}
            heavy = {name for name in library if not name.startswith(LIGHT)}
            assert not heavy, f"{source.path} imports {heavy}"


def test_container_sites_import_nothing_of_the_project():
    for source in sources():
        if source.path.startswith(SITES):
            assert not _ours(source), source.path


def test_boto3_is_imported_in_its_modules_only():
    users = {
        source.path
        for source in sources()
        # The usual way, which is measured beside ours, imports it where tutorials do.
        if not source.path.startswith("benchmarks/usual_way/")
        and "boto3" in {name.split(".")[0] for name in imports(source)}
    }
    assert users == set(BOTO3)


def test_tensorflow_is_imported_in_keras_modules_only():
    for source in sources():
        if {"tensorflow", "keras"} & {name.split(".")[0] for name in imports(source)}:
            assert source.path.startswith(KERAS), source.path


def test_there_is_no_import_cycle():
    modules = {source.module: source for source in sources()}
    graph = {
        name: {other for other in imports(source) if other in modules and other != name}
        for name, source in modules.items()
    }
    done: set[str] = set()

    def visit(name: str, trail: tuple[str, ...]) -> None:
        assert name not in trail, " -> ".join((*trail, name))
        if name in done:
            return
        for other in sorted(graph[name]):
            visit(other, (*trail, name))
        done.add(name)

    for name in sorted(graph):
        visit(name, ())

"""Imports run one way, heavy packages stay in their modules, and folders stay small."""

import ast
import re
import sys
from collections import Counter
from dataclasses import replace
from inspect import unwrap

import pytest

from tests.newsgroup_classifier.keras_modules import Module
from tests.project.sources import (
    RECIPES,
    ROOT,
    SHARED,
    SITES,
    Source,
    imports,
    light_recipes,
    modules_imported,
    python_files,
    sources,
)

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
# The folders of a package from the bottom up; each imports itself and folders of lower ranks only.
# "" are the modules at the top of the package.
RANKS = {
    "scripts": (
        ("account",),
        ("releases",),
        ("jobs", "functions"),
        ("endpoints",),
        ("transforms", "page"),
        ("steps", "operations"),
        ("",),
    ),
    "newsgroup_classifier": (
        *(("hashed_text", "explanations"), ("",), ("text", "channels"), ("datasets", "estimators")),
        *(("export",), ("evaluation",), ("recipes",), ("training",)),
    ),
}
# The modules of the library that newsgroup_classifier.artifacts copies into serving containers.
LIGHT = (
    "newsgroup_classifier.artifacts",
    "newsgroup_classifier.errors",
    "newsgroup_classifier.estimators.explaining",
    "newsgroup_classifier.explanations",
    "newsgroup_classifier.feature_matrix",
    "newsgroup_classifier.recommender",
    "newsgroup_classifier.text.encoders",
    "newsgroup_classifier.text.request_bodies",
    "newsgroup_classifier.text.visible",
)
# The files that may import TensorFlow and Keras, or prefixes of their paths.
KERAS = (
    # The local AWS's model server, which is a separate process.
    "local_aws/sagemaker/containers/sites/tensorflow_serving/local_model_server/savedmodels.py",
    "newsgroup_classifier/export/saved_model",
    "newsgroup_classifier/export/text_graph",
    "newsgroup_classifier/estimators/keras_",
    "newsgroup_classifier/training/keras/",
)
LOCAL_AWS = [source for source in sources() if source.module.startswith("local_aws.")]
SERVICES = {"sagemaker", "awslambda", "apigateway", "cloudformation"}
SERVICE_NAME = re.compile("sagemaker|lambda|api ?gateway|execute-api|cloudformation", re.IGNORECASE)
# The server and the command line put the services together; all other modules at the top of
# local_aws are shared by the services and know none of them.
COMPOSITION = ("local_aws.server", "local_aws.__main__")
MOST_IMPORTS = 14
MOST_FILES = 20
MOST_COMMANDS = 15  # at the top of scripts/
BOTO3 = (
    "scripts/account/aws.py",
    "lambda_handler/endpoint/handler.py",  # of Lambda's runtime
    "local_aws/cloud.py",
    "local_aws/testing.py",
    "local_aws/sagemaker/objects.py",  # its exceptions and its transfers
)


def _ours(source: Source) -> set[str]:
    return {name for name in imports(source) if name.split(".")[0] in OURS}


@pytest.mark.parametrize("source", sources(), ids=lambda source: source.path)
def test_package_imports_only_packages_below_it(source):
    allowed = ALLOWED.get(source.package)
    if allowed is not None:
        names = _ours(source)
        if source.package == "lambda_handler":
            names = {name for name in names if not name.startswith(SHARED)}
        assert {name.split(".")[0] for name in names} <= allowed


@pytest.mark.parametrize("part", SHARED)
def test_part_that_lambda_shares_imports_only_numpy_and_such_parts(part):
    for source in sources():
        if source.module.startswith(part):
            assert all(name.startswith(SHARED) for name in _ours(source)), source.path
            others = {name.split(".")[0] for name in imports(source)}
            assert others <= sys.stdlib_module_names | {"numpy", "newsgroup_classifier"}


@pytest.mark.parametrize("package", RANKS)
def test_no_import_of_a_folder_runs_upward(package):
    ranks = {folder: rank for rank, folders in enumerate(RANKS[package]) for folder in folders}
    modules = {source.module: source for source in sources() if source.package == package}
    for source in modules.values():
        for name in modules_imported(source) & modules.keys():
            ours, theirs = (_folder(one) for one in (source, modules[name]))
            assert ours == theirs or ranks[theirs] < ranks[ours], f"{source.path} imports {name}"


def _folder(source: Source) -> str:
    """Return the folder of a file in its package, "" for a file at the top."""
    parts = source.path.split("/")
    return parts[1] if len(parts) > 2 else ""


def test_inference_pipeline_imports_only_light_modules_of_the_library():
    for source in sources():
        if source.package == "inference_pipeline":
            library = {name for name in _ours(source) if name.startswith("newsgroup_classifier.")}
            heavy = {name for name in library if not name.startswith(LIGHT)}
            assert not heavy, f"{source.path} imports {heavy}"


def test_container_sites_import_no_module_of_the_project():
    for source in sources():
        if source.path.startswith(SITES):
            assert not _ours(source), source.path


def test_only_five_modules_import_boto3():
    users = {
        source.path
        for source in sources()
        # The baseline of the benchmarks imports it as tutorials do.
        if not source.path.startswith("benchmarks/baseline/")
        and "boto3" in {name.split(".")[0] for name in imports(source)}
    }
    assert users == set(BOTO3)


def test_collection_of_the_tests_does_not_import_tensorflow():
    module = Module("no_such_module")  # stands for TensorFlow in a test file
    assert unwrap(module) is module  # as pytest looks for fixtures
    assert getattr(module, "_mock_name", None) is None
    with pytest.raises(ModuleNotFoundError):
        _ = module.function


def test_only_keras_modules_import_tensorflow():
    for source in sources():
        if {"tensorflow", "keras"} & {name.split(".")[0] for name in imports(source)}:
            assert source.path.startswith((*KERAS, RECIPES)), source.path


def test_recipe_without_its_own_estimator_imports_only_light_modules_at_the_top():
    for source in light_recipes():
        top = [node for node in source.tree.body if isinstance(node, ast.Import | ast.ImportFrom)]
        names = {name for node in top for name in imports(replace(source, tree=node))}
        roots = {name.split(".")[0] for name in names}
        assert roots <= {"newsgroup_classifier"} | sys.stdlib_module_names, source.path
        assert "newsgroup_classifier.estimators" not in names, source.path


def test_recipe_modules_are_imported_only_by_the_catalogue():
    modules = {path.stem for path in (ROOT / RECIPES).glob("*.py")} - {"catalogue"}
    recipes = {f"newsgroup_classifier.recipes.{name}" for name in modules}
    for source in sources():
        if source.package != "benchmarks":
            assert not recipes & imports(source), source.path


def test_local_aws_has_no_module_with_the_name_of_a_package():
    modules = {source.path.split("/")[1].removesuffix(".py") for source in LOCAL_AWS}
    packages = {name.split(".")[0] for source in LOCAL_AWS for name in imports(source)}
    # A program that starts in this folder would import the module instead of the package.
    assert not modules & (packages | sys.stdlib_module_names) - {"__init__", "__main__"}


def test_local_aws_has_four_services_with_one_interface():
    assert {source.path.split("/")[1] for source in sources() if is_api(source)} == SERVICES
    signatures = {
        tuple(argument.arg for argument in node.args.args)
        for source in sources()
        if is_api(source)
        for node in source.tree.body
        if isinstance(node, ast.FunctionDef) and node.name == "answer"
    }
    assert signatures == {("request", "region")}


def is_api(source: Source) -> bool:
    """Return whether a file is the `api` module of a service of the local AWS."""
    parts = source.path.split("/")
    return parts[0] == "local_aws" and parts[2:] == ["api.py"]


@pytest.mark.parametrize("source", LOCAL_AWS, ids=lambda source: source.path)
def test_service_of_the_local_aws_is_imported_by_itself_and_the_server_only(source):
    services = {name for name in modules_imported(source) if name.split(".")[1] in SERVICES}
    service = source.path.split("/")[1]
    if service in SERVICES:
        assert {name.split(".")[1] for name in services} <= {service}
    elif source.module in COMPOSITION:
        modules = ("api", "command")  # for programs, and for the command line
        assert services <= {f"local_aws.{name}.{module}" for name in SERVICES for module in modules}
    else:
        assert not services


def test_modules_that_the_services_share_name_no_service():
    for source in LOCAL_AWS:
        if source.path.count("/") == 1 and source.module not in COMPOSITION:
            text = re.sub("lambda( [a-z]+)?:", "", source.text)  # Python's own
            assert not re.findall(SERVICE_NAME, text), source.path


@pytest.mark.parametrize("source", sources(), ids=lambda source: source.path)
def test_module_imports_few_modules_of_the_project(source):
    imported = modules_imported(source)
    assert len(imported) <= MOST_IMPORTS, sorted(imported)


def test_folders_have_few_files():
    folders = Counter(path.parent.relative_to(ROOT).as_posix() for path in python_files())
    assert {name: count for name, count in folders.items() if count > MOST_FILES} == {}
    assert len(list((ROOT / "scripts").glob("[!_]*.py"))) <= MOST_COMMANDS


def test_there_is_no_import_cycle():
    graph = {source.module: modules_imported(source) for source in sources()}
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

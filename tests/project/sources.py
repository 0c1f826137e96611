"""The parsed Python files of the project, for the tests in this folder."""

import ast
from dataclasses import dataclass
from functools import cache
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
PACKAGES = (
    "newsgroup_classifier",
    "inference_pipeline",
    "lambda_handler",
    "scripts",
    "local_aws",
    "benchmarks",
)
# Folders on the import path of child processes, in which their files are top-level modules.
SITES = (
    "local_aws/sagemaker/containers/sites/container",
    "local_aws/sagemaker/containers/sites/scikit_learn",
    "local_aws/sagemaker/containers/sites/tensorflow_serving",
    "local_aws/sagemaker/containers/sites/tensorflow_training",
    "local_aws/awslambda/execution/site",
    "local_aws/lifeline",
)
# Packages that make every command slower if a command imports them to print its help.
HEAVY = {
    "PIL",
    "boto3",
    "botocore",
    "numpy",
    "pandas",
    "pyarrow",
    "sagemaker",
    "scipy",
    "sklearn",
    "tqdm",
}
RECIPES = "newsgroup_classifier/recipes/"
# What the Lambda function imports of the library; it is zipped with the handler.
SHARED = (
    "newsgroup_classifier.errors",
    "newsgroup_classifier.explanations",
    "newsgroup_classifier.hashed_text",
    "newsgroup_classifier.text.request_bodies",
    "newsgroup_classifier.text.visible",
)


@dataclass(frozen=True)
class Source:
    """A file of the project: its path from the root, module name, text, and syntax tree."""

    path: str
    module: str
    text: str
    tree: ast.Module

    @property
    def package(self) -> str:
        """The first part of the path."""
        return self.path.split("/")[0]


@cache
def sources() -> tuple[Source, ...]:
    """Return every Python file of the project's packages, without tests."""
    return tuple(
        _read(path)
        for package in PACKAGES
        for path in sorted((ROOT / package).rglob("*.py"))
        if "tests" not in path.relative_to(ROOT).parts
    )


def python_files() -> list[Path]:
    """Return every Python file of the project, tests included."""
    return [path for package in (*PACKAGES, "tests") for path in (ROOT / package).rglob("*.py")]


def light_recipes() -> list[Source]:
    """Return the recipe files without a class of their own, such as an estimator."""
    return [
        source
        for source in sources()
        if source.path.startswith(RECIPES)
        and not any(isinstance(node, ast.ClassDef) for node in source.tree.body)
    ]


def _read(path: Path) -> Source:
    name = path.relative_to(ROOT).as_posix()
    text = path.read_text(encoding="utf-8")
    site = next((site for site in SITES if name.startswith(site + "/")), None)
    dotted = name.removeprefix(f"{site}/") if site else name
    module = dotted.removesuffix(".py").removesuffix("/__init__").replace("/", ".")
    return Source(name, module, text, ast.parse(text))


def imports(source: Source) -> set[str]:
    """Return all modules that a file imports, at the top or elsewhere."""
    names: set[str] = set()
    for node in ast.walk(source.tree):
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            names.add(node.module)
            names |= {f"{node.module}.{alias.name}" for alias in node.names}
    return names


def modules_imported(source: Source) -> set[str]:
    """Return the modules of the project that a file imports; a package only for its own names."""
    modules = {other.module: other for other in sources()}
    names = {name for name in imports(source) if name in modules and name != source.module}
    return {name for name in names if not any(other.startswith(f"{name}.") for other in names)}

"""The packages that an artifact includes because the serving containers lack them."""

import importlib.util
from importlib import metadata
from pathlib import Path

from newsgroup_classifier.errors import HyperparameterError
from newsgroup_classifier.own_code import projects_by_module
from newsgroup_classifier.recipes.catalogue import Recipe

_LIBRARIES = ".libs"  # suffix of the folder in which auditwheel puts a package's shared libraries


def vendored_packages(recipe: Recipe) -> dict[str, Path]:
    """Return the folders of the packages that the recipe's artifact includes, by name."""
    folders = []
    for name in recipe.vendored:
        spec = importlib.util.find_spec(name)
        if spec is None or spec.origin is None:
            raise HyperparameterError(
                f"recipe {recipe.name} needs the package {name}, which is not installed. Add it "
                "to the requirements.txt of the training bundle."
            )
        package = Path(spec.origin).parent
        folders += [package, *_libraries(name, package.parent)]
    return {folder.name: folder for folder in folders}


def _libraries(name: str, site: Path) -> list[Path]:
    """Return the folders of the shared libraries in a package's wheel."""
    files = [
        file
        for project in projects_by_module().get(name, ())
        for file in metadata.files(project) or ()
    ]
    folders = {file.parts[0] for file in files if file.parts[0].endswith(_LIBRARIES)}
    return [site / folder for folder in sorted(folders)]

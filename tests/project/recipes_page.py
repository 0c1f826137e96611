"""The reference page of recipes, generated from the catalogue."""

from newsgroup_classifier.hyperparameters import Parameter
from newsgroup_classifier.recipes.catalogue import RECIPES, Recipe
from newsgroup_classifier.search_space import Choices, Interval

_FRAMEWORKS = {"scikit-learn": "scikit-learn 1.9-0", "tensorflow": "TensorFlow 2.21"}


def recipes_page(generated: str) -> list[str]:
    """Return the lines of the page: a table of all recipes, and a section for each."""
    rows = [
        f"| [`{recipe.name}`](#{recipe.name}) | {recipe.summary} | {_data(recipe)} "
        f"| {_FRAMEWORKS[recipe.framework]} | {', '.join(recipe.targets)} | {_accuracy(recipe)} |"
        for recipe in RECIPES.values()
    ]
    return [
        "# Recipes",
        "",
        generated,
        "",
        "A recipe names a data set, a model with its hyperparameters, and the containers",
        "that serve it. [Results](../explanation/results.md) has measured accuracies, and",
        "[Data sets](data-sets.md) the sources of the data.",
        "",
        "| recipe | summary | data set | trains in | targets of `deploy` | accuracy |",
        "|---|---|---|---|---|---|",
        *rows,
        *(line for recipe in RECIPES.values() for line in _section(recipe)),
    ]


def _data(recipe: Recipe) -> str:
    return f"`{recipe.dataset}`" if recipe.dataset else "your own"


def _accuracy(recipe: Recipe) -> str:
    measured = recipe.accuracy
    return f"{measured.accuracy:g} ({measured.data})" if measured else "not measured"


def _section(recipe: Recipe) -> list[str]:
    containers = ", ".join(f"`{stage.name}` ({stage.image})" for stage in recipe.stages)
    lines = [
        "",
        f"## {recipe.name}",
        "",
        f"{recipe.summary}.",
        "",
        f"- Endpoint containers: {containers}",
    ]
    takes = f"no: {recipe.own_data_refusal}" if recipe.own_data_refusal else "yes"
    lines.append(f"- Takes your own data (`--name`): {takes}")
    if recipe.streams:
        lines.append("- [Trains from a stream](../how-to/large-corpora.md): yes")
    if recipe.space:
        lines.append(f"- Search space of `tune`: {'; '.join(map(_dimension, recipe.space))}")
    lines += ["", "| hyperparameter | default | meaning | values |", "|---|---|---|---|"]
    lines += [_row(parameter) for parameter in recipe.hyperparameters]
    for name, values in recipe.presets.items():
        changed = ", ".join(f"`{key}={value}`" for key, value in values.items())
        lines += ["", f"Preset `{name}`: {changed or 'the defaults'}."]
    return lines


def _row(parameter: Parameter) -> str:
    default = parameter.default
    shown = f"{default:g}" if isinstance(default, float) else str(default)
    former = f" (formerly `{parameter.was}`)" if parameter.was else ""
    return f"| `{parameter.name}`{former} | {shown} | {parameter.help} | {parameter.expected} |"


def _dimension(dimension: Choices | Interval) -> str:
    if isinstance(dimension, Choices):
        return f"`{dimension.name}` {', '.join(map(str, dimension.values))}"
    return f"`{dimension.name}` {dimension.lowest:g} to {dimension.highest:g}"

"""Register what a training job made: the recipe's model package group, and the package in it."""

from newsgroup_classifier.recipes.catalogue import Recipe
from scripts.account.aws import Aws, Call
from scripts.account.command import say
from scripts.endpoints.plans import group_call


def register(aws: Aws, recipe: Recipe, package: Call) -> str:
    """Make a planned package, and its group where there is none yet; return the package's ARN."""
    groups = aws.pages(
        "sagemaker",
        "list_model_package_groups",
        "ModelPackageGroupSummaryList",
        NameContains=recipe.name,
    )
    if recipe.name not in {group["ModelPackageGroupName"] for group in groups}:
        aws.make(group_call(recipe))
    arn: str = aws.make(package)["ModelPackageArn"]
    say(f"Registered {arn}.")
    return arn

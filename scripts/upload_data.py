"""Upload the train and test channels of a recipe's data set to the bucket.

    python -m scripts.upload_data --recipe newsgroups-naive-bayes
    python -m scripts.upload_data --recipe subreddits-linear --plots plots
    python -m scripts.upload_data --recipe text-network --name tickets --file tickets.csv

With --name, your own data is uploaded: --file. The built-in data set of a recipe comes from
--data-dir or DATASETS_DIR, the cache, or its publisher.
"""

import argparse
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

from newsgroup_classifier.atomic_files import writing_to
from newsgroup_classifier.errors import DeploymentError, sized
from newsgroup_classifier.recipes.catalogue import RECIPES, Recipe
from scripts.account import command
from scripts.account.aws import Aws, Call, connect, dry_run
from scripts.account.command import Result, say
from scripts.account.selection import check_trainable, selected_recipe
from scripts.jobs.channel_files import (
    all_datasets,
    passed_flags,
    read_dataset,
    write_files,
    write_vectors,
)
from scripts.jobs.data_versions import (
    DataVersions,
    Keys,
    channel_keys,
    channel_uris,
    hashes_of,
    report_key,
    version_of,
)
from scripts.jobs.output import add_plots_argument, make_folder
from scripts.jobs.own_files import (
    ChannelFile,
    add_file_arguments,
    check_file_arguments,
    write_own_files,
)


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the command's arguments, with the flags of every data set unless --help must be fast."""
    command.add_recipe_argument(parser)
    parser.add_argument(
        "--data-dir",
        type=command.path,
        help="folder with the published files (default: DATASETS_DIR)",
    )
    parser.add_argument(
        "--generated-sample",
        action="store_true",
        help="upload a small generated corpus, whose metrics do not reflect real data",
    )
    parser.add_argument(
        "--vectors",
        metavar="NAME",
        help="also upload the word vectors of this spaCy pipeline (a name or a folder), for "
        "train --set embedding=vectors",
    )
    add_file_arguments(parser)
    add_plots_argument(parser, "folder for plots of the data, if its data set draws any")
    if not getattr(parser, "only_help", False):  # listing them imports pandas
        for name, loader in all_datasets().items():
            group = parser.add_argument_group(f"data set {name}") if loader.flags else parser
            for flag, options in loader.flags.items():
                group.add_argument(flag, **options)
    command.add_common_arguments(parser)


def epilog(words: Sequence[str]) -> str:
    """Return the end of --help."""
    return "" if "--recipe" in words else "--recipe NAME --help also lists the flags of data sets."


def run(arguments: argparse.Namespace) -> Result:
    """Write the channels and upload them; return their addresses and the source of the data."""
    recipe = selected_recipe(arguments, trial=True)
    check_trainable(recipe, arguments)
    _check_arguments(recipe, arguments)
    aws = connect(arguments)
    data = DataVersions(aws, recipe, arguments.stack)
    vectors, stack = bool(arguments.vectors), arguments.stack
    if arguments.dry_run:
        keys = _with_report(recipe, channel_keys(recipe, vectors, stack))
        objects = [{"Bucket": data.bucket, "Key": key} for key in keys.values()]
        calls = [Call("s3", "upload_file", each) for each in objects]
        return dry_run([*calls, data.current_call])
    with tempfile.TemporaryDirectory(prefix="channels-") as folder:
        with writing_to(Path(folder)):
            if recipe.data_name:
                files, report = write_own_files(aws, recipe, arguments, Path(folder))
                facts: Result = {"data": files["train"][1], "report": report}
            else:
                files, facts = _write_built_in(recipe, arguments, Path(folder))
            if vectors:
                files["vectors"] = write_vectors(arguments.vectors, Path(folder))
        hashes = hashes_of({name: file[0] for name, file in files.items()})
        keys = channel_keys(recipe, vectors, stack, hashes)
        if not arguments.replace:
            data.check_replacement(keys)
        # The train channel, which versions are listed by, is last.
        for channel, key in reversed(_with_report(recipe, keys).items()):
            _upload(aws, files[channel], data, key)
    data.make_current(keys, arguments.replace)
    return {"channels": channel_uris(data.bucket, keys), "data_version": version_of(keys), **facts}


def _with_report(recipe: Recipe, keys: Keys) -> dict[str, str]:
    return {**keys, "report": report_key(keys)} if recipe.data_name else dict(keys)


def _write_built_in(
    recipe: Recipe, arguments: argparse.Namespace, folder: Path
) -> tuple[dict[str, ChannelFile], Result]:
    if arguments.plots:
        make_folder(arguments.plots)
    loader = all_datasets().find(recipe.dataset)
    dataset = read_dataset(loader, arguments)
    files = write_files(recipe, dataset, arguments, folder)
    facts: Result = {"data": dataset.source, **loader.result(dataset)}
    if arguments.plots and loader.draw:
        facts["plots"] = facts["pictures"] = loader.draw(dataset, arguments.plots)
        say(f"Plots (in {arguments.plots}): {', '.join(facts['plots'])}")
    return files, facts


def _check_arguments(recipe: Recipe, arguments: argparse.Namespace) -> None:
    if arguments.generated_sample and arguments.data_dir:
        raise DeploymentError("--generated-sample does not read --data-dir; pass one of them")
    if arguments.vectors and recipe.vectors is None:
        others = ", ".join(name for name, other in RECIPES.items() if other.vectors)
        raise DeploymentError(
            f"recipe {recipe.name} does not read word vectors; --vectors is for {others}"
        )
    check_file_arguments(recipe, arguments)
    loaders = all_datasets()
    uses = f"own data {recipe.data_name}" if recipe.data_name else recipe.dataset
    own = None if recipe.data_name else loaders.find(recipe.dataset)
    drawing = [name for name, other in loaders.items() if other.draw]
    refused = {"--plots": drawing} if arguments.plots and not (own and own.draw) else {}
    for name, other in loaders.items():
        refused |= {flag: [name] for flag in passed_flags(other, arguments) if other is not own}
    for flag, names in refused.items():
        raise DeploymentError(
            f"{flag} is for recipes of the data set {' or '.join(names)}; {recipe.name} uses {uses}"
        )


def _upload(aws: Aws, file: ChannelFile, data: DataVersions, key: str) -> None:
    path, source, content_type = file
    if data.has(key, path):
        say(f"s3://{data.bucket}/{key} has the same content already.")
        return
    size = path.stat().st_size
    metadata = {"Metadata": {"source": source}, "ContentType": content_type}
    with command.progress_bar(total=size, desc=path.name, unit="B", unit_scale=True) as bar:
        options = {"ExtraArgs": metadata, "Callback": bar.update}
        aws.client("s3").upload_file(str(path), data.bucket, key, **options)
    say(f"Uploaded s3://{data.bucket}/{key} ({sized(size)}).")


if __name__ == "__main__":
    sys.exit(command.main(__doc__, add_arguments, run, epilog=epilog))

"""Channels from a user's own file: its flags, where it is, and the report on it."""

import argparse
import json
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any, TypeVar

from newsgroup_classifier.errors import DeploymentError
from newsgroup_classifier.recipes.catalogue import Recipe
from scripts.account.aws import Aws, Call
from scripts.account.command import path_name, progress_bar, say, table
from scripts.account.parsing import flag_names, number
from scripts.jobs.data_versions import CONTENT_TYPES, REPORT

_COLUMNS = ("text", "label", "title", "group")
_OF_TABLES = (*_COLUMNS, "encoding")
FILE_FLAGS = ("file", "test_file", "test_share", "replace", *_OF_TABLES)
_OF_BUILT_IN = ("data_dir", "generated_sample", "plots")
_TEST_SHARE = 0.2
_Row = TypeVar("_Row")
ChannelFile = tuple[Path, str, str]  # with the source of its content, and its content type


def add_file_arguments(parser: argparse.ArgumentParser, positional: bool = False) -> None:
    """Add the flags that describe a user's own file; the file itself may be positional."""
    group = parser.add_argument_group("your own data")
    group.add_argument(
        "file" if positional else "--file",
        type=path_name,
        metavar="PATH",
        help="CSV, TSV, JSON lines, or Parquet file, gzip or zip of one, or folder with one "
        "subfolder of texts or images per class; or s3://BUCKET/KEY of a file"
        + ("; or a trained model (.joblib, .pkl)" if positional else ""),
    )
    columns = {
        "text": "column of the texts (default: guessed)",
        "label": "column of the labels (default: guessed)",
        "title": "column of titles, put before the texts",
        "group": "column of groups, whose rows stay in one channel",
    }
    for name, text in columns.items():
        group.add_argument(f"--{name}", type=_not_empty, metavar="COLUMN", help=text)
    group.add_argument(
        "--encoding",
        type=_not_empty,
        metavar="NAME",
        help="encoding, such as latin-1 (default: UTF-8 or UTF-16)",
    )
    group.add_argument(
        "--test-file",
        type=path_name,
        metavar="PATH",
        help="file to test with (default: rows of the same file)",
    )
    group.add_argument(
        "--test-share",
        type=number(lambda share: 0 < share < 1, "a number between 0 and 1, such as 0.2"),
        metavar="PART",
        help=f"share of each class to test with (default: {_TEST_SHARE:g})",
    )
    group.add_argument(
        "--replace",
        action="store_true",
        help="make this data current if the name has other data"
        + ("; or register this model if its labels are new" if positional else ""),
    )


def _not_empty(text: str) -> str:
    if not text:  # such as that of an unset variable, which would be the default
        raise argparse.ArgumentTypeError("'' is not a name; omit the flag to use its default")
    return text


def check_file_arguments(recipe: Recipe, arguments: argparse.Namespace) -> None:
    """Raise DeploymentError for flags that do not fit together, before anything is read."""
    if not recipe.data_name:
        if passed := flag_names(arguments, FILE_FLAGS):
            raise DeploymentError(
                f"{passed[0]} is for your own data; pass a name for it, such as --name tickets"
            )
        return
    if not arguments.file:
        raise DeploymentError(
            f"--name {recipe.data_name} needs the file with the data; pass --file PATH"
        )
    refused = {flag: "built-in data sets" for flag in flag_names(arguments, _OF_BUILT_IN)}
    if recipe.inputs == "images":
        refused |= {flag: "tables of texts" for flag in flag_names(arguments, _OF_TABLES)}
    if arguments.test_file and arguments.test_share:
        refused["--test-share"] = "data without --test-file"
    for flag, meant in refused.items():
        raise DeploymentError(f"{flag} is for {meant}; omit it")


def check_file(recipe: Recipe, arguments: argparse.Namespace) -> None:
    """Raise an error unless the flags fit together, and a local file of texts has their columns."""
    check_file_arguments(recipe, arguments)
    if recipe.inputs == "texts" and not arguments.file.startswith("s3://"):
        _open_texts(Path(arguments.file), arguments)


def write_own_files(
    aws: Aws, recipe: Recipe, arguments: argparse.Namespace, folder: Path
) -> tuple[dict[str, ChannelFile], dict[str, Any]]:
    """Write channels and report of own data into a folder; return the files, and the report."""
    places = [folder / name for name in ("train-file", "test-file")]
    path = _fetched(aws, arguments.file, places[0])
    test = _fetched(aws, arguments.test_file, places[1]) if arguments.test_file else None
    write = _write_images if recipe.inputs == "images" else _write_texts
    paths, report = write(path, test, arguments, folder)
    _show(report, arguments.file)
    _check_size(recipe, report)
    source, kind = f"own data {recipe.data_name}", CONTENT_TYPES[recipe.inputs]
    files = {name: (path, source, kind) for name, path in paths.items()}
    path = folder / REPORT
    path.write_text(json.dumps(report, indent=1), encoding="utf-8")
    return files | {"report": (path, source, "application/json")}, report


def _check_size(recipe: Recipe, report: Mapping[str, Any]) -> None:
    rows, classes = report["rows"]["train"], len(report["classes"])
    if recipe.most_scores and rows * classes > recipe.most_scores:
        raise DeploymentError(
            f"the file has {rows:,} train rows of {classes:,} classes; {recipe.name} has memory "
            f"for at most {recipe.most_scores:,} rows times classes, found {rows * classes:,}. "
            "Merge rare classes, pass fewer rows, or choose another recipe, such as text-network"
        )


def _show(report: dict[str, Any], file: str) -> None:
    from newsgroup_classifier.datasets.files.report import table_of

    rows = [(f"  {name}", value) for name, value in table_of(report)]
    say(f"Data report on {file}:\n{table(rows)}")


def _fetched(aws: Aws, address: str, folder: Path) -> Path:
    if not address.startswith("s3://"):
        return Path(address)
    bucket, _, key = address.removeprefix("s3://").partition("/")
    name = key.rpartition("/")[2]
    if not bucket or not name:
        raise DeploymentError(
            f"{address} is not the address of a file; expected s3://BUCKET/KEY. Put a folder into "
            "a zip archive, and pass its address."
        )
    query = {"Bucket": bucket, "Key": key}
    if aws.make(Call("s3", "head_object", query), "(404)") is None:
        raise DeploymentError(f"{address} does not exist; check the bucket and the key")
    folder.mkdir()
    aws.client("s3").download_file(bucket, key, str(folder / name))
    return folder / name


def _open_texts(path: Path, arguments: argparse.Namespace) -> tuple[Any, Any]:
    """Return the table of a file, and its columns: those of the flags, or as they are guessed."""
    from newsgroup_classifier.datasets.files.columns import choose_columns
    from newsgroup_classifier.datasets.files.tables import open_table

    flags = {name: getattr(arguments, name) for name in _COLUMNS}
    names = [name for name in flags.values() if name]
    opened = open_table(path, arguments.encoding, names)
    return opened, choose_columns(opened, **flags)


def _write_texts(
    path: Path, test: Path | None, arguments: argparse.Namespace, folder: Path
) -> tuple[dict[str, Path], dict[str, Any]]:
    from newsgroup_classifier.datasets.files.columns import choose_columns
    from newsgroup_classifier.datasets.files.own_texts import prepare_texts
    from newsgroup_classifier.datasets.files.tables import open_table

    own, columns = _open_texts(path, arguments)
    tested = open_table(test, arguments.encoding, columns.names) if test else None
    if tested:
        choose_columns(tested, columns.text, columns.label, columns.title, columns.group)
    share = arguments.test_share or _TEST_SHARE
    texts = prepare_texts(own, columns, tested, share, _bar)
    return texts.write(folder, _bar), texts.report


def _write_images(
    path: Path, test: Path | None, arguments: argparse.Namespace, folder: Path
) -> tuple[dict[str, Path], dict[str, Any]]:
    from newsgroup_classifier.channels.images import write_image_channel
    from newsgroup_classifier.datasets.files.images import read_image_folders

    share = arguments.test_share or _TEST_SHARE
    dataset, report = read_image_folders(path, test, share, lambda files: _bar(files, "Reading"))
    paths = {name: folder / f"{name}.npz" for name in ("train", "test")}
    for name, file in paths.items():
        write_image_channel(getattr(dataset, name), file)
    return paths, report


def _bar(rows: Iterable[_Row], doing: str) -> Iterable[_Row]:
    bar: Iterable[_Row] = progress_bar(rows, desc=doing, unit=" rows", unit_scale=True)
    return bar

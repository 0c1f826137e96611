"""List the images, and install or remove their environments: `local-aws images`."""

import argparse
import sys

from local_aws.errors import ValidationError
from local_aws.pythons.uv import UvError
from local_aws.sagemaker.containers.images import Image, all_images
from local_aws.sagemaker.containers.images.environments import (
    FOLDER_VARIABLE,
    install,
    is_installed,
    lacking,
    remove,
)

_SHOWN = 10  # lacking distributions in a line


def main(argv: list[str]) -> int:
    """Do what the arguments after `images` say; return the exit code."""
    images = {image.name: image for image in all_images()}
    arguments = _parser(images).parse_args(argv)
    try:
        if arguments.action == "install":
            return _install(images[arguments.image])
        if arguments.action == "remove":
            existed = remove(images[arguments.image])
            _say(f"Removed {arguments.image}." if existed else f"{arguments.image} had none.")
            return 0
    except (UvError, ValidationError, OSError) as error:
        print(f"error: {error}", file=sys.stderr)
        return 1
    for image in images.values():
        _show(image)
    return 0


def _parser(images: dict[str, Image]) -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="local-aws images",
        description="List the images, each with the packages that its jobs and containers lack. "
        "`install` makes an environment with exactly the image's packages, in which they run from "
        f"then on. It is kept in ~/.cache/local-aws/images, or in {FOLDER_VARIABLE}.",
    )
    actions = parser.add_subparsers(dest="action", metavar="{install,remove}")
    for name, purpose in (
        ("install", "get the packages of an image with uv"),
        ("remove", "remove them again"),
    ):
        action = actions.add_parser(name, help=purpose, description=purpose)
        action.add_argument("image", choices=images, metavar="IMAGE", help=", ".join(images))
    return parser


def _install(image: Image) -> int:
    failed = install(image, _say)
    for requirement, reason in failed.items():
        _say(f"  not available: {requirement} ({reason})")
    got = len(image.distributions) - len(lacking(image))
    _say(f"{image.name} has {got} of the {len(image.distributions)} packages of the image.")
    return 0


def _show(image: Image) -> None:
    missing = list(lacking(image).values())
    where = "its own environment" if is_installed(image) else "the environment of the local AWS"
    more = f", and {len(missing) - _SHOWN} more" if len(missing) > _SHOWN else ""
    lacks = f"lacks {', '.join(missing[:_SHOWN])}{more}" if missing else "lacks nothing"
    print(f"{image.name}: {where}, {len(image.distributions)} packages; {lacks}")


def _say(text: str) -> None:
    print(text, file=sys.stderr, flush=True)

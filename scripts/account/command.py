"""What every script shares: its arguments, where it prints, and how it ends.

One JSON object goes to stdout; what people read goes to stderr. An error is one line and exit
code 1. boto3 is not imported here, so --help is quick.
"""

import argparse
import json
import os
import signal
import sys
import threading
from collections.abc import Callable, Sequence
from types import FrameType
from typing import Any
from urllib.parse import urlsplit

from newsgroup_classifier.errors import ProjectError
from newsgroup_classifier.recipes.catalogue import RECIPES

Result = dict[str, Any]
_MOST_SHOWN = 400  # characters of an error of AWS
_interrupted = threading.Event()


def main(
    description: str | None,
    add_arguments: Callable[[argparse.ArgumentParser], None],
    run: Callable[[argparse.Namespace], Result],
) -> int:
    """Parse the command line, run the script, print its JSON object; return the exit code."""
    name = sys.modules["__main__"].__spec__.name if sys.modules["__main__"].__spec__ else "script"
    parser = argparse.ArgumentParser(
        prog=f"python -m {name}",
        description=description,
        formatter_class=argparse.RawDescriptionHelpFormatter,
        allow_abbrev=False,
    )
    add_arguments(parser)
    arguments = parser.parse_args()
    sys.unraisablehook = _send_lost_interrupts_again
    signal.signal(signal.SIGINT, _interrupt)
    try:
        result = run(arguments)
        stop_if_interrupted()
        print(json.dumps(result, indent=1, default=str), flush=True)
    except KeyboardInterrupt:
        say("stopped")
        return 130
    except BrokenPipeError:
        # Nobody reads on. Python would say so once more when it closes stdout.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 1
    except (ProjectError, OSError) as error:
        return _fail(error)
    except ModuleNotFoundError as error:
        return _fail(ProjectError(f"{error}. Use the project's own Python: .venv/bin/python"))
    except Exception as error:
        if not type(error).__module__.startswith(("botocore.", "boto3.", "s3transfer.")):
            raise
        return _fail(error)
    return 0


def _interrupt(number: int, frame: FrameType | None) -> None:
    _interrupted.set()
    raise KeyboardInterrupt


def stop_if_interrupted() -> None:
    """Raise KeyboardInterrupt if Ctrl-C was pressed and a library swallowed it."""
    if _interrupted.is_set():
        raise KeyboardInterrupt


def forget_interrupt() -> None:
    """Take an interrupt as dealt with: the program was asked to end what it waited for."""
    _interrupted.clear()


def _send_lost_interrupts_again(lost: "sys.UnraisableHookArgs") -> None:
    """Press Ctrl-C once more where it fell into a finalizer, which Python lets raise nothing."""
    if lost.exc_type is not KeyboardInterrupt:
        sys.__unraisablehook__(lost)
        return
    threading.Timer(0.05, os.kill, (os.getpid(), signal.SIGINT)).start()


def _fail(error: Exception) -> int:
    print(f"error: {_plain(error)}", file=sys.stderr)
    return 1


def _plain(error: Exception) -> str:
    """Return an error as one line that says what to do."""
    name = type(error).__name__
    text = " ".join(str(error).split()) or name
    url = os.environ.get("AWS_ENDPOINT_URL")
    if isinstance(error, OSError) and error.filename and error.strerror:
        return f"{error.filename}: {error.strerror}"
    if name in ("NoCredentialsError", "PartialCredentialsError"):
        if url:
            return f"{text}. {url} is no address of this machine, so it is taken for AWS itself"
        return f"{text}. Configure credentials, or set AWS_ENDPOINT_URL (see: make local-aws)"
    if name == "EndpointConnectionError" and url:
        return f"{text} Is the local AWS running? Start it with: {_start_of(url)}"
    if name == "SSLError" and url and "WRONG_VERSION_NUMBER" in text:
        return f"what runs at {url} speaks no TLS. Set AWS_ENDPOINT_URL to an address with http:"
    if hasattr(error, "operation_name") and len(text) > _MOST_SHOWN:  # AWS lists what it takes
        return f"{text[:_MOST_SHOWN]} ... ({len(text):,} characters)"
    return text


def _start_of(url: str) -> str:
    """Return the command that starts a local AWS at an address."""
    port = urlsplit(url).port
    return "make local-aws" if port in (None, 4566) else f"LOCAL_AWS_PORT={port} make local-aws"


def say(line: str) -> None:
    """Print a line for people."""
    print(line, file=sys.stderr, flush=True)


def default_stack() -> str:
    """Return the name of the foundation stack where --stack gives none."""
    return os.environ.get("NEWSGROUP_CLASSIFIER_STACK", "newsgroup-classifier")


def add_common_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the arguments that say where to work; each can also be set in the environment."""
    group = parser.add_argument_group("where to work")
    group.add_argument("--region", help="AWS region (AWS_REGION, AWS_DEFAULT_REGION; us-east-1)")
    group.add_argument(
        "--stack",
        default=default_stack(),
        help="the foundation stack (NEWSGROUP_CLASSIFIER_STACK; %(default)s)",
    )
    group.add_argument("--dry-run", action="store_true", help="print the calls, make none")


def add_recipe_argument(parser: argparse.ArgumentParser) -> None:
    """Add the argument that names a recipe."""
    parser.add_argument(
        "--recipe", required=True, metavar="NAME", help=f"what to work on: {', '.join(RECIPES)}"
    )


def add_yes_argument(parser: argparse.ArgumentParser) -> None:
    """Add the argument that answers the question before what costs money or deletes."""
    parser.add_argument("--yes", action="store_true", help="do not ask before doing it on AWS")


def table(rows: Sequence[tuple[str, ...]]) -> str:
    """Return rows as columns of equal width."""
    widths = [max(len(cell) for cell in column) for column in zip(*rows, strict=True)]
    lines = (
        "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True))
        for row in rows
    )
    return "\n".join(line.rstrip() for line in lines)

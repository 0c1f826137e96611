"""The command line that all commands share: arguments, output, errors and exit codes.

stdout carries one JSON object and people read stderr. An error is one line and exit code 1.
boto3 and the recipes are not imported here, so that --help is fast.
"""

import argparse
import importlib
import json
import os
import re
import signal
import sys
import threading
from collections.abc import Callable, Sequence
from pathlib import Path
from types import FrameType, ModuleType
from typing import Any

from newsgroup_classifier.datasets import whole_number as whole_number
from newsgroup_classifier.errors import ProjectError
from newsgroup_classifier.own_code import function_of_file
from scripts.account.messages import message_of
from scripts.account.naming import DEFAULT_STACK
from scripts.account.parsing import Formatter, Parser

Result = dict[str, Any]
CONSOLE_SCRIPT = "newsgroup-classifier"
# In scripts/operations/.
_OPERATIONS = ("cost", "evaluate", "promote", "rollback", "status", "watch")
_interrupted = threading.Event()


def path_name(text: str) -> str:
    """Return the name of a file or folder; argparse prints the error for an empty one."""
    if not text:  # such as that of an unset variable, which Path takes for the working directory
        raise argparse.ArgumentTypeError("'' is not the name of a file or a folder")
    return text


def path(text: str) -> Path:
    """Return the path of a file or folder, which has a name."""
    return Path(path_name(text))


def main(
    description: str | None,
    add_arguments: Callable[[argparse.ArgumentParser], None],
    run: Callable[[argparse.Namespace], Result],
    argv: Sequence[str] | None = None,
    epilog: Callable[[Sequence[str]], str] | None = None,
) -> int:
    """Parse the command line, run the command, print its JSON object; return the exit code.

    `epilog` returns the end of --help for a command line.
    """
    words = sys.argv[1:] if argv is None else argv
    parser = Parser(
        prog=_program(run.__module__),
        description=spell(description or ""),
        formatter_class=Formatter,
        allow_abbrev=False,
    )
    sys.unraisablehook = _resend_lost_interrupt
    signal.signal(signal.SIGINT, _interrupt)
    try:
        parser.epilog = epilog(words) if epilog else None
        parser.only_help = bool({"-h", "--help"} & set(words)) and "--recipe" not in words
        add_arguments(parser)
        result = run(parser.parse_args(words))
        stop_if_interrupted()
        for line in result.pop("next", ()):  # suggested to people, and not part of the object
            say(f"Next: {line}")
        print(json.dumps(result, indent=1, default=str), flush=True)
    except KeyboardInterrupt:
        say("stopped")
        return 130
    except BrokenPipeError:
        # The reader is gone. Python would report it again when it closes stdout.
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


def _program(module: str) -> str:
    spec = sys.modules["__main__"].__spec__
    name = (spec.name if spec else "script") if module == "__main__" else module
    return spell(f"python -m {name}".replace("scripts.operations.", "scripts "))


def program() -> str:
    """Return what the user typed before the name of a command."""
    return CONSOLE_SCRIPT if Path(sys.argv[0]).stem == CONSOLE_SCRIPT else "python -m scripts"


def spell(text: str) -> str:
    """Return a text with `python -m scripts.COMMAND` replaced if the console script runs."""
    if program() != CONSOLE_SCRIPT:
        return text
    return re.sub(
        r"python -m scripts[. ](\w+)",
        lambda match: f"{CONSOLE_SCRIPT} {match[1].replace('_', '-')}",
        text,
    )


def module_of(name: str) -> str:
    """Return the name of the module of a command."""
    package = "scripts.operations" if name in _OPERATIONS else "scripts"
    return f"{package}.{name.replace('-', '_')}"


def load_command(name: str) -> ModuleType:
    """Import the module of a command."""
    return importlib.import_module(module_of(name))


def run_command(name: str, *arguments: str) -> Result:
    """Run a command in this process, without its suggestions; return its result."""
    module = load_command(name)
    parser = argparse.ArgumentParser()
    module.add_arguments(parser)
    result: Result = module.run(parser.parse_args(arguments))
    result.pop("next", None)
    return result


def _interrupt(number: int, frame: FrameType | None) -> None:
    _interrupted.set()
    raise KeyboardInterrupt


def stop_if_interrupted() -> None:
    """Raise KeyboardInterrupt if Ctrl-C was pressed and a library swallowed it."""
    if _interrupted.is_set():
        raise KeyboardInterrupt


def forget_interrupt() -> None:
    """Clear the interrupt flag after Ctrl-C ended only a wait."""
    _interrupted.clear()


def _resend_lost_interrupt(lost: "sys.UnraisableHookArgs") -> None:
    """Send Ctrl-C again after it fell into a finalizer, where Python drops exceptions."""
    if lost.exc_type is not KeyboardInterrupt:
        sys.__unraisablehook__(lost)
        return
    threading.Timer(0.05, os.kill, (os.getpid(), signal.SIGINT)).start()


def _fail(error: Exception) -> int:
    say(f"error: {message_of(error)}")
    return 1


def say(line: str) -> None:
    """Print a line for people."""
    print(spell(line), file=sys.stderr, flush=True)


def agrees(question: str) -> bool:
    """Ask a question, and return whether the answer is yes; no answer is a no."""
    say(f"{question} [y/N]")
    try:
        return input().strip().lower() in ("y", "yes")
    except EOFError:
        return False
    except KeyboardInterrupt:
        say("")  # after ^C
        raise


def default_stack() -> str:
    """Return the name of the foundation stack without --stack."""
    return os.environ.get("NEWSGROUP_CLASSIFIER_STACK", DEFAULT_STACK)


def add_common_arguments(parser: argparse.ArgumentParser, dry_run: bool = True) -> None:
    """Add the flags that choose the AWS account's region and stack, and usually --dry-run."""
    group = parser.add_argument_group("where to work")
    group.add_argument(
        "--region",
        help="AWS region (default: AWS_REGION, AWS_DEFAULT_REGION, that of the AWS configuration, "
        "or us-east-1)",
    )
    group.add_argument(
        "--stack",
        default=default_stack(),
        metavar="NAME",
        help="environment, named after its foundation stack (default: NEWSGROUP_CLASSIFIER_STACK "
        f"or {DEFAULT_STACK})",
    )
    if dry_run:
        group.add_argument(
            "--dry-run", action="store_true", help="print the API calls without making them"
        )


def add_recipe_argument(
    parser: argparse.ArgumentParser,
    default: str | None = None,
    data: str = "the recipe's built-in data set",
) -> None:
    """Add the flags that name a recipe and its own data; `data` is that without --name."""
    listing = spell("python -m scripts.recipes")
    defaults = f"; default: {default}" if default else ""
    selection = parser.add_mutually_exclusive_group(required=default is None)
    selection.add_argument(
        "--recipe",
        default=default,
        metavar="NAME",
        help=f"recipe (`{listing}` lists them{defaults}), or a file with your own",
    )
    selection.add_argument(
        "--pipeline",
        dest="recipe",
        type=function_of_file,
        metavar="FILE:NAME",
        help="your own file, and its function that returns a scikit-learn pipeline",
    )
    parser.add_argument("--name", help=f"name of your own data (default: {data})")


def add_set_argument(parser: argparse.ArgumentParser, description: str) -> None:
    """Add --set, which collects the overrides."""
    parser.add_argument(
        "--set",
        action="append",
        default=[],
        metavar="NAME=VALUE",
        dest="overrides",
        help=description,
    )


def add_yes_argument(parser: argparse.ArgumentParser) -> None:
    """Add the flag that skips the confirmation on AWS."""
    parser.add_argument("--yes", action="store_true", help="do not ask for confirmation on AWS")


def add_old_flag(parser: Any, flag: str, action: argparse.Action) -> None:
    """Add a hidden old spelling of a flag to a parser or group; it prints the new one."""

    def convert(text: str) -> Any:
        say(f"{flag} is now called {action.option_strings[0]}")
        return action.type(text) if callable(action.type) else text

    parser.add_argument(flag, dest=action.dest, type=convert, help=argparse.SUPPRESS)


def progress_bar(items: Any = None, **options: Any) -> Any:
    """Return items with a progress bar, which is not drawn if stderr is not a terminal."""
    from tqdm import tqdm  # --help does not need it

    return tqdm(items, leave=False, disable=None, **options)


def table(rows: Sequence[tuple[str, ...]]) -> str:
    """Return rows as columns of equal width."""
    widths = [max(len(cell) for cell in column) for column in zip(*rows, strict=True)]
    lines = (
        "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True))
        for row in rows
    )
    return "\n".join(line.rstrip() for line in lines)

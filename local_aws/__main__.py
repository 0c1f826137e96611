"""Start the local AWS in the foreground: `local-aws`, or `python -m local_aws`.

Ctrl-C or SIGTERM stops it together with all of its processes and folders. `local-aws images` gets
the packages of images.
"""

import argparse
import errno
import logging
import os
import sys
import tempfile
import threading
from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import NoReturn, TypeVar

from local_aws import endings
from local_aws.endings import Ending
from local_aws.lifetime.data_folder import DataFolder, DataFolderRefused
from local_aws.lifetime.emptying import SERVER, remove, sweep
from local_aws.processes import FOLDER, kill_strays, plain_path, stop_all
from local_aws.settings import FunctionSettings, Settings

log = logging.getLogger(__name__)
DEFAULT_PORT = 4566
_POLL_SECONDS = 0.5  # between checks for a signal
Number = TypeVar("Number", int, float)


def parse_arguments(argv: list[str]) -> argparse.Namespace:
    """Read the command line."""
    parser = _Parser(
        prog="local-aws",
        description="Start a local AWS that really trains, serves, and invokes. "
        "It binds to 127.0.0.1 only. `local-aws images --help` explains how to get the packages of "
        "SageMaker's images.",
        allow_abbrev=False,
    )
    parser.add_argument(
        "--port",
        type=_number(0, 65_535),
        default=os.environ.get("LOCAL_AWS_PORT") or DEFAULT_PORT,
        metavar="N",
        help=f"port to listen on, or 0 for any free port (LOCAL_AWS_PORT; default {DEFAULT_PORT})",
    )
    parser.add_argument(
        "--until-stdin-closes",
        action="store_true",
        help="stop when standard input closes, so that the program that started it can end first",
    )
    parser.add_argument(
        "--instance-cpus",
        type=_number(1),
        default=os.cpu_count() or 1,
        metavar="N",
        help="CPUs of an instance: serving containers start one worker per CPU, and numeric "
        f"libraries one thread (default: all {os.cpu_count() or 1} of this computer)",
    )
    _add_function_flags(parser)
    parser.add_argument(
        "--metric-period",
        type=_number(0.1),
        default=Settings.minute_seconds,
        metavar="SECONDS",
        help="how long a minute of metrics, alarms, and deployments lasts, to shorten tests "
        f"(default {Settings.minute_seconds:.0f})",
    )
    parser.add_argument(
        "--init",
        type=_folder,
        metavar="FOLDER",
        help="run the .py and .sh files of a folder at the start, in the order of their names, "
        "unless --data-dir restores resources",
    )
    parser.add_argument(
        "--data-dir",
        type=_path,
        metavar="FOLDER",
        help="keep all resources in a folder from one run to the next: they are stored at the end, "
        "and endpoints and functions answer again (default: forget them)",
    )
    parser.add_argument("--quiet", action="store_true", help="print only warnings and errors")
    return parser.parse_args(argv)


def _add_function_flags(parser: argparse.ArgumentParser) -> None:
    defaults = FunctionSettings()
    parser.add_argument(
        "--function-concurrency",
        type=_number(1),
        default=defaults.concurrency,
        metavar="N",
        help=f"maximum concurrent calls of all functions together (default {defaults.concurrency})",
    )
    parser.add_argument(
        "--function-idle-seconds",
        type=_number(0.0),
        default=defaults.idle_seconds,
        metavar="SECONDS",
        help="time after which an idle process of a function ends "
        f"(default {defaults.idle_seconds:.0f})",
    )
    parser.add_argument(
        "--function-retry-seconds",
        type=_number(0.0),
        nargs=2,
        default=defaults.retry_seconds,
        metavar=("FIRST", "SECOND"),
        help="seconds before the first and the second retry of a failed asynchronous call "
        "(default 60 120)",
    )
    parser.add_argument(
        "--no-namespaces",
        action="store_true",
        help="do not give jobs their own /opt/ml and functions their own /tmp",
    )


class _Parser(argparse.ArgumentParser):
    def error(self, message: str) -> NoReturn:
        """Print an error in one line and exit with code 2."""
        message = message.replace("argument --port:", "argument --port (or LOCAL_AWS_PORT):")
        self.exit(2, f"{self.prog}: error: {message} (--help lists the flags)\n")


def _number(lowest: Number, highest: int = 999_999_999) -> Callable[[str], Number]:
    """Return an argparse type for numbers of a range, which are whole if the lowest one is."""

    def parse(text: str) -> Number:
        with suppress(ValueError):
            if lowest <= (value := type(lowest)(text)) <= highest:
                return value
        raise argparse.ArgumentTypeError(f"{text!r} is not a number from {lowest} to {highest:,}")

    return parse


def _path(text: str) -> Path:
    if not text:  # which Path reads as the working directory
        raise argparse.ArgumentTypeError("'' is not the name of a folder")
    return Path(text)


def _folder(text: str) -> Path:
    if not _path(text).is_dir():
        raise argparse.ArgumentTypeError(f"{text!r} is not a folder")
    return Path(text)


def main(argv: list[str] | None = None) -> int:
    """Run until a signal arrives; return the exit code."""
    argv = sys.argv[1:] if argv is None else argv
    if argv[:1] == ["images"]:
        from local_aws.sagemaker import command  # its imports take a while

        return command.main(argv[1:])
    arguments = parse_arguments(argv)
    logging.basicConfig(level=logging.WARNING, format="%(levelname)s %(name)s: %(message)s")
    for name in ("AWS_PROFILE", "AWS_DEFAULT_PROFILE"):  # moto's own sessions would use it
        os.environ.pop(name, None)
    ending = Ending()
    ending.watch(arguments.until_stdin_closes)
    if not arguments.quiet:
        endings.log.setLevel(logging.INFO)
    sweep()
    state_dir = Path(tempfile.mkdtemp(prefix=f"{FOLDER}-{os.getpid()}-"))
    try:
        return _serve(arguments, state_dir, ending)
    except Exception as error:
        log.critical("The local AWS failed:", exc_info=error)
        ending.record(f"it failed: {error!r}", failed=True)
        return 1
    finally:
        ending.log()
        remove(state_dir)


def _serve(arguments: argparse.Namespace, state_dir: Path, ending: Ending) -> int:
    # The import takes a second, for which --help and mistakes in flags should not wait.
    from local_aws.lifetime import saving
    from local_aws.server import Application, bind, listen

    settings = Settings(
        plain_path(state_dir),
        port=arguments.port,
        namespaces=not arguments.no_namespaces,
        minute_seconds=arguments.metric_period,
    )
    try:
        listener = bind(settings)
    except OSError as error:
        hint = " Another local AWS may be running there." if error.errno == errno.EADDRINUSE else ""
        message = (
            f"cannot listen on port {settings.port} of {settings.host}: {error.strerror}.{hint} "
            "Choose another port with --port or LOCAL_AWS_PORT."
        )
        return _explain(message, ending)
    settings = replace(settings, port=listener.getsockname()[1])  # the setting may be 0
    functions = FunctionSettings(
        arguments.function_concurrency,
        arguments.function_idle_seconds,
        tuple(arguments.function_retry_seconds),
    )
    application = Application(settings, functions, arguments.instance_cpus)
    try:
        folder = DataFolder(arguments.data_dir) if arguments.data_dir else None
        saved = saving.load(folder) if folder else None
    except DataFolderRefused as error:
        return _explain(error, ending)
    application.is_ready = saved is None
    server = listen(application, listener)
    threading.Thread(
        target=ending.serve, args=(server.serve_forever,), name=SERVER, daemon=True
    ).start()
    if saved is not None:
        application.restore(saved)
    elif not _prepare(arguments, settings, ending):
        return 1
    elif ending.cause:  # not all scripts may have run, so the next run starts from the beginning
        folder = None
    del saved  # it has the zips of all functions
    if not arguments.quiet and not ending.cause:
        print(_welcome(settings), file=sys.stderr, flush=True)
    # Python runs a signal's handler in the main thread, but under load the system may deliver the
    # signal to another thread. A wait without a time-out would then never notice it.
    while not ending.wait(_POLL_SECONDS):
        continue
    application.is_ending = True
    ending.log()
    failure = saving.store(folder, application.saved) if folder else None
    _stop(settings)
    server.shutdown()
    return _explain(failure, ending) if failure else int(ending.failed)


def _explain(error: Exception | str, ending: Ending) -> int:
    """Print an error in one line, and return the exit code."""
    print(f"error: {error}", file=sys.stderr)
    ending.is_explained()
    return 1


def _prepare(arguments: argparse.Namespace, settings: Settings, ending: Ending) -> bool:
    """Run the scripts of --init; print why one failed, and return whether none did."""
    if not arguments.init:
        return True
    from local_aws.lifetime.init_scripts import ScriptFailed, run_scripts

    def write(line: str) -> None:
        if not arguments.quiet:
            print(line, file=sys.stderr, flush=True)

    try:
        run_scripts(arguments.init, settings, write, lambda: bool(ending.cause))
    except ScriptFailed as error:
        _explain(error, ending)
        _stop(settings)
        return False
    return True


def _stop(settings: Settings) -> None:
    """End all child processes; what threads report from now on is about what has been removed."""
    logging.disable()
    threading.excepthook = lambda _: None
    stop_all()
    kill_strays(str(settings.state_dir))


def _welcome(settings: Settings) -> str:
    from local_aws.console.site import PATH  # imported with the server

    return (
        f"Local AWS on {settings.endpoint_url}; Ctrl-C stops it, or in the background: "
        f"kill {os.getpid()}. What runs in it, as a page:\n"
        f"  {settings.endpoint_url}{PATH}\n"
        "In another terminal:\n"
        f"  export AWS_ENDPOINT_URL={settings.endpoint_url} AWS_DEFAULT_REGION=us-east-1\n"
        "  export AWS_ACCESS_KEY_ID=local AWS_SECRET_ACCESS_KEY=local"
    )


if __name__ == "__main__":
    sys.exit(main())

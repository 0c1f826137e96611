"""Open a page in the browser to try every model that is deployed.

    python -m scripts.playground
    python -m scripts.playground --no-open --port 8080

The page lists the endpoints and functions of an environment. Type, paste, or drop a text, draw an
image, or drop a CSV file to score its rows. Only this computer can open the page. It is served
until Ctrl-C.
"""

import argparse
import errno
import signal
import sys
import threading
import webbrowser
from typing import TYPE_CHECKING

from newsgroup_classifier.errors import DeploymentError, counted
from scripts.account import command
from scripts.account.aws import connect
from scripts.account.command import Result, say, whole_number

if TYPE_CHECKING:
    from scripts.page.server import PlaygroundServer

_PORT = 4680


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the command's arguments."""
    parser.add_argument(
        "--port",
        type=whole_number(0, 65_535),
        default=_PORT,
        help="port of the page on this computer, or 0 for any free one (default: %(default)s)",
    )
    parser.add_argument(
        "--open",
        action=argparse.BooleanOptionalAction,
        default=True,
        help="open the page in the browser (default)",
    )
    command.add_common_arguments(parser, dry_run=False)


def run(arguments: argparse.Namespace) -> Result:
    """Serve the page until Ctrl-C; return its address and the models that it listed at first."""
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    with _server(arguments) as server:
        models = server.models()["models"]
        say(f"Serving {counted(len(models), 'deployed model')} at {server.url}")
        say("Press Ctrl-C to stop.")
        _serve(server, arguments.open)
    return {"url": server.url, "models": [model["id"] for model in models]}


def _server(arguments: argparse.Namespace) -> "PlaygroundServer":
    from scripts.page.server import PlaygroundServer  # imports boto3, which --help does not need

    aws = connect(arguments)
    try:
        return PlaygroundServer(arguments.port, aws, arguments.stack)
    except OSError as error:
        if error.errno not in (errno.EADDRINUSE, errno.EACCES):
            raise
        raise DeploymentError(
            f"port {arguments.port} cannot be used ({error.strerror}); pass another --port, or 0 "
            "for any free one"
        ) from error


def _serve(server: "PlaygroundServer", opens: bool) -> None:
    if opens:  # a browser of the terminal returns only when it has ended
        threading.Thread(target=_open, args=(server.url,), daemon=True).start()
    try:
        server.serve_forever()
    except KeyboardInterrupt:
        command.forget_interrupt()
        say("stopping")


def _open(url: str) -> None:
    if not webbrowser.open(url):
        say("No browser could be started; open the address yourself.")


if __name__ == "__main__":
    sys.exit(command.main(__doc__, add_arguments, run))

"""Run a command: `newsgroup-classifier COMMAND`, or `python -m scripts COMMAND`.

Commands are imported only when they are chosen, so that the list of them is fast.
"""

import sys
from collections.abc import Sequence

from newsgroup_classifier.errors import did_you_mean, nearest
from scripts.account import command

COMMANDS = {
    "setup": "create the bucket and the roles that everything else uses",
    "upload-data": "upload the data set of a recipe",
    "train": "train a recipe and register the model",
    "report": "fetch the report of a training job, or compare jobs",
    "tune": "search hyperparameters and register the best model",
    "register": "register a model that you trained elsewhere",
    "approve": "approve a registered model for deployment",
    "deploy": "deploy an approved model to an endpoint or to Lambda",
    "status": "show what is deployed, when it was released, and its origin",
    "cost": "show what an environment costs, or what it left behind",
    "watch": "create alarms and a dashboard for an endpoint",
    "promote": "copy an approved model to another environment",
    "evaluate": "measure a registered model on a channel",
    "rollback": "return an endpoint or a function to its previous release",
    "invoke": "classify texts or images with a deployed model",
    "playground": "try every deployed model on a page in the browser",
    "transform": "score whole files with a batch transform job",
    "delete": "delete the resources of a recipe",
    "ship": "turn a file of data or a trained model into a deployed model",
    "demo": "run every step on this machine, without an AWS account",
    "recipes": "list the recipes, or show one of them",
}


def main(argv: Sequence[str] | None = None) -> int:
    """Run the command that the arguments name; return the exit code."""
    words = sys.argv[1:] if argv is None else list(argv)
    if words[:1] == ["help"]:
        words = [*words[1:2], "--help"]
    if not words or words[0] in ("-h", "--help"):
        print(_usage())
        return 0
    if words[0] == "--version":
        from importlib.metadata import version  # takes longer to import than the rest

        print(version(command.CONSOLE_SCRIPT))
        return 0
    name = words[0].replace("_", "-")
    if name not in COMMANDS:
        hint = did_you_mean(nearest(name, COMMANDS)) or "; --help lists the commands"
        command.say(f"{command.program()}: error: unknown command {words[0]!r}{hint}")
        return 2
    module = command.load_command(name)
    epilog = getattr(module, "epilog", None)
    return command.main(module.__doc__, module.add_arguments, module.run, words[1:], epilog)


def _usage() -> str:
    program = command.program()
    listing = command.table([(f"  {name}", text) for name, text in COMMANDS.items()])
    return f"""\
usage: {program} COMMAND [options]
Train text and image classifiers and deploy them to SageMaker or Lambda. Try it:
  {program} demo

{listing}"""


if __name__ == "__main__":
    sys.exit(main())

"""The differences between the two launchers of training scripts."""

from local_aws.tests.contract.observation import Section, ran

TOOLKIT = Section(
    "The launcher of the images and of SDK v2 (sagemaker-training)",
    (
        ran("launcher-toolkit-flag-spelling", "C=0.5 becomes `-C 0.5`, with one dash."),
        ran(
            "launcher-toolkit-values",
            'true becomes `True`, null an empty argument, and {"a": 1} `a=1`.',
        ),
        ran(
            "launcher-toolkit-environment-names",
            "learning-rate becomes the variable SM_HP_LEARNING-RATE.",
        ),
        ran("launcher-toolkit-quote", "The value it's arrives unchanged."),
        ran(
            "launcher-toolkit-exit-code-and-folder",
            "The script runs in /opt/ml/code; the job's exit code is 1, whatever the script's is.",
        ),
        ran(
            "launcher-toolkit-failure-text",
            "The failure has four lines: ExecuteUserScriptError, ExitCode, an empty "
            "ErrorMessage, and the command.",
        ),
        ran(
            "launcher-toolkit-variables",
            "The script sees SM_MODULE_NAME, SM_MODULE_DIR, and SM_USER_ARGS, but not "
            "SM_SOURCE_DIR or SM_ENTRY_SCRIPT.",
        ),
        ran(
            "launcher-toolkit-requirements",
            "A requirements.txt at the root of the bundle is installed.",
        ),
    ),
)
V3 = Section(
    "The launcher of SDK v3 (ModelTrainer)",
    (
        ran("launcher-v3-flag-spelling", "C=0.5 becomes `--C 0.5`, with two dashes."),
        ran(
            "launcher-v3-values",
            'true stays `true`, null stays `null`, and {"a": 1} stays `{"a": 1}`.',
        ),
        ran(
            "launcher-v3-environment-names",
            "learning-rate becomes the variable SM_HP_LEARNING_RATE.",
        ),
        ran(
            "launcher-v3-quote",
            "The value it's ends the job with exit code 2, because the quote is not escaped in "
            "the file of variables, sm_training.env.",
        ),
        ran(
            "launcher-v3-exit-code-and-folder",
            "The script runs in /opt/ml/input/data/code; the job has the script's exit code.",
        ),
        ran(
            "launcher-v3-failure-text",
            "The failure is the traceback of a CalledProcessError, without the script's error.",
        ),
        ran(
            "launcher-v3-variables",
            "The script sees SM_SOURCE_DIR and SM_ENTRY_SCRIPT, but not SM_MODULE_NAME, "
            "SM_MODULE_DIR, or SM_USER_ARGS.",
        ),
        ran(
            "launcher-v3-requirements",
            "Requirements are installed only if SourceCode.requirements is set.",
        ),
    ),
)
SECTIONS = (TOOLKIT, V3)

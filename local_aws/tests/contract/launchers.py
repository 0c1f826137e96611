"""How the two launchers of training scripts differ, cell by cell."""

from local_aws.tests.contract.observation import Section, ran

TOOLKIT = Section(
    "The launcher of the images and of SDK v2 (sagemaker-training)",
    (
        ran("launcher-toolkit-flag-spelling", "C=0.5 becomes `-C 0.5`, with one dash."),
        ran(
            "launcher-toolkit-values",
            'true becomes `True`, null an empty argument, {"a": 1} becomes `a=1`.',
        ),
        ran(
            "launcher-toolkit-environment-names",
            "learning-rate is the variable SM_HP_LEARNING-RATE.",
        ),
        ran("launcher-toolkit-quote", "The value it's arrives as it is."),
        ran(
            "launcher-toolkit-exit-code-and-folder",
            "The script runs in /opt/ml/code; whatever its own exit code, the job's is 1.",
        ),
        ran(
            "launcher-toolkit-failure-text",
            "The failure is four lines: ExecuteUserScriptError, ExitCode, an empty ErrorMessage, "
            "the command.",
        ),
        ran(
            "launcher-toolkit-variables",
            "The script sees SM_MODULE_NAME, SM_MODULE_DIR and SM_USER_ARGS, and no SM_SOURCE_DIR "
            "or SM_ENTRY_SCRIPT.",
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
            'true stays `true`, null stays `null`, {"a": 1} stays `{"a": 1}`.',
        ),
        ran("launcher-v3-environment-names", "learning-rate is the variable SM_HP_LEARNING_RATE."),
        ran(
            "launcher-v3-quote",
            "The value it's ends the job with exit code 2: the quote is not escaped in the file of "
            "variables, sm_training.env.",
        ),
        ran(
            "launcher-v3-exit-code-and-folder",
            "The script runs in /opt/ml/input/data/code; its own exit code is the job's.",
        ),
        ran(
            "launcher-v3-failure-text",
            "The failure is the traceback of a CalledProcessError, without the script's own error.",
        ),
        ran(
            "launcher-v3-variables",
            "The script sees SM_SOURCE_DIR and SM_ENTRY_SCRIPT, and no SM_MODULE_NAME, "
            "SM_MODULE_DIR or SM_USER_ARGS.",
        ),
        ran(
            "launcher-v3-requirements",
            "Requirements are installed only where SourceCode.requirements is set.",
        ),
    ),
)
SECTIONS = (TOOLKIT, V3)

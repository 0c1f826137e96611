"""The contract of training jobs of the scikit-learn container, and the limits of requests."""

from local_aws.tests.contract.observation import Section, documented, ran, source

JOBS = Section(
    "A training job",
    (
        ran(
            "train-command",
            "The script runs as `python train.py --key value ...`, with sorted keys (`python "
            "-- train.py` with sagemaker-training 5.1.4).",
        ),
        ran("train-cwd", "It runs in /opt/ml/code, where the bundle was unpacked."),
        ran(
            "train-config-files",
            "/opt/ml/input/config contains hyperparameters.json (every value is a string), "
            "inputdataconfig.json, and resourceconfig.json.",
        ),
        ran("train-channels", "Each channel is a folder in /opt/ml/input/data."),
        documented(
            "train-pipe",
            "In Pipe mode, a channel is instead one named pipe per epoch: "
            "/opt/ml/input/data/<channel>_0, _1, and so on. Whether a pipe is read to its end "
            "or closed early, the next one follows.",
        ),
        documented(
            "train-pipe-modes",
            "Each channel may have its own input mode, which inputdataconfig.json contains.",
        ),
        documented(
            "train-pipe-compression",
            "CompressionType Gzip, in Pipe mode only, decompresses the objects of a channel.",
        ),
        documented(
            "not-fast-file",
            "FastFile mounts the bucket as a folder; the local AWS refuses it by name.",
        ),
        ran(
            "train-outputs",
            "/opt/ml/model becomes model.tar.gz and /opt/ml/output/data output.tar.gz.",
        ),
        ran("train-success-file", "A successful job leaves /opt/ml/output/success."),
        ran("train-failure-file", "A failed job leaves /opt/ml/output/failure."),
        ran("train-requirements-first", "requirements.txt is installed before the script runs."),
        ran(
            "train-variables",
            "The script sees SM_MODEL_DIR, SM_OUTPUT_DATA_DIR, SM_CHANNEL_<NAME>, SM_CHANNELS, "
            "SM_HPS, SM_HP_<NAME>, SM_USER_ARGS, SM_HOSTS, SM_CURRENT_HOST, SM_NUM_CPUS, "
            "SM_NUM_GPUS, and SM_TRAINING_ENV.",
        ),
        ran(
            "train-platform-hyperparameters",
            "Hyperparameters whose names begin with sagemaker_ are not passed to the script.",
        ),
        ran(
            "train-exit-code",
            "The job's exit code is 1 however the script ended; the script's own (7, or -9 for "
            "a signal) appears only in the text of the failure.",
        ),
        ran(
            "train-empty-message",
            "A script that raises an exception leaves a failure of four lines with "
            '`ErrorMessage ""`; its traceback is only in the log.',
        ),
        ran("train-failure-kept", "A failure file written by the script is kept."),
        documented(
            "train-failure-length",
            "FailureReason contains at most the first 1,024 characters of the failure file.",
        ),
        ran(
            "train-submit-directory-env",
            "The variable SAGEMAKER_SUBMIT_DIRECTORY is ignored; only the hyperparameter counts.",
        ),
        ran("train-program-env", "SAGEMAKER_PROGRAM also works as a variable."),
        ran(
            "train-hosts",
            "The host is algo-1. The launcher waits up to 15 minutes for the names of hosts to "
            "resolve, unless SM_STUDIO_LOCAL_MODE=true, which the local AWS sets.",
        ),
        ran(
            "train-nested-entry-point",
            "An entry point in a folder of the bundle runs with its own folder and then the "
            "bundle's root on the path.",
        ),
        ran(
            "train-setup-py",
            "A bundle with a setup.py is installed with pip instead of being run; the local "
            "AWS does not install it and says so.",
        ),
        ran(
            "train-output-folder",
            "Without /opt/ml/output, a failing script ends successfully; the program that runs "
            "the launcher must create the folder.",
        ),
        source(
            "not-two-trains",
            "The image contains two `train` commands. The one of sagemaker-containers "
            "overwrites the script's failure file with its own traceback.",
            untested="which of the two starts in the real image is not known; the local AWS runs "
            "the one of sagemaker-training",
        ),
    ),
)
CAPS = Section(
    "Limits of requests",
    (
        documented("cap-hyperparameters", "A job has at most 100 hyperparameters."),
        documented("cap-hyperparameter-length", "A value has at most 2,500 characters."),
        documented(
            "cap-job-variable-length",
            "A variable of a training job has at most 512 characters.",
        ),
        documented(
            "cap-variable-length",
            "A variable of a container has at most 1,024 characters.",
        ),
        documented(
            "cap-variables-together",
            "The names and values of all variables of all containers of a model have at most "
            "32 KB in total.",
        ),
        documented(
            "cap-custom-attributes",
            "Custom attributes have at most 1,024 characters, all of them ASCII.",
        ),
        documented("cap-containers", "A model has at most 15 containers."),
        documented("cap-startup", "A variant may allow its containers 60 to 3,600 s to start."),
    ),
)
SECTIONS = (JOBS, CAPS)

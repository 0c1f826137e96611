"""What a training job of the scikit-learn container does, and the limits of its request."""

from local_aws.tests.contract.observation import Section, documented, ran, source

JOBS = Section(
    "A training job",
    (
        ran(
            "train-command",
            "The script runs as `python train.py --key value ...`, keys in sorted order "
            "(`python -- train.py` with sagemaker-training 5.1.4).",
        ),
        ran("train-cwd", "It runs in /opt/ml/code, where the bundle was unpacked."),
        ran(
            "train-config-files",
            "/opt/ml/input/config holds hyperparameters.json (every value a text), "
            "inputdataconfig.json and resourceconfig.json.",
        ),
        ran("train-channels", "Each channel is a folder of /opt/ml/input/data."),
        documented(
            "train-pipe",
            "In Pipe mode a channel is a named pipe for each epoch instead, /opt/ml/input/data/"
            "<channel>_0, _1 and so on; read to its end or closed early, the next one follows.",
        ),
        documented(
            "train-pipe-modes",
            "Each channel may have an input mode of its own; inputdataconfig.json says which.",
        ),
        documented(
            "train-pipe-compression",
            "CompressionType Gzip, in Pipe mode only, unpacks the objects of a channel.",
        ),
        documented(
            "not-fast-file",
            "FastFile mounts the bucket as a folder; the local AWS refuses it by name.",
        ),
        ran(
            "train-outputs",
            "/opt/ml/model becomes model.tar.gz and /opt/ml/output/data output.tar.gz.",
        ),
        ran("train-success-file", "A job that went well leaves /opt/ml/output/success."),
        ran("train-failure-file", "One that failed leaves /opt/ml/output/failure."),
        ran("train-requirements-first", "requirements.txt is installed before the script runs."),
        ran(
            "train-variables",
            "The script sees SM_MODEL_DIR, SM_OUTPUT_DATA_DIR, SM_CHANNEL_<NAME>, SM_CHANNELS, "
            "SM_HPS, SM_HP_<NAME>, SM_USER_ARGS, SM_HOSTS, SM_CURRENT_HOST, SM_NUM_CPUS, "
            "SM_NUM_GPUS and SM_TRAINING_ENV.",
        ),
        ran(
            "train-platform-hyperparameters",
            "Hyperparameters that begin with sagemaker_ are kept from the script.",
        ),
        ran(
            "train-exit-code",
            "The job's exit code is 1 however the script ended; the script's own (7, or -9 for a "
            "signal) stands only in the text of the failure.",
        ),
        ran(
            "train-empty-message",
            'A script that raises leaves a failure of four lines with `ErrorMessage ""`: its '
            "traceback is in the log only.",
        ),
        ran("train-failure-kept", "A failure file that the script wrote itself is kept."),
        documented(
            "train-failure-length",
            "FailureReason has at most 1,024 characters, the first of the failure file.",
        ),
        ran(
            "train-submit-directory-env",
            "SAGEMAKER_SUBMIT_DIRECTORY is ignored as a variable; only the hyperparameter counts.",
        ),
        ran("train-program-env", "SAGEMAKER_PROGRAM works as a variable."),
        ran(
            "train-hosts",
            "The host is algo-1. The launcher waits up to 15 minutes for a host's name to "
            "resolve, unless SM_STUDIO_LOCAL_MODE=true, which the local AWS sets.",
        ),
        ran(
            "train-nested-entry-point",
            "An entry point in a folder of the bundle runs with the bundle's root on its path, its "
            "own folder first.",
        ),
        ran(
            "train-setup-py",
            "A bundle with a setup.py is installed with pip instead of being run; the local AWS "
            "does not install it and says so.",
        ),
        ran(
            "train-output-folder",
            "Without /opt/ml/output a script that fails ends well; who runs the launcher makes the "
            "folder.",
        ),
        source(
            "not-two-trains",
            "The image holds two `train` commands. That of sagemaker-containers writes its own "
            "traceback over the script's failure file.",
            untested="which of the two starts in the real image is not established; the local AWS "
            "runs that of sagemaker-training",
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
            "Names and values of all variables of all containers of a model have at most 32 KB "
            "together.",
        ),
        documented(
            "cap-custom-attributes",
            "Custom attributes have at most 1,024 characters, all of them ASCII.",
        ),
        documented("cap-containers", "A model has at most 15 containers."),
        documented("cap-startup", "A variant may give its containers 60 to 3,600 s to start."),
    ),
)
SECTIONS = (JOBS, CAPS)

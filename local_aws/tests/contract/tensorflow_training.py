"""The contract of the TensorFlow training container, in addition to that of all training jobs."""

from local_aws.tests.contract.observation import Section, ours, ran, source

CONTAINER = Section(
    "The TensorFlow training container (2.21, sagemaker-tensorflow-training 20.4.1)",
    (
        source(
            "tf-train-launcher",
            "SAGEMAKER_TRAINING_MODULE=sagemaker_tensorflow_container.training:main makes "
            "sagemaker-training start the container's own launcher.",
        ),
        ran(
            "tf-train-error-message",
            "The last error in the script's output is the ErrorMessage of the failure: "
            "`...ValueError: user text`.",
        ),
        ran("tf-train-failure-kept", "A failure file written by the script is kept."),
        source(
            "tf-train-error-class",
            "If the output contains an error of TensorFlow, it names the failure: "
            "`InvalidArgumentError:` instead of ExecuteUserScriptError.",
        ),
        ran(
            "tf-train-model-dir",
            "The hyperparameter model_dir, which SDK v2 always sends, becomes `--model_dir "
            "VALUE`; otherwise, there is no such flag.",
        ),
        ran(
            "tf-train-model-dir-s3",
            "If model_dir is in S3, the launcher requests the bucket's region before the "
            "script starts.",
        ),
        source(
            "tf-train-model-dir-tuning",
            "In a tuning job, the job's name and /model are appended to a model_dir in S3.",
        ),
        source(
            "tf-train-variables",
            "The script sees S3_REGION, S3_USE_HTTPS=1, and TF_CPP_MIN_LOG_LEVEL=1.",
        ),
        ran(
            "tf-train-tf-config",
            "sagemaker_multi_worker_mirrored_strategy_enabled, together with "
            "sagemaker_distribution_instance_groups, gives each host TF_CONFIG: a cluster of "
            'workers, "environment": "cloud", and the task. Otherwise, there is none.',
        ),
        ran(
            "tf-train-tf-config-addresses",
            "The workers are HOST:8890. In the local AWS, they meet at 127.0.0.1 with one port "
            "each.",
        ),
        source(
            "tf-train-model-warning",
            "A job whose SavedModel is missing, or not in a folder named with a number, logs a "
            "warning.",
        ),
        source(
            "tf-train-distributions",
            "The image contains scikit-learn, pandas, Matplotlib, and tqdm, and no nltk, "
            "wordcloud, or snowballstemmer.",
        ),
        ours(
            "not-other-distributions",
            "MPI, SMDDP, and parameter servers are refused by the names of their hyperparameters.",
        ),
        ours(
            "tf-train-not-installed",
            "If TensorFlow is not installed, a job of the image is refused with the command "
            "that installs it.",
        ),
    ),
)
SECTIONS = (CONTAINER,)

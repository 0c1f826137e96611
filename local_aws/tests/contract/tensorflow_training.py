"""What the TensorFlow training container does beside what every training job does."""

from local_aws.tests.contract.observation import Section, ours, ran, source

CONTAINER = Section(
    "The TensorFlow training container (2.21, sagemaker-tensorflow-training 20.4.1)",
    (
        source(
            "tf-train-launcher",
            "SAGEMAKER_TRAINING_MODULE=sagemaker_tensorflow_container.training:main has "
            "sagemaker-training start the container's own launcher.",
        ),
        ran(
            "tf-train-error-message",
            "The last error of the script's output stands in the failure's ErrorMessage: "
            "`...ValueError: user text`.",
        ),
        ran("tf-train-failure-kept", "A failure file that the script wrote itself is kept."),
        source(
            "tf-train-error-class",
            "An error of TensorFlow's own in the output names the failure, as in "
            "`InvalidArgumentError:` for ExecuteUserScriptError.",
        ),
        ran(
            "tf-train-model-dir",
            "The hyperparameter model_dir, which SDK v2 always sends, is `--model_dir VALUE`; "
            "without it there is no such flag.",
        ),
        ran(
            "tf-train-model-dir-s3",
            "Where it is in S3 the launcher asks for the bucket's region before the script starts.",
        ),
        source(
            "tf-train-model-dir-tuning",
            "In a tuning job the job's name and /model are appended to a model_dir in S3.",
        ),
        source(
            "tf-train-variables",
            "The script sees S3_REGION, S3_USE_HTTPS=1 and TF_CPP_MIN_LOG_LEVEL=1.",
        ),
        ran(
            "tf-train-tf-config",
            "sagemaker_multi_worker_mirrored_strategy_enabled, with "
            "sagemaker_distribution_instance_groups, gives every host TF_CONFIG: a cluster of "
            'workers, "environment": "cloud" and the task. Without it there is none.',
        ),
        ran(
            "tf-train-tf-config-addresses",
            "The workers are HOST:8890. The local AWS has them meet at 127.0.0.1 and a port each.",
        ),
        source(
            "tf-train-model-warning",
            "A job that leaves no SavedModel, or one that is not in a folder with a number for its "
            "name, logs a warning.",
        ),
        source(
            "tf-train-distributions",
            "The image has scikit-learn, pandas, Matplotlib and tqdm, and no nltk, wordcloud or "
            "snowballstemmer.",
        ),
        ours(
            "not-other-distributions",
            "MPI, SMDDP and parameter servers are refused by the names of their hyperparameters.",
        ),
        ours(
            "tf-train-not-installed",
            "Where TensorFlow is not installed a job of the image is refused with the command that "
            "installs it.",
        ),
    ),
)
SECTIONS = (CONTAINER,)

"""Training jobs of several instances, and what is kept of a job that is interrupted."""

from local_aws.tests.contract.observation import Section, documented, ours

INSTANCES = Section(
    "A training job of several instances",
    (
        documented(
            "instances-hosts",
            "resourceconfig.json lists the hosts algo-1 to algo-N, sorted as texts, and names the "
            "instance's own as current_host.",
        ),
        documented(
            "instances-replicated", "A channel that is FullyReplicated is whole on every instance."
        ),
        documented(
            "instances-sharded",
            "A channel that is ShardedByS3Key is spread over them by objects; an instance may get "
            "none.",
        ),
        documented("instances-logs", "Each instance has a log stream, JOB/HOST-TIME."),
        documented("instances-metrics", "Metrics are read in the output of all instances."),
        documented(
            "instances-one-archive",
            "The files of all instances make one model.tar.gz and one output.tar.gz.",
        ),
        documented(
            "instances-clashing-names",
            "Instances have to see to it that no names clash. What becomes of those that do is not "
            "said; here files that differ end the job, and equal ones are one.",
        ),
        documented("instances-one-fails", "One instance that fails ends the job as failed."),
        ours("instances-failed-host", "The FailureReason begins with the host that failed."),
        documented("instances-stop", "StopTrainingJob and MaxRuntimeInSeconds reach all of them."),
        documented("instances-volumes", "VolumeSizeInGB is each instance's own."),
        ours("not-instance-groups", "Groups of unlike instances are refused, and more than ten."),
    ),
)
CHECKPOINTS = Section(
    "Checkpoints and spot training",
    (
        documented("checkpoints-at-start", "What is under CheckpointConfig.S3Uri is downloaded."),
        documented(
            "checkpoints-continuous", "Files of the folder are uploaded while the job runs."
        ),
        documented(
            "checkpoints-at-the-end",
            "What is there at the end is uploaded, whatever the end: failed, stopped or killed.",
        ),
        documented("checkpoints-deleted", "What a job deletes stays in S3."),
        documented(
            "checkpoints-local-path", "LocalPath is /opt/ml/checkpoints unless it is given."
        ),
        ours("checkpoints-elsewhere", "A LocalPath that is not below /opt/ml is refused."),
        documented(
            "spot-times",
            "EnableManagedSpotTraining needs a MaxWaitTimeInSeconds of at least "
            "MaxRuntimeInSeconds, which no other job may have.",
        ),
        documented(
            "spot-billable",
            "TrainingTimeInSeconds and BillableTimeInSeconds tell what was saved. Here nothing is, "
            "and no job is interrupted unless somebody kills its process.",
        ),
    ),
)
SECTIONS = (INSTANCES, CHECKPOINTS)

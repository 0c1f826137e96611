"""The contract of training jobs with several instances, checkpoints, or spot instances."""

from local_aws.tests.contract.observation import Section, documented, ours

INSTANCES = Section(
    "A training job with several instances",
    (
        documented(
            "instances-hosts",
            "resourceconfig.json lists the hosts algo-1 to algo-N, sorted as strings, and "
            "names the instance itself as current_host.",
        ),
        documented(
            "instances-replicated", "A FullyReplicated channel is complete on every instance."
        ),
        documented(
            "instances-sharded",
            "A ShardedByS3Key channel is distributed over the instances by object; an instance "
            "may get none.",
        ),
        documented("instances-logs", "Each instance has its own log stream, JOB/HOST-TIME."),
        documented("instances-metrics", "Metrics are read from the output of all instances."),
        documented(
            "instances-one-archive",
            "The files of all instances go into one model.tar.gz and one output.tar.gz.",
        ),
        documented(
            "instances-clashing-names",
            "Instances must avoid clashing names; what happens otherwise is not documented. "
            "Here, files that differ end the job, and equal files count as one.",
        ),
        documented("instances-one-fails", "If one instance fails, the job ends as failed."),
        ours("instances-failed-host", "The FailureReason begins with the host that failed."),
        documented(
            "instances-stop", "StopTrainingJob and MaxRuntimeInSeconds affect all instances."
        ),
        documented("instances-volumes", "VolumeSizeInGB applies to each instance."),
        ours(
            "not-instance-groups",
            "Groups of different instances are refused, as are more than ten instances.",
        ),
    ),
)
CHECKPOINTS = Section(
    "Checkpoints and spot training",
    (
        documented(
            "checkpoints-at-start", "The objects under CheckpointConfig.S3Uri are downloaded first."
        ),
        documented(
            "checkpoints-continuous", "Files of the folder are uploaded while the job runs."
        ),
        documented(
            "checkpoints-at-the-end",
            "The files that remain at the end are uploaded, whether the job completed, failed, "
            "was stopped, or was killed.",
        ),
        documented("checkpoints-deleted", "Files that a job deletes stay in S3."),
        documented("checkpoints-local-path", "The default LocalPath is /opt/ml/checkpoints."),
        ours("checkpoints-elsewhere", "A LocalPath that is not below /opt/ml is refused."),
        documented(
            "spot-times",
            "EnableManagedSpotTraining requires a MaxWaitTimeInSeconds of at least "
            "MaxRuntimeInSeconds; no other job may have one.",
        ),
        documented(
            "spot-billable",
            "TrainingTimeInSeconds and BillableTimeInSeconds show the savings. Here, nothing "
            "is saved, and no job is interrupted unless a user kills its process.",
        ),
    ),
)
SECTIONS = (INSTANCES, CHECKPOINTS)

"""Training jobs: one job, its instances, and what goes from S3 to them and back.

job            the steps of a job, from its record to its artifacts
progress       the states that DescribeTrainingJob shows, and the end
instance       one machine: a folder that is its /opt/ml, a process, a log stream, a volume
cluster        what the machines know of one another
launchers      how the launcher of an image is started
channels       the objects of a channel that an instance gets
pipes          the same through named pipes, epoch by epoch
checkpoints    the folder that is kept in S3 while the job runs
outputs        what the instances leave, in one archive
metrics        figures in the lines that are logged
"""

"""Training jobs: a job, its instances, and the data between them and S3.

job            the steps of a job, from its record to its artifacts
progress       the states that DescribeTrainingJob shows
instance       a machine with channels and checkpoints (see jobs)
launchers      the launchers of the images
channels       the objects of a channel, as files
pipes          the objects of a channel, through named pipes
checkpoints    the folder that is synchronized to S3 while the job runs
outputs        the files of all instances, for one archive
metrics        values in the log lines
"""

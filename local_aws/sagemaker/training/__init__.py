"""Training jobs: a job, its instances, and the data between them and S3."""

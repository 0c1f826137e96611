"""Processing jobs: a program of the user's own, with folders from and to S3."""

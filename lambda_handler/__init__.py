"""What is zipped for Lambda: it imports the standard library, numpy and itself, nothing else."""

"""The search inside one training job: candidates, folds, shared steps, and what was found."""

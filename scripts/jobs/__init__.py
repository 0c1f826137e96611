"""Training and tuning jobs: source bundles, requests, logs, and outputs."""

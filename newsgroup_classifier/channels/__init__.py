"""Channels: the files that a training job reads, of texts (.csv) or of images (.npz)."""

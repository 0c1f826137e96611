"""Channels: the files that a training job reads, with texts (.csv) or images (.npz)."""

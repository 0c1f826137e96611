"""Tests of newsgroup_classifier/training/streaming."""

"""Tests of newsgroup_classifier/channels."""

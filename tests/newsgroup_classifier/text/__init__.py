"""Tests of newsgroup_classifier/text."""

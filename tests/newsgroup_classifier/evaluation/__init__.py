"""Tests of newsgroup_classifier/evaluation."""

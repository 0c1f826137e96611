"""Tests of the whole path, from data to a deployed endpoint, through the scripts alone."""

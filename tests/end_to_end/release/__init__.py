"""End-to-end tests of a release, from upload to deletion, with its failures and interrupts."""

"""Any body, valid or hostile, at every door."""

"""Environments in one account: command lines in memory, and what each may change."""

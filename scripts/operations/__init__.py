"""What is deployed in an account, and from what it was made."""

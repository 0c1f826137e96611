"""What training and processing jobs share."""

"""What happens to a running local AWS as a whole: it is emptied, and scripts prepare it."""

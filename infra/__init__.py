"""What the project runs on: templates for what lives long, and the local AWS."""

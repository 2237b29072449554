"""Background jobs: which there are, when they run, and the workers that run them."""

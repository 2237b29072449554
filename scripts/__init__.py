"""Work on the repository itself; nothing here is needed to run Lostpost."""

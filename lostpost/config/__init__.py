"""How Lostpost is set up: settings from the environment, addresses, the embedded database, checks."""

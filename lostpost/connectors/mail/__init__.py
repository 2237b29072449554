"""E-mail to customers: its words, its way to the mail server, and what happens when that does not answer."""

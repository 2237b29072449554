"""E-mail to customers: its text, its delivery to the mail server, and errors on the way."""

"""E-mails with notices to people of a shop and of the desk."""

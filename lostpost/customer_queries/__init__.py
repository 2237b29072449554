"""Customer queries, their timeline and their e-mails."""

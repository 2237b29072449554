"""What was booked, in words that people know: the statement of an account, the specification of an invoice."""

"""Events on their way to partners' addresses, after the Standard Webhooks specification."""

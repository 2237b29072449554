"""Letters to people about their own login."""

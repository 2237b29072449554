"""Sales invoices: what the marketplace settles with each seller, per period and currency, and their documents."""

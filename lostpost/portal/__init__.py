"""The pages of a seller, and the customer's link."""

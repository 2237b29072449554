"""Orders, their items, parcels and returns, as shops and marketplaces send them."""

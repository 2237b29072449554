"""The bol Retailer API, version 10."""

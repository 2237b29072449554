"""Fetch what shops sell on other platforms: bol, Shopify, WooCommerce."""

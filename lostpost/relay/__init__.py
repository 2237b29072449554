"""Mail both ways through relay addresses: neither customer nor shop sees the other's own."""

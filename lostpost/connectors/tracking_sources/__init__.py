"""Providers of Track & Trace that deliver scans by signed webhook: an adapter each, into our one vocabulary."""

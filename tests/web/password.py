"""The password of whoever has one in these tests."""

PASSWORD = "tulp-gracht-kaas-1234"

"""Accounts with carriers and shop platforms whose interfaces we ask."""

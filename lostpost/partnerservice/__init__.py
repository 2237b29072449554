"""Requests of sellers to Partnerservice, and their answers."""

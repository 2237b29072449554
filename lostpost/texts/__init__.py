"""The sentence of each code, once: pages, API and e-mails say the same."""

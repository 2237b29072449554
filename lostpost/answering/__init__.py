"""Answering customers: drafts, who is answering, templates of answers, and files that go with messages."""

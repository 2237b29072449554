"""What the pages of shops and of the desks share of HTTP."""

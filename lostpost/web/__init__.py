"""What pages and the API share of HTTP: where a request comes from, signing in, sessions, fresh proof."""

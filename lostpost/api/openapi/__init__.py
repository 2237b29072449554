"""The OpenAPI document: generated from the routes, with responses and examples added."""

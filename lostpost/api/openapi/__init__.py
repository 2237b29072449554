"""The OpenAPI document: made from the routes, with the answers and examples that they do not know of."""

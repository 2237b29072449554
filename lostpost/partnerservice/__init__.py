"""Requests to Partnerservice: asked by a seller, answered by the desk."""

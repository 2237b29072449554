"""Documents that are made once what they are about has been committed."""

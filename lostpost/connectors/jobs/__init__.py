"""Looking after the jobs themselves, whatever they are about."""

"""The web server: waitress, with deadlines for requests, early refusals, and health before everything else."""

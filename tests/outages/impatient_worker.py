"""A worker that looks after its database more often than usual."""

from lostpost import cli
from lostpost.jobs import watch_database

watch_database.LOOK_SECONDS, watch_database.ANSWER_SECONDS = 0.2, 1.0

if __name__ == "__main__":
    cli.main(["worker"])

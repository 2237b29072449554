"""`lostpost odds`: how many silent parcels still come, by carrier, and how many came after they were written off."""

from __future__ import annotations

import json
from argparse import ArgumentParser
from dataclasses import asdict
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from lostpost.core.errors import Refused
from lostpost.imports.progress import progress
from lostpost.insight.false_losses import LOOKED_BACK, FalseLosses, false_losses
from lostpost.insight.silence_odds import OfInterest, carriers_counted, odds_values, silence_odds
from lostpost.jobs.silences import refresh_of_shops
from lostpost.management.commands.export import history_folder
from lostpost.texts.odds import odds_text
from lostpost.tracking.refresh_silences import COUNTED, counted_silences, keep_silence_counts, parcels_handed_over

SILENT_DAYS = (3, 5, 10, 20)


class Command(BaseCommand):
    """Read only, but for `--again` and `--from-history`, which keep the counts."""

    help = "Show how many silent parcels still come, by carrier, and how many came after they were written off."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Take what to do first, and how to write."""
        parser.add_argument(
            "--again",
            action="store_true",
            help="work out and count the silences of the last half year again first, as after an import of a history",
        )
        parser.add_argument(
            "--from-history",
            nargs="?",
            const="",
            metavar="FOLDER",
            help="count both in the files of `lostpost export` instead (default: those in LOSTPOST_HISTORY)",
        )
        parser.add_argument("--json", action="store_true", help="one JSON object, for programs")

    def handle(self, **options: Any) -> None:
        """Print the odds and the false losses."""
        if options["again"]:
            now = timezone.now()
            parcels = parcels_handed_over(since=now - COUNTED, until=now)
            for seller_id, ids in progress(list(parcels.items()), "shops worked out"):
                refresh_of_shops({seller_id: ids})
            keep_silence_counts(counts=counted_silences(until=now))
        losses = self._counted_in_files(options["from_history"]) if options["from_history"] is not None else None
        odds = silence_odds(OfInterest(carrier, "", days) for carrier in carriers_counted() for days in SILENT_DAYS)
        if losses is None:
            losses = false_losses(since=timezone.now() - LOOKED_BACK)
        if options["json"]:
            answer = {
                "odds": [odds_values(each) for each in odds.values()],
                "written_off": [asdict(row) for row in losses],
            }
            self.stdout.write(json.dumps(answer, ensure_ascii=False, indent=2))
            return
        for each in odds.values():
            self.stdout.write(odds_text(each))
        for row in losses:
            self.stdout.write(
                f"{row.carrier or 'no carrier'}, policy version {row.policy_version}: "
                f"{row.parcels} parcels written off, {row.came} of them came after all"
            )

    def _counted_in_files(self, named: str) -> list[FalseLosses]:
        """Keep the counts of the history's files as those that odds are read from, and return its false losses."""
        folder = history_folder(Path(named) if named else None)
        from lostpost.history.read_history import counted_silences_in_files, false_losses_in_files

        now = timezone.now()
        try:
            keep_silence_counts(counts=counted_silences_in_files(folder, until=now))
            return [FalseLosses(*row) for row in false_losses_in_files(folder, since=now - LOOKED_BACK)]
        except Refused as refusal:
            raise CommandError(str(refusal)) from refusal

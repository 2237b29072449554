"""Batches of scans: each element is handled by itself, even if others are invalid."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

from django.utils import timezone
from ninja import Router

from lostpost.accounts.models import Seller
from lostpost.api.http.auth import ApiRequest, scope
from lostpost.api.scans.schemas import ScanIn, ScanRejectedOut, ScansIn, ScansOut, WrongElement
from lostpost.core.text import is_blank
from lostpost.eligibility.facts import FINAL
from lostpost.orders.data import ScanData
from lostpost.orders.problems import scan_problems
from lostpost.tracking.match_scans import NumberAmbiguous, NumberedScan, ParcelName, parcels_of_numbers
from lostpost.tracking.put_scans import ScanContradicts, put_scans
from lostpost.tracking.unmatched_scans import UnmatchedData, keep_unmatched_scans
from lostpost.web.problems import Problem, of_refusal

router = Router(tags=["platform"], auth=scope("platform"))


@router.post("/scans", response=ScansOut, operation_id="post_scans")
def post_scans(request: ApiRequest, body: ScansIn) -> ScansOut:
    """Take in up to 1,000 scans, each named by seller and parcel or by carrier and tracking number.

    Late, out of order and twice gives the same result. What is wrong with one, its shape too, is in `rejected` with its
    index and path, and does not keep the others out. A number that several parcels share speaks for all of them that
    were on their way at that time. A scan whose parcel is not there yet waits for it.
    """
    batch = _Batch(timezone.now())
    batch.sort_out(body.elements())
    batch.put()
    return batch.answer()


@dataclass(slots=True)
class _Batch:
    """A batch while it is sorted out, with the result of every element by its index."""

    now: datetime
    of_sellers: dict[UUID, list[tuple[int, ScanData]]] = field(default_factory=lambda: defaultdict(list))
    copies: dict[UUID, list[ScanData]] = field(
        default_factory=lambda: defaultdict(list)
    )  # For more parcels of a number.
    unmatched: dict[int, UnmatchedData] = field(default_factory=dict)
    rejected: dict[int, tuple[str, Problem]] = field(default_factory=dict)  # With the path within the element.
    accepted: int = 0
    duplicates: int = 0

    def sort_out(self, elements: Iterable[tuple[int, ScanIn | WrongElement]]) -> None:
        """Find the parcels of each scan."""
        named: list[tuple[int, str, ScanData]] = []
        numbered: list[tuple[int, ScanIn]] = []
        for index, element in elements:
            if isinstance(element, WrongElement):
                self.rejected[index] = _of_shape(element)
            elif element.seller and element.parcel:
                named.append((index, element.seller, element.data(element.parcel, by_number=False)))
            elif not is_blank(element.tracking_number or ""):
                numbered.append((index, element))
            else:
                detail = "Name seller and parcel, or carrier and tracking_number."
                self.rejected[index] = "", Problem(422, "validation-failed", detail)
        self._sort_out_named(named)
        self._sort_out_numbered(numbered)

    def put(self) -> None:
        """Save the scans of each shop, and keep those without a parcel."""
        for seller in Seller.objects.filter(id__in=[*self.of_sellers, *self.copies]):
            placed = self.of_sellers.get(seller.id, [])
            result = put_scans(seller=seller, scans=[scan for _index, scan in placed], now=self.now)
            self.accepted += result.accepted
            self.duplicates += result.duplicates
            for at, refusal in result.rejected.items():
                path = ".status" if isinstance(refusal, ScanContradicts) else ""
                self.rejected[placed[at][0]] = path, of_refusal(refusal)
            for at in result.unmatched:
                index, scan = placed[at]
                self.unmatched[index] = UnmatchedData(scan, seller.id)
            if of_others := self.copies.get(seller.id):
                put_scans(seller=seller, scans=of_others, now=self.now)  # Counted with the first parcel.
        keep_unmatched_scans(scans=list(self.unmatched.values()), now=self.now)
        self.accepted += len(self.unmatched)

    def answer(self) -> ScansOut:
        """Return the response."""
        return ScansOut(
            accepted=self.accepted,
            duplicates=self.duplicates,
            rejected=[
                ScanRejectedOut(
                    index=index, path=f"body.scans[{index}]{path}", code=problem.code, detail=problem.detail
                )
                for index, (path, problem) in sorted(self.rejected.items())
            ],
            waiting=sorted(self.unmatched),
        )

    def _sort_out_named(self, named: Sequence[tuple[int, str, ScanData]]) -> None:
        codes = {code for _index, code, _scan in named}
        sellers = dict(Seller.objects.filter(code__in=codes).values_list("code", "id")) if codes else {}
        for index, code, scan in named:
            if code in sellers:
                self.of_sellers[sellers[code]].append((index, scan))
            else:
                self.rejected[index] = ".seller", Problem(404, "not-found", f"There is no seller {code}.")

    def _sort_out_numbered(self, numbered: Sequence[tuple[int, ScanIn]]) -> None:
        sound: list[tuple[int, ScanIn]] = []
        for index, sent in numbered:
            problems = list(scan_problems(sent.data("any", by_number=True), self.now))
            if problems:
                self.rejected[index] = "", Problem(422, "rejected", "; ".join(problems))
            else:
                sound.append((index, sent))
        numbers = [
            NumberedScan(sent.carrier or "", sent.tracking_number or "", sent.occurred_at, sent.status)
            for _index, sent in sound
        ]
        for (index, sent), names in zip(sound, parcels_of_numbers(numbers, self._ends()), strict=True):
            if isinstance(names, NumberAmbiguous):
                self.rejected[index] = ".tracking_number", of_refusal(names)
            elif not names:
                scan = sent.data("", by_number=True)
                number = sent.tracking_number or ""
                self.unmatched[index] = UnmatchedData(scan, carrier=sent.carrier or "", tracking_number=number)
            else:
                first, *others = names
                self.of_sellers[first.seller_id].append((index, sent.data(first.code, by_number=True)))
                for name in others:
                    self.copies[name.seller_id].append(sent.data(name.code, by_number=True))

    def _ends(self) -> dict[ParcelName, datetime]:
        """Return when the journeys of the batch's parcels were over, as far as it says so."""
        ends: dict[ParcelName, datetime] = {}
        for seller_id, placed in self.of_sellers.items():
            for _index, scan in placed:
                if scan.status in FINAL:
                    name = ParcelName(seller_id, scan.parcel)
                    ends[name] = max(scan.scanned_at, ends.get(name, scan.scanned_at))
        return ends


def _of_shape(element: WrongElement) -> tuple[str, Problem]:
    """Return the path of the first invalid value, and a problem about all of them."""
    errors = [(_within(error["loc"]), str(error["msg"])) for error in element.errors]
    detail = "; ".join(f"{path.removeprefix('.')}: {text}" if path else text for path, text in errors[:5])
    return errors[0][0], Problem(422, "validation-failed", detail)


def _within(places: Sequence[str | int]) -> str:
    return "".join(f"[{place}]" if isinstance(place, int) else f".{place}" for place in places)

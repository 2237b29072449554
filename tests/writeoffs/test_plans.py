"""The plan of a confirmation's largest statement: it reads the rows of its order, however large the shop is."""

from __future__ import annotations

import pytest
from django.db import connection

from lostpost.core.sql import fetch, statement_of
from lostpost.writeoffs import statements
from lostpost.writeoffs.amounts import write_off_amounts
from lostpost.writeoffs.assess_order import assess_order
from lostpost.writeoffs.models import WriteOff
from tests.cast import NOW, all_of, silent_parcel

pytestmark = pytest.mark.django_db

# Each like the one row that there is, with other names.
MORE = """
INSERT INTO lostpost_order
SELECT (jsonb_populate_record(o, jsonb_build_object('id', gen_random_uuid(), 'number', 'more-' || n))).*
  FROM lostpost_order o, generate_series(1, 2000) n;
INSERT INTO lostpost_orderitem
SELECT (jsonb_populate_record(sold, jsonb_build_object('id', gen_random_uuid(), 'order_id', o.id))).*
  FROM lostpost_orderitem sold, lostpost_order o WHERE o.number ^@ 'more-';
INSERT INTO lostpost_parcel
SELECT (jsonb_populate_record(p, jsonb_build_object('id', gen_random_uuid(), 'order_id', o.id, 'code', o.number))).*
  FROM lostpost_parcel p, lostpost_order o WHERE o.number ^@ 'more-';
INSERT INTO lostpost_parcelunit
SELECT (jsonb_populate_record(unit, jsonb_build_object('id', gen_random_uuid(), 'parcel_id', p.id,
                                                       'order_item_id', item.id))).*
  FROM lostpost_parcelunit unit, lostpost_parcel p JOIN lostpost_orderitem item ON item.order_id = p.order_id
 WHERE p.code ^@ 'more-';
ANALYZE lostpost_order, lostpost_orderitem, lostpost_parcel, lostpost_parcelunit;
"""


def test_units_are_taken_by_their_keys(anna):
    query = silent_parcel(anna)
    with connection.cursor() as cursor:
        cursor.execute(MORE)
    assessment = assess_order(query.order, now=NOW)
    amounts = write_off_amounts(assessment, all_of(query))
    recorded = WriteOff(
        seller_id=anna.seller_id,
        order_id=query.order_id,
        query_id=query.id,
        delivery_refund_minor=amounts.delivery_minor,
    )
    lines = statements.line_rows(amounts.lines)
    taken = statements.units_taken(recorded, lines, items_minor=1, more_eligible=True, query_was_put_aside=False)
    statement, parameters = statement_of(taken, ending="SELECT")
    plan = [row for (row,) in fetch(f"EXPLAIN {statement}", parameters)]

    assert any("lostpost_parcelunit" in row for row in plan)
    read_whole = [row for row in plan if "Seq Scan" in row and "customerquery" not in row]
    assert read_whole == [], "\n".join(plan)

"""Statements that compare counts on units, items and parcels with the rows counted: (what, found, expected)."""

from __future__ import annotations

from lostpost.tracking.newest_scan import newest_scans

COUNTED = """
    SELECT format('parcel %%s, item %%s: units written off', parcel.code, item.item),
           unit.quantity_written_off, coalesce(lines.quantity, 0)
      FROM lostpost_parcelunit unit
      JOIN lostpost_parcel parcel ON parcel.seller_id = unit.seller_id AND parcel.id = unit.parcel_id
      JOIN lostpost_orderitem item ON item.seller_id = unit.seller_id AND item.id = unit.order_item_id
      LEFT JOIN (
            SELECT parcel_unit_id, sum(quantity) AS quantity
              FROM lostpost_writeoffline WHERE seller_id = %(seller)s GROUP BY parcel_unit_id
           ) lines ON lines.parcel_unit_id = unit.id
     WHERE unit.seller_id = %(seller)s AND unit.quantity_written_off <> coalesce(lines.quantity, 0)
    UNION ALL
    SELECT format('parcel %%s, item %%s: units in return', parcel.code, item.item),
           unit.quantity_returned, coalesce(returned.quantity, 0)
      FROM lostpost_parcelunit unit
      JOIN lostpost_parcel parcel ON parcel.seller_id = unit.seller_id AND parcel.id = unit.parcel_id
      JOIN lostpost_orderitem item ON item.seller_id = unit.seller_id AND item.id = unit.order_item_id
      LEFT JOIN (
            SELECT line.parcel_unit_id, sum(line.quantity) AS quantity
              FROM lostpost_returnunit line
              JOIN lostpost_return back ON back.seller_id = line.seller_id AND back.id = line.return_id
             WHERE line.seller_id = %(seller)s AND back.status <> 'cancelled'
             GROUP BY line.parcel_unit_id
           ) returned ON returned.parcel_unit_id = unit.id
     WHERE unit.seller_id = %(seller)s AND unit.quantity_returned <> coalesce(returned.quantity, 0)
    UNION ALL
    SELECT format('order %%s, item %%s: units written off', o.number, item.item),
           item.quantity_written_off, coalesce(lines.quantity, 0)
      FROM lostpost_orderitem item
      JOIN lostpost_order o ON o.seller_id = item.seller_id AND o.id = item.order_id
      LEFT JOIN (
            SELECT order_item_id, sum(quantity) AS quantity
              FROM lostpost_writeoffline WHERE seller_id = %(seller)s GROUP BY order_item_id
           ) lines ON lines.order_item_id = item.id
     WHERE item.seller_id = %(seller)s AND item.quantity_written_off <> coalesce(lines.quantity, 0)
    UNION ALL
    SELECT format('order %%s, item %%s: refunded', o.number, item.item),
           item.refunded_minor, coalesce(lines.refund_minor, 0)
      FROM lostpost_orderitem item
      JOIN lostpost_order o ON o.seller_id = item.seller_id AND o.id = item.order_id
      LEFT JOIN (
            SELECT order_item_id, sum(refund_minor) AS refund_minor
              FROM lostpost_writeoffline WHERE seller_id = %(seller)s GROUP BY order_item_id
           ) lines ON lines.order_item_id = item.id
     WHERE item.seller_id = %(seller)s AND item.refunded_minor <> coalesce(lines.refund_minor, 0)
    UNION ALL
    SELECT format('parcel %%s, item %%s: units received back', parcel.code, item.item),
           unit.quantity_received, coalesce(returned.quantity, 0)
      FROM lostpost_parcelunit unit
      JOIN lostpost_parcel parcel ON parcel.seller_id = unit.seller_id AND parcel.id = unit.parcel_id
      JOIN lostpost_orderitem item ON item.seller_id = unit.seller_id AND item.id = unit.order_item_id
      LEFT JOIN (
            SELECT line.parcel_unit_id, sum(line.quantity) AS quantity
              FROM lostpost_returnunit line
              JOIN lostpost_return back ON back.seller_id = line.seller_id AND back.id = line.return_id
             WHERE line.seller_id = %(seller)s AND back.status = 'received'
             GROUP BY line.parcel_unit_id
           ) returned ON returned.parcel_unit_id = unit.id
     WHERE unit.seller_id = %(seller)s AND unit.quantity_received <> coalesce(returned.quantity, 0)
"""
# Units, amounts and delivery costs that customers paid again.
PAID_AGAIN = """
    WITH parts AS (
        SELECT line.parcel_unit_id, line.order_item_id, part.quantity, part.refund_minor AS refund,
               part.commission_minor AS commission, part.commission_vat_minor AS vat
          FROM lostpost_restorationline part
          JOIN lostpost_restoration restoration
            ON restoration.seller_id = part.seller_id AND restoration.id = part.restoration_id
          JOIN lostpost_writeoffline line
            ON line.seller_id = part.seller_id AND line.id = part.write_off_line_id
         WHERE part.seller_id = %(seller)s AND restoration.state = 'received'
    ), of_items AS (
        SELECT order_item_id, sum(quantity) AS quantity, sum(refund) AS refund, sum(commission) AS commission,
               sum(vat) AS vat
          FROM parts GROUP BY order_item_id
    ), given AS (
        SELECT order_item_id, sum(commission_minor) AS commission, sum(commission_vat_minor) AS vat
          FROM lostpost_writeoffline WHERE seller_id = %(seller)s GROUP BY order_item_id
    ), deliveries AS (
        SELECT order_id, sum(minor) AS minor
          FROM (
                SELECT order_id, delivery_refund_minor AS minor FROM lostpost_writeoff WHERE seller_id = %(seller)s
                UNION ALL
                SELECT order_id, -delivery_minor FROM lostpost_restoration
                 WHERE seller_id = %(seller)s AND state = 'received'
               ) delivery
         GROUP BY order_id
    )
    SELECT format('parcel %%s, item %%s: units found and paid again', parcel.code, item.item),
           unit.quantity_paid_again::text, coalesce(again.quantity, 0)::text
      FROM lostpost_parcelunit unit
      JOIN lostpost_parcel parcel ON parcel.seller_id = unit.seller_id AND parcel.id = unit.parcel_id
      JOIN lostpost_orderitem item ON item.seller_id = unit.seller_id AND item.id = unit.order_item_id
      LEFT JOIN (
            SELECT parcel_unit_id, sum(quantity) AS quantity FROM parts GROUP BY parcel_unit_id
           ) again ON again.parcel_unit_id = unit.id
     WHERE unit.seller_id = %(seller)s AND unit.quantity_paid_again <> coalesce(again.quantity, 0)
    UNION ALL
    SELECT format('order %%s, item %%s: units and amount paid again, commission and its VAT given back',
                  o.number, item.item),
           concat_ws(' ', item.quantity_paid_again, item.paid_again_minor, item.commission_back_minor,
                     item.commission_vat_back_minor),
           concat_ws(' ', coalesce(of_items.quantity, 0), coalesce(of_items.refund, 0),
                     coalesce(given.commission, 0) - coalesce(of_items.commission, 0),
                     coalesce(given.vat, 0) - coalesce(of_items.vat, 0))
      FROM lostpost_orderitem item
      JOIN lostpost_order o ON o.seller_id = item.seller_id AND o.id = item.order_id
      LEFT JOIN of_items ON of_items.order_item_id = item.id
      LEFT JOIN given ON given.order_item_id = item.id
     WHERE item.seller_id = %(seller)s
       AND (item.quantity_paid_again, item.paid_again_minor, item.commission_back_minor, item.commission_vat_back_minor)
           <> (coalesce(of_items.quantity, 0), coalesce(of_items.refund, 0),
               coalesce(given.commission, 0) - coalesce(of_items.commission, 0),
               coalesce(given.vat, 0) - coalesce(of_items.vat, 0))
    UNION ALL
    SELECT format('order %%s: delivery costs refunded and not paid again', o.number),
           concat_ws(' ', o.delivery_refunded_minor),
           CASE WHEN deliveries.minor IN (0, o.delivery_costs_minor) THEN deliveries.minor::text
                ELSE format('0 or %%s, not %%s', o.delivery_costs_minor, coalesce(deliveries.minor, 0)) END
      FROM lostpost_order o
      LEFT JOIN deliveries ON deliveries.order_id = o.id
     WHERE o.seller_id = %(seller)s
       AND (o.delivery_refunded_minor <> coalesce(deliveries.minor, 0)
            OR o.delivery_refunded_minor NOT IN (0, o.delivery_costs_minor))
"""
BELONGING = """
    SELECT format('write-off %%s: lines, query or refund of another order', write_off.number), count(*), 0
      FROM lostpost_writeoff write_off
      JOIN lostpost_customerquery query ON query.seller_id = write_off.seller_id AND query.id = write_off.query_id
      JOIN lostpost_refund refund ON refund.seller_id = write_off.seller_id AND refund.id = write_off.refund_id
      JOIN lostpost_writeoffline line ON line.seller_id = write_off.seller_id AND line.write_off_id = write_off.id
      JOIN lostpost_orderitem item ON item.seller_id = line.seller_id AND item.id = line.order_item_id
      JOIN lostpost_parcelunit unit ON unit.seller_id = line.seller_id AND unit.id = line.parcel_unit_id
      JOIN lostpost_parcel parcel ON parcel.seller_id = unit.seller_id AND parcel.id = unit.parcel_id
     WHERE write_off.seller_id = %(seller)s
       AND (
            query.order_id <> write_off.order_id
            OR (refund.order_id, refund.query_id) <> (write_off.order_id, write_off.query_id)
            OR (item.order_id, parcel.order_id, unit.order_item_id) <> (write_off.order_id, write_off.order_id, item.id)
       )
     GROUP BY write_off.number
"""
_NEWEST = newest_scans(
    "lostpost_scan scan WHERE scan.seller_id = %(seller)s AND NOT scan.from_future AND NOT scan.before_order"
)
PARCELS = """
    SELECT format('parcel %%s: its newest scan', parcel.code),
           concat_ws(' ', parcel.last_scanned_at, parcel.last_status, parcel.last_fingerprint,
                     CASE WHEN parcel.delivered THEN '(delivered)' END),
           concat_ws(' ', newest.scanned_at, newest.status, newest.fingerprint,
                     CASE WHEN newest.status = ANY(%(delivered)s) THEN '(delivered)' END)
      FROM lostpost_parcel parcel
      LEFT JOIN (<newest>) newest ON newest.parcel_id = parcel.id
     WHERE parcel.seller_id = %(seller)s
       AND (
            parcel.last_scanned_at IS DISTINCT FROM newest.scanned_at
            OR parcel.last_fingerprint IS DISTINCT FROM newest.fingerprint
            OR parcel.last_status <> coalesce(newest.status, '')
            OR parcel.delivered <> coalesce(newest.status = ANY(%(delivered)s), false)
       )
    UNION ALL
    SELECT format('parcel %%s: scans from before its order', parcel.code),
           count(*) FILTER (WHERE scan.before_order)::text,
           count(*) FILTER (WHERE scan.scanned_at < placed.placed_at)::text
      FROM lostpost_scan scan
      JOIN lostpost_parcel parcel ON parcel.seller_id = scan.seller_id AND parcel.id = scan.parcel_id
      JOIN lostpost_order placed ON placed.seller_id = parcel.seller_id AND placed.id = parcel.order_id
     WHERE scan.seller_id = %(seller)s
     GROUP BY parcel.code
    HAVING bool_or(scan.before_order <> (scan.scanned_at < placed.placed_at))
    UNION ALL
    SELECT format('parcel %%s: written off', parcel.code), parcel.written_off::text, counted.written_off::text
      FROM lostpost_parcel parcel
      JOIN (
            SELECT parcel_id,
                   bool_or(quantity_written_off > 0)
                   AND bool_and(quantity <= quantity_written_off + quantity_returned) AS written_off
              FROM lostpost_parcelunit WHERE seller_id = %(seller)s GROUP BY parcel_id
           ) counted ON counted.parcel_id = parcel.id
     WHERE parcel.seller_id = %(seller)s AND parcel.written_off <> counted.written_off
""".replace("<newest>", _NEWEST)

-- The claim: the counts and amounts kept on units and items are those of their write-off lines, compensations and
-- returns.
-- Parameters: seller. Returns what, found, expected for each count that differs.
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
          FROM (
                SELECT order_item_id, refund_minor FROM lostpost_writeoffline WHERE seller_id = %(seller)s
                UNION ALL
                SELECT order_item_id, items_minor FROM lostpost_compensation WHERE seller_id = %(seller)s
               ) given
         GROUP BY order_item_id
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

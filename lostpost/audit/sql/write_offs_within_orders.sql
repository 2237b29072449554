-- The claim: lines, customer query and refund of a write-off are of the order that it is of.
-- Parameters: seller. Returns what, found, expected for each write-off with something of another order.
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

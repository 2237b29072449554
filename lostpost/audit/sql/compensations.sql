-- The claim: each compensation has a refund of its amount in its query, its units are of its order, and it stands once on
-- the timeline, with one e-mail about it.
-- Parameters: seller. Returns what, found, expected for each compensation that differs.
SELECT format('compensation %%s: its refund', compensation.number),
       concat_ws(' ', refund.amount_minor, refund.currency, refund.order_id, refund.query_id),
       concat_ws(' ', compensation.amount_minor, compensation.currency, compensation.order_id, compensation.query_id)
  FROM lostpost_compensation compensation
  LEFT JOIN lostpost_refund refund ON refund.seller_id = %(seller)s AND refund.id = compensation.refund_id
 WHERE compensation.seller_id = %(seller)s
   AND (refund.amount_minor, refund.currency, refund.order_id, refund.query_id)
       IS DISTINCT FROM
       (compensation.amount_minor, compensation.currency, compensation.order_id, compensation.query_id)
UNION ALL
SELECT format('compensation %%s: query, item or parcel of another order', compensation.number), '1', '0'
  FROM lostpost_compensation compensation
  JOIN lostpost_customerquery query ON query.seller_id = %(seller)s AND query.id = compensation.query_id
  JOIN lostpost_orderitem item ON item.seller_id = %(seller)s AND item.id = compensation.order_item_id
  JOIN lostpost_parcelunit unit ON unit.seller_id = %(seller)s AND unit.id = compensation.parcel_unit_id
 WHERE compensation.seller_id = %(seller)s
   AND (query.order_id, item.order_id, unit.order_item_id)
       <> (compensation.order_id, compensation.order_id, compensation.order_item_id)
UNION ALL
SELECT format('compensation %%s: on its timeline, e-mails', compensation.number),
       concat_ws(' ', count(DISTINCT entry.id), count(DISTINCT mail.id)), '1 1'
  FROM lostpost_compensation compensation
  LEFT JOIN lostpost_timelineentry entry
    ON entry.seller_id = %(seller)s AND entry.query_id = compensation.query_id
   AND entry.kind = 'compensation.granted' AND entry.data ->> 'number' = compensation.number
  LEFT JOIN lostpost_mail mail
    ON mail.seller_id = %(seller)s AND mail.kind = 'compensation.granted' AND mail.about_id = entry.id
 WHERE compensation.seller_id = %(seller)s
 GROUP BY compensation.number
HAVING (count(DISTINCT entry.id), count(DISTINCT mail.id)) <> (1, 1)

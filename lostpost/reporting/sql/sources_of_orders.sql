-- List all sources of transfers of some orders: sales, compensations, write-offs and restorations with their
-- lines.
-- Parameters: seller, orders. Returns the ids of order and source, in the order of their creation within an order.
SELECT order_id, id FROM lostpost_sale WHERE seller_id = %(seller)s AND order_id = ANY(%(orders)s)
UNION ALL
SELECT order_id, id FROM lostpost_writeoff WHERE seller_id = %(seller)s AND order_id = ANY(%(orders)s)
UNION ALL
SELECT order_id, id FROM lostpost_compensation WHERE seller_id = %(seller)s AND order_id = ANY(%(orders)s)
UNION ALL
SELECT write_off.order_id, line.id
  FROM lostpost_writeoff write_off
  JOIN lostpost_writeoffline line ON line.seller_id = write_off.seller_id AND line.write_off_id = write_off.id
 WHERE write_off.seller_id = %(seller)s AND write_off.order_id = ANY(%(orders)s)
UNION ALL
SELECT order_id, id FROM lostpost_restoration WHERE seller_id = %(seller)s AND order_id = ANY(%(orders)s)
UNION ALL
SELECT restoration.order_id, line.id
  FROM lostpost_restoration restoration
  JOIN lostpost_restorationline line
    ON line.seller_id = restoration.seller_id AND line.restoration_id = restoration.id
 WHERE restoration.seller_id = %(seller)s AND restoration.order_id = ANY(%(orders)s)
ORDER BY 1, 2

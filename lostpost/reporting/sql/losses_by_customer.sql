-- Orders that were written off as lost since a moment, by the customer's address over all shops.
-- Parameters: since; least, how many must be lost; most, how many rows; of_seller and of_order: only the customer of this
-- order (NULL: all). Returns name, shop, lost, orders, found. The address is looked up in an index of its own.
WITH lost AS (
    SELECT lower(o.customer_email) COLLATE "C" AS customer, count(DISTINCT (w.seller_id, w.order_id)) AS orders,
           count(DISTINCT (w.seller_id, w.order_id)) FILTER (WHERE restoration.id IS NOT NULL) AS found
      FROM lostpost_writeoff w
      JOIN lostpost_order o ON o.seller_id = w.seller_id AND o.id = w.order_id
      LEFT JOIN lostpost_restoration restoration
        ON restoration.seller_id = w.seller_id AND restoration.write_off_id = w.id AND restoration.state <> 'withdrawn'
     WHERE w.confirmed_at >= %(since)s
       AND (%(of_order)s::uuid IS NULL OR lower(o.customer_email) COLLATE "C" = (
                SELECT lower(customer_email) COLLATE "C" FROM lostpost_order
                 WHERE seller_id = %(of_seller)s AND id = %(of_order)s))
     GROUP BY 1
    HAVING count(DISTINCT (w.seller_id, w.order_id)) >= %(least)s
     ORDER BY 2 DESC, 1
     LIMIT %(most)s
)
SELECT lost.customer, '', lost.orders, placed.orders, lost.found
  FROM lost
 CROSS JOIN LATERAL (
        SELECT count(*) AS orders FROM lostpost_order o
         WHERE lower(o.customer_email) COLLATE "C" = lost.customer AND o.placed_at >= %(since)s
       ) placed
 ORDER BY lost.orders DESC, lost.customer

-- Orders that somebody of a shop, or a program, wrote off as lost since a moment, of all orders of that shop.
-- Parameters: since; least, how many must be lost; most, how many rows; of_seller: only of this shop (NULL: all); of_order
-- is not looked at. Returns name, shop, lost, orders, found.
WITH lost AS (
    SELECT w.seller_id, w.by_user_id, w.by_name, count(DISTINCT w.order_id) AS orders,
           count(DISTINCT w.order_id) FILTER (WHERE restoration.id IS NOT NULL) AS found
      FROM lostpost_writeoff w
      LEFT JOIN lostpost_restoration restoration
        ON restoration.seller_id = w.seller_id AND restoration.write_off_id = w.id AND restoration.state <> 'withdrawn'
     WHERE w.confirmed_at >= %(since)s
       AND (%(of_seller)s::uuid IS NULL OR w.seller_id = %(of_seller)s)
     GROUP BY 1, 2, 3
    HAVING count(DISTINCT w.order_id) >= %(least)s
     ORDER BY 4 DESC, 3
     LIMIT %(most)s
)
SELECT lost.by_name, seller.name, lost.orders, placed.orders, lost.found
  FROM lost
  JOIN lostpost_seller seller ON seller.id = lost.seller_id
 CROSS JOIN LATERAL (
        SELECT count(*) AS orders FROM lostpost_order o
         WHERE o.seller_id = lost.seller_id AND o.placed_at >= %(since)s
       ) placed
 ORDER BY lost.orders DESC, lost.by_name

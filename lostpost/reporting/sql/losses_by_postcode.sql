-- Orders that were written off as lost since a moment, by the country and postcode where they were to be delivered, over
-- all shops; orders of which nobody said it count for none.
-- Parameters: since; least, how many must be lost; most, how many rows; of_seller and of_order: only the postcode of this
-- order (NULL: all). Returns name, shop, lost, orders, found. The postcode is looked up in an index of its own.
WITH lost AS (
    SELECT o.customer_country AS country, o.customer_postal_code_normalised AS postcode,
           max(o.customer_postal_code) AS name, count(DISTINCT (w.seller_id, w.order_id)) AS orders,
           count(DISTINCT (w.seller_id, w.order_id)) FILTER (WHERE restoration.id IS NOT NULL) AS found
      FROM lostpost_writeoff w
      JOIN lostpost_order o ON o.seller_id = w.seller_id AND o.id = w.order_id
      LEFT JOIN lostpost_restoration restoration
        ON restoration.seller_id = w.seller_id AND restoration.write_off_id = w.id AND restoration.state <> 'withdrawn'
     WHERE w.confirmed_at >= %(since)s AND o.customer_postal_code_normalised <> ''
       AND (%(of_order)s::uuid IS NULL OR (o.customer_country, o.customer_postal_code_normalised) = (
                SELECT customer_country, customer_postal_code_normalised FROM lostpost_order
                 WHERE seller_id = %(of_seller)s AND id = %(of_order)s))
     GROUP BY 1, 2
    HAVING count(DISTINCT (w.seller_id, w.order_id)) >= %(least)s
     ORDER BY 4 DESC, 1, 2
     LIMIT %(most)s
)
SELECT concat_ws(' ', lost.country, upper(lost.name)), '', lost.orders, placed.orders, lost.found
  FROM lost
 CROSS JOIN LATERAL (
        SELECT count(*) AS orders FROM lostpost_order o
         WHERE o.customer_country = lost.country AND o.customer_postal_code_normalised = lost.postcode
           AND o.customer_postal_code_normalised <> '' AND o.placed_at >= %(since)s
       ) placed
 ORDER BY lost.orders DESC, lost.country, lost.postcode

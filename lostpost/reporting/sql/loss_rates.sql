-- Count the parcels that sellers sent themselves since a moment, and those of them of which anything was written off: by
-- month of the hand-over, by carrier, by country, and all together.
-- Parameters: since; zone, in whose months they are counted; seller. Part: of_shop, a condition on the seller, or `true`.
-- Returns what it is counted by, month, carrier (as compared), its name, country, sent, lost.
SELECT CASE grouping(month, carrier, country) WHEN 3 THEN 'month' WHEN 5 THEN 'carrier' WHEN 6 THEN 'country' ELSE 'all' END,
       month, carrier, max(carrier_name), country, count(*), count(*) FILTER (WHERE any_written_off)
  FROM (
        SELECT date_trunc('month', parcel.shipped_at AT TIME ZONE %(zone)s)::date AS month,
               parcel.carrier_normalised AS carrier, parcel.carrier AS carrier_name, placed.customer_country AS country,
               parcel.any_written_off
          FROM lostpost_parcel parcel
          JOIN lostpost_order placed ON placed.seller_id = parcel.seller_id AND placed.id = parcel.order_id
         WHERE <of_shop> AND parcel.shipping_method = 'own' AND parcel.shipped_at >= %(since)s
       ) sent
 GROUP BY GROUPING SETS ((month), (carrier), (country), ())

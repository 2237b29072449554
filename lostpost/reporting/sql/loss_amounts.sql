-- Add up the refunds for what was written off of parcels that were handed over since a moment: by month of the hand-over,
-- carrier and country, in each currency.
-- Parameters: since; zone, in whose months; seller. Part: of_shop, a condition on the write-off's seller, or `true`.
-- Returns what it is added up by, month, carrier (as compared), country, currency, amount.
SELECT CASE grouping(month, carrier, country) WHEN 3 THEN 'month' WHEN 5 THEN 'carrier' WHEN 6 THEN 'country' ELSE 'all' END,
       month, carrier, country, currency, sum(refund_minor)::bigint
  FROM (
        SELECT date_trunc('month', parcel.shipped_at AT TIME ZONE %(zone)s)::date AS month,
               parcel.carrier_normalised AS carrier, placed.customer_country AS country,
               write_off.currency, line.refund_minor
          FROM lostpost_writeoff write_off
          JOIN lostpost_writeoffline line
            ON line.seller_id = write_off.seller_id AND line.write_off_id = write_off.id
          JOIN lostpost_parcelunit unit ON unit.seller_id = line.seller_id AND unit.id = line.parcel_unit_id
          JOIN lostpost_parcel parcel ON parcel.seller_id = unit.seller_id AND parcel.id = unit.parcel_id
          JOIN lostpost_order placed ON placed.seller_id = write_off.seller_id AND placed.id = write_off.order_id
         WHERE <of_shop> AND write_off.confirmed_at >= %(since)s
           AND parcel.shipping_method = 'own' AND parcel.shipped_at >= %(since)s
       ) lost
 GROUP BY GROUPING SETS ((month, currency), (carrier, currency), (country, currency), (currency))
 ORDER BY currency

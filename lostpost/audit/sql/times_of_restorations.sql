-- The claim: when a restoration was agreed, paid with which reference, or withdrawn for which reason, and which delivery
-- costs it no longer asks for, is what its timeline says.
-- Parameters: seller. Returns what, found, expected for each that differs.
WITH recorded AS (
    SELECT number, 'restoration.agreed' AS kind, agreed_at AS at, NULL AS said
      FROM lostpost_restoration WHERE seller_id = %(seller)s
     UNION ALL
    SELECT number, 'restoration.received', received_at, reference
      FROM lostpost_restoration WHERE seller_id = %(seller)s AND state = 'received'
     UNION ALL
    SELECT number, 'restoration.withdrawn', withdrawn_at, reason
      FROM lostpost_restoration WHERE seller_id = %(seller)s AND state = 'withdrawn'
), entry AS (
    SELECT data ->> 'number' AS number, kind, at, coalesce(data ->> 'reference', data ->> 'reason') AS said
      FROM lostpost_timelineentry
     WHERE seller_id = %(seller)s
       AND kind IN ('restoration.agreed', 'restoration.received', 'restoration.withdrawn')
)
SELECT format('restoration %%s: %%s', number, kind),
       concat_ws(' ', recorded.at, recorded.said), concat_ws(' ', entry.at, entry.said)
  FROM recorded
  FULL JOIN entry USING (number, kind)
 WHERE (recorded.at, recorded.said) IS DISTINCT FROM (entry.at, entry.said)
UNION ALL
SELECT format('restoration %%s: delivery costs that it no longer asks for', restoration.number),
       restoration.delivery_waived_minor::text, coalesce(waived.minor, 0)::text
  FROM lostpost_restoration restoration
  LEFT JOIN (
        SELECT data ->> 'number' AS number, (data ->> 'delivery_minor')::bigint AS minor
          FROM lostpost_timelineentry
         WHERE seller_id = %(seller)s AND kind = 'restoration.delivery-waived'
       ) waived ON waived.number = restoration.number
 WHERE restoration.seller_id = %(seller)s AND restoration.delivery_waived_minor <> coalesce(waived.minor, 0)

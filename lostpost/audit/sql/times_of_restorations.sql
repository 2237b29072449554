-- The claim: when a restoration was agreed, paid with which reference, or withdrawn for which reason, is what its
-- timeline says.
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

-- Find the scan of each parcel that counts: its newest movement where that ends the journey, else its newest scan. Of
-- two scans of one instant the later in the journey is the newer; then text counts, by code points (hence "C"). A scan
-- whose time is a latest reading may have come before an end within the 24 hours before it: it does not undo that, nor
-- does what the shop itself sent, however much later.
-- Parameters: journey, final and no_movement of STATUSES. Part: scans, the FROM clause: scans that are not flagged.
-- Returns a scan of each parcel, with rank, ends (the journey, whatever came after it) and any_moves.
SELECT DISTINCT ON (parcel_id) *
  FROM (
        SELECT ranked.*,
               status = ANY(%(final)s) AND 1 = count(*) FILTER (WHERE moves) OVER (
                   PARTITION BY parcel_id
                       ORDER BY scanned_at DESC, rank DESC, text COLLATE "C" DESC, location COLLATE "C" DESC,
                                code COLLATE "C" DESC, fingerprint DESC
                        ROWS UNBOUNDED PRECEDING
               ) AS ends,
               bool_or(moves) OVER (PARTITION BY parcel_id) AS any_moves
          FROM (
                SELECT parcel_id, scanned_at, fingerprint, status, code, text, location,
                       array_position(%(journey)s::text[], status::text) - 1 AS rank,
                       status <> ALL(%(no_movement)s) AND (
                           time_certainty <> '' AND status <> ALL(%(final)s)
                           AND scanned_at - max(scanned_at) FILTER (WHERE status = ANY(%(final)s))
                                            OVER (PARTITION BY parcel_id)
                               BETWEEN interval '0' AND CASE WHEN time_certainty = 'sent-by-shop'
                                                             THEN interval '100 years' ELSE interval '24 hours' END
                       ) IS NOT TRUE AS moves
                  FROM <scans>
               ) ranked
       ) scanned
 ORDER BY parcel_id, ends DESC, scanned_at DESC, rank DESC, text COLLATE "C" DESC, location COLLATE "C" DESC,
       code COLLATE "C" DESC, fingerprint DESC

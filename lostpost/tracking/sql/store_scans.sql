-- Insert scans of locked parcels, and move each parcel's newest scan forward. Only a new scan can change a parcel.
-- Nearly always the newest of what came decides alone: forward, never back. Where it does not (a parcel that was
-- delivered moves again, or an end comes late that something older or newer may outdo), the parcel is named, to be
-- worked out from all its scans. The feed announces each parcel whose status changed.
-- Parameters: seller, counter, now; rows; ahead_seconds, from which a scan is from the future, and uncertain_seconds
-- where its time is a latest reading; ended, the parcels whose journey has ended; delivered, final and others of STATUSES.
-- Parts: newest, the query for the stored scan of each parcel that counts; counting and recording, which add what
-- `announced` has to the feed. Returns how many scans are new, the parcels to be worked out, and those that moved after a
-- write-off.
WITH stored AS (
    INSERT INTO lostpost_scan AS scan (
        seller_id, parcel_id, scanned_at, fingerprint, status, code, text, location, received_at, from_future,
        before_order, by_number, utc_offset_minutes, time_certainty
    )
    SELECT %(seller)s, sent.parcel_id, sent.scanned_at, sent.fingerprint, sent.status, sent.code, sent.text,
           sent.location, coalesce(sent.received_at, %(now)s),
           sent.scanned_at > coalesce(sent.received_at, %(now)s) + make_interval(
               secs => CASE WHEN sent.time_certainty <> '' THEN %(uncertain_seconds)s ELSE %(ahead_seconds)s END
           ),
           sent.scanned_at < placed.placed_at, coalesce(sent.by_number, false), sent.utc_offset_minutes,
           coalesce(sent.time_certainty, '')
      FROM jsonb_to_recordset(%(rows)s::jsonb) AS sent (
           parcel_id uuid, order_id uuid, scanned_at timestamptz, fingerprint uuid, status text, code text,
           text text, location text, by_number boolean, received_at timestamptz, utc_offset_minutes smallint,
           time_certainty text
      )
      JOIN lostpost_order placed ON placed.seller_id = %(seller)s AND placed.id = sent.order_id
    ON CONFLICT (seller_id, parcel_id, scanned_at, fingerprint) DO UPDATE
       SET from_future = false, received_at = EXCLUDED.received_at
     WHERE scan.seller_id = %(seller)s AND scan.from_future AND NOT EXCLUDED.from_future
       AND scan.status = EXCLUDED.status
    RETURNING parcel_id, scanned_at, fingerprint, status, code, text, location, from_future, before_order,
              time_certainty
), newest AS (<newest>), before AS (
    SELECT parcel.id, parcel.last_status
      FROM newest
      JOIN lostpost_parcel parcel ON parcel.seller_id = %(seller)s AND parcel.id = newest.parcel_id
), moved AS (
    UPDATE lostpost_parcel parcel
       SET last_scanned_at = newest.scanned_at, last_status = newest.status, last_rank = newest.rank,
           last_fingerprint = newest.fingerprint, last_text = newest.text, last_location = newest.location,
           last_code = newest.code, delivered = newest.status = ANY(%(delivered)s)
      FROM newest
     WHERE parcel.seller_id = %(seller)s AND parcel.id = newest.parcel_id
       AND (newest.status = ANY(%(final)s) OR parcel.last_status <> ALL(%(final)s))
       AND (
            parcel.last_scanned_at IS NULL
            OR (
                newest.scanned_at, newest.rank, newest.text COLLATE "C", newest.location COLLATE "C",
                newest.code COLLATE "C", newest.fingerprint
            ) > (
                parcel.last_scanned_at, parcel.last_rank, parcel.last_text COLLATE "C",
                parcel.last_location COLLATE "C", parcel.last_code COLLATE "C", parcel.last_fingerprint
            )
       )
    RETURNING parcel.id, parcel.order_id, parcel.code, parcel.last_status, parcel.last_scanned_at,
              parcel.any_written_off
), announced AS (
    SELECT 'parcel.status-changed' AS type,
           jsonb_build_object(
               'parcel', moved.code, 'order_number', placed.number, 'status', moved.last_status,
               'previous_status', nullif(before.last_status, ''),
               'scanned_at', replace(to_jsonb(moved.last_scanned_at) #>> '{}', '+00:00', 'Z')
           ) AS data
      FROM moved
      JOIN before ON before.id = moved.id AND before.last_status <> moved.last_status
      JOIN lostpost_order placed ON placed.seller_id = %(seller)s AND placed.id = moved.order_id
), counted AS (<counting>), recorded AS (<recording>)
SELECT new_scans.stored, unclear.parcels, (SELECT array_agg(id) FROM moved WHERE any_written_off)
  FROM (SELECT count(*) AS stored FROM stored) new_scans
 CROSS JOIN (
        SELECT array_agg(newest.parcel_id) AS parcels
          FROM newest
          LEFT JOIN moved ON moved.id = newest.parcel_id
         WHERE moved.id IS NULL
           AND (newest.status = ANY(%(final)s) OR (newest.any_moves AND newest.parcel_id = ANY(%(ended)s::uuid[])))
       ) unclear

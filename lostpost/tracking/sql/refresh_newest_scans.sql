-- Determine again which scan counts on each of some parcels; one without scans has none. The feed
-- announces each whose status changed.
-- Parameters: seller, counter, now; parcels; delivered and others of STATUSES. Parts: newest, the query newest_scans of the parcels;
-- counting and recording, which add what `announced` has to the feed. Returns those of them in which anything was written off.
WITH newest AS (<newest>), before AS (
    SELECT id, last_status FROM lostpost_parcel WHERE seller_id = %(seller)s AND id = ANY(%(parcels)s)
), refreshed AS (
    UPDATE lostpost_parcel parcel
       SET last_scanned_at = newest.scanned_at, last_status = coalesce(newest.status, ''),
           last_rank = coalesce(newest.rank, 0), last_fingerprint = newest.fingerprint,
           last_text = coalesce(newest.text, ''), last_location = coalesce(newest.location, ''),
           last_code = coalesce(newest.code, ''),
           delivered = coalesce(newest.status = ANY(%(delivered)s), false)
      FROM unnest(%(parcels)s::uuid[]) AS named (id)
      LEFT JOIN newest ON newest.parcel_id = named.id
     WHERE parcel.seller_id = %(seller)s AND parcel.id = named.id
    RETURNING parcel.id, parcel.order_id, parcel.code, parcel.last_status, parcel.last_scanned_at, parcel.any_written_off
), announced AS (
    SELECT 'parcel.status-changed' AS type,
           jsonb_build_object(
               'parcel', refreshed.code, 'order_number', placed.number,
               'status', nullif(refreshed.last_status, ''), 'previous_status', nullif(before.last_status, ''),
               'scanned_at', replace(to_jsonb(refreshed.last_scanned_at) #>> '{}', '+00:00', 'Z')
           ) AS data
      FROM refreshed
      JOIN before ON before.id = refreshed.id AND before.last_status <> refreshed.last_status
      JOIN lostpost_order placed ON placed.seller_id = %(seller)s AND placed.id = refreshed.order_id
), counted AS (<counting>), recorded AS (<recording>)
SELECT id FROM refreshed WHERE any_written_off

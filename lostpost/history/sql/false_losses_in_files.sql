-- Count the parcels that were written off, and those of them that came after all, as insight/sql/false_losses.sql does;
-- read by DuckDB from the files.
-- Parameters: since, from which on write-offs count; delivered, of STATUSES. Returns carrier (as compared), its name,
-- version of the policy, parcels, how many of these came.
SELECT carrier_normalised, max(carrier), policy_version, count(*), count(*) FILTER (WHERE came)
  FROM (
        SELECT parcel.seller_id, parcel.id, parcel.carrier_normalised, parcel.carrier, decision.policy_version,
               bool_or(
                   (
                    parcel.delivered
                    AND (
                         parcel.last_scanned_at > decision.confirmed_at OR late.received_at > decision.confirmed_at
                    )
                   )
                   OR said.write_off_id IS NOT NULL
               ) AS came
          FROM decisions decision
          JOIN parcels parcel ON parcel.seller_id = decision.seller_id AND parcel.id = decision.parcel_id
          LEFT JOIN (
                SELECT seller_id, parcel_id, max(received_at) AS received_at
                  FROM scans
                 WHERE status = ANY(%(delivered)s) AND NOT from_future AND NOT before_order
                 GROUP BY 1, 2
               ) late
            ON late.seller_id = decision.seller_id AND late.parcel_id = decision.parcel_id
          LEFT JOIN (SELECT DISTINCT seller_id, write_off_id, parcel_id FROM outcomes WHERE kind = 'customer') said
            ON said.seller_id = decision.seller_id AND said.write_off_id = decision.write_off_id
           AND said.parcel_id = decision.parcel_id
         WHERE decision.confirmed_at >= %(since)s
         GROUP BY 1, 2, 3, 4, 5
       ) lost
 GROUP BY 1, 3
 ORDER BY 1, 3

-- Read the policy in force, the state of a query, how many write-offs it has, and the day of its shop with the holds that
-- stand in it.
-- Parameters: seller, order, query, now; zone, where nobody has decided on a policy. Returns one row. Every part is looked
-- up by its key, so there is one sensible plan.
SELECT policy.version, policy.values::text, history.of_query,
       CASE WHEN query.back_from_partnerservice_at <= %(now)s THEN 'open' ELSE query.state END,
       calendar.day, spent.write_offs, spent.amounts, holds.released, holds.stopped, holds.reason
  FROM (
        SELECT count(*) FILTER (WHERE query_id = %(query)s) AS of_query
          FROM lostpost_writeoff
         WHERE seller_id = %(seller)s AND order_id = %(order)s
       ) history
  JOIN lostpost_customerquery query ON query.seller_id = %(seller)s AND query.id = %(query)s
  LEFT JOIN (SELECT version, values FROM lostpost_policyversion ORDER BY version DESC LIMIT 1) policy
    ON true
 CROSS JOIN LATERAL (
        SELECT (%(now)s AT TIME ZONE coalesce(policy.values->>'time_zone', %(zone)s))::date AS day
       ) calendar
  LEFT JOIN lostpost_writeoffday spent ON spent.seller_id = %(seller)s AND spent.day = calendar.day
 CROSS JOIN LATERAL (
        SELECT count(*) FILTER (WHERE hold.state = 'released') AS released,
               max(hold.kind) FILTER (WHERE hold.state <> 'released') AS stopped,
               max(hold.reason) FILTER (WHERE hold.state <> 'released') AS reason
          FROM lostpost_hold hold
         WHERE hold.seller_id = %(seller)s
           AND (hold.day = calendar.day
                OR hold.day IS NULL AND hold.state <> 'released'
                   AND (hold.order_id IS NULL OR hold.order_id = %(order)s))
       ) holds

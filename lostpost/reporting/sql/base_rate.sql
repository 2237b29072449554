-- The rate of losses of the whole marketplace: orders written off since a moment, orders placed since, and of how many of
-- the former a payment was restored.
-- Parameters: since. Returns lost, orders, found.
SELECT (SELECT count(DISTINCT (lost.seller_id, lost.order_id))
          FROM lostpost_writeoff lost WHERE lost.confirmed_at >= %(since)s),
       (SELECT count(*) FROM lostpost_order placed WHERE placed.placed_at >= %(since)s),
       (SELECT count(DISTINCT (again.seller_id, again.order_id))
          FROM lostpost_restoration again WHERE again.agreed_at >= %(since)s AND again.state <> 'withdrawn')

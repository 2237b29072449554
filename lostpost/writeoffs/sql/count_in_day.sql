-- A part of the statement that announces a write-off: counts it in its shop's day. It reads the feed's counter first, so
-- that all confirmations lock the two in one order.
-- Parameters: seller; day, day_id of a row that may be new; currency, refund_minor. Returns the day's write_offs, amounts.
INSERT INTO lostpost_writeoffday AS day (seller_id, id, day, write_offs, amounts)
SELECT %(seller)s, %(day_id)s, %(day)s, 1, jsonb_build_object(%(currency)s::text, %(refund_minor)s::bigint)
  FROM counted
ON CONFLICT ON CONSTRAINT write_off_day_counted_once DO UPDATE
   SET write_offs = day.write_offs + 1,
       amounts = jsonb_set(
           day.amounts, ARRAY[%(currency)s::text],
           (coalesce((day.amounts->>%(currency)s)::bigint, 0) + %(refund_minor)s::bigint)::text::jsonb)
RETURNING write_offs, amounts

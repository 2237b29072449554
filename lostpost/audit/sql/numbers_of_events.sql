-- The claim: events of a shop's feed are numbered from 1 without a gap, up to its counter.
-- Parameters: seller. Returns what, found, expected where that is not so.
SELECT 'events in the feed: how many, and the last number', concat_ws(' ', events.count, events.last),
       concat_ws(' ', coalesce(counter.last, 0), coalesce(counter.last, 0))
  FROM (SELECT count(*) AS count, coalesce(max(sequence), 0) AS last
          FROM lostpost_event WHERE seller_id = %(seller)s) events
  LEFT JOIN lostpost_eventcounter counter ON counter.seller_id = %(seller)s
 WHERE (events.count, events.last) <> (coalesce(counter.last, 0), coalesce(counter.last, 0))
UNION ALL
-- Who deletes the newest events with their counter has to know who has read them.
SELECT format('events in the feed: the last number, and what %%s got', reader.name), events.last::text,
       format('at least %%s', reader.last)
  FROM (SELECT coalesce(max(sequence), 0) AS last FROM lostpost_event WHERE seller_id = %(seller)s) events,
       (
        SELECT 'notices' AS name, last FROM lostpost_noticecursor WHERE seller_id = %(seller)s
        UNION ALL
        SELECT 'webhook ' || name, delivered FROM lostpost_webhook WHERE seller_id = %(seller)s
       ) reader
 WHERE reader.last > events.last

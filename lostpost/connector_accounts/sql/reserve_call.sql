-- Reserve the next call of an account: one row, so that all workers together keep its pace and its budget.
-- Parameters: account; now; day, in UTC; most, calls of that day; latest, the latest beginning that the caller waits
-- for. Returns when the call may begin; no row where the day's calls are spent or it could not begin in time.
UPDATE lostpost_connectoraccount
   SET day = %(day)s,
       calls = CASE WHEN day = %(day)s THEN calls + 1 ELSE 1 END,
       next_call_at = greatest(next_call_at, %(now)s) + milliseconds_between_calls * interval '1 millisecond'
 WHERE id = %(account)s
   AND (day IS DISTINCT FROM %(day)s OR calls < %(most)s)
   AND %(most)s > 0
   AND coalesce(next_call_at, %(now)s) <= %(latest)s
RETURNING next_call_at - milliseconds_between_calls * interval '1 millisecond'

-- Makes the lease of the record last from now, if it is still the caller's and in progress.
-- ARGV: owner token, milliseconds that the lease lasts, milliseconds that an abandoned record then stays
-- (empty: another request may take it over; -1: for ever).
local record = read()
if not holds(record, ARGV[1]) then
  return 0
end
record.lease_end = milliseconds(redis.call('TIME')) + ARGV[2]
rewrite(in_progress(record, record.state), lifetime(ARGV[2], ARGV[3]))
return 1

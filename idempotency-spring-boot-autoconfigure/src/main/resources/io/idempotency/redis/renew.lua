-- Makes the lease of the record last from now, if it is still the caller's and in progress.
-- ARGV: owner token, milliseconds that the lease lasts, milliseconds that an abandoned record then stays
-- (empty: another request may take it over; -1: for ever).
local record = read()
if not holds(record, ARGV[1]) then
  return 0
end
local now = milliseconds(redis.call('TIME'))
record.lease_end = now + ARGV[2]
rewrite(open(record, record.state), lifetime(record, now, ARGV[2], ARGV[3]))
return 1

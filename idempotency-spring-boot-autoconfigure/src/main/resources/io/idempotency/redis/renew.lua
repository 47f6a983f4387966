-- Renews the lease from now if the caller still holds it.
-- ARGV: owner token, duration of the lease in milliseconds, how many milliseconds an abandoned record is kept after
-- that (empty: another request may take it over, -1: for ever).
local record = read()
if not holds(record, ARGV[1]) then
  return 0
end
local now = milliseconds(redis.call('TIME'))
record.lease_end = now + ARGV[2]
rewrite(open(record, record.state), lifetime(record, now, ARGV[2], ARGV[3]))
return 1
